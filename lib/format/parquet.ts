// Converts columns to Parquet files and back. The bytes depend only on the rows, the schema and the footer's
// key-values. So the file of an unchanged country keeps its SHA-256.
import {
  Compression,
  Encoding,
  type RecordBatch,
  readParquet as readWasm,
  Table,
  type WriterProperties,
  WriterPropertiesBuilder,
  writeParquet as writeWasm,
} from 'parquet-wasm/node';
import type { Columns } from '../table/columns.ts';
import type { ColumnSchema } from '../table/definitions.ts';
import { readArrow, writeDescribedStream } from './arrow.ts';
import { sortKeyValues } from './key-values.ts';
import { SPARK_KEY, sparkSchema } from './spark-schema.ts';
import { PARQUET_VERSION } from './version.ts';

/**
 * The footer's `created_by`. It has the format's version, not the package's, so a new package version changes no file.
 */
export const CREATED_BY = `dtm-exporter version ${PARQUET_VERSION}.0.0 (build parquet-wasm-0.8.0)`;

/** Rows of a row group. Rows are sorted by country, so a reader of one country skips the other row groups. */
export const ROW_GROUP_SIZE = 20_000;

/** A table in the writer's memory, from which several Parquet files are written. */
export interface ParquetTable {
  /** Writes all rows. Call it only once. */
  readonly writeAll: () => Uint8Array;
  /** Writes the rows `start` to `end` (exclusive). */
  readonly writePart: (start: number, end: number) => Uint8Array;
  /** Frees the memory. */
  readonly free: () => void;
}

/**
 * Copies the columns of the schema into the writer's memory, once for all files. The files are compressed with ZSTD.
 * `keyValues` go into their footers, and into the Arrow schema there.
 */
export function createParquetTable(
  schema: readonly ColumnSchema[],
  columns: Columns,
  keyValues: ReadonlyMap<string, string>,
): ParquetTable {
  const table = Table.fromIPCStream(writeDescribedStream(schema, columns, keyValues));
  const rows = table.recordBatch(0) as RecordBatch;
  // `writeAll` consumes the table. `rows` shares its memory and stays usable.
  const footerKeyValues = new Map([...keyValues, [SPARK_KEY, sparkSchema(schema)]]);
  const write = (part: Table): Uint8Array =>
    sortKeyValues(writeWasm(part, propertiesOf(schema, footerKeyValues)), footerKeyValues);
  return {
    writeAll: () => write(table),
    writePart: (start, end) => write(Table.fromIPCStream(rows.slice(start, end - start).intoIPCStream())),
    free: () => rows.free(),
  };
}

function propertiesOf(
  schema: readonly ColumnSchema[],
  keyValues: ReadonlyMap<string, string>,
): WriterProperties {
  let properties = new WriterPropertiesBuilder()
    .setCompression(Compression.ZSTD)
    .setMaxRowGroupSize(ROW_GROUP_SIZE)
    .setCreatedBy(CREATED_BY)
    .setKeyValueMetadata(new Map(keyValues));
  for (const { name, type } of schema) {
    if (type === 'string' || type === 'boolean') continue;
    properties = properties
      .setColumnDictionaryEnabled(name, false)
      .setColumnEncoding(name, Encoding.DELTA_BINARY_PACKED);
  }
  return properties.build();
}

/** Writes one Parquet file of all rows. */
export function writeParquet(
  schema: readonly ColumnSchema[],
  columns: Columns,
  keyValues: ReadonlyMap<string, string>,
): Uint8Array {
  const table = createParquetTable(schema, columns, keyValues);
  try {
    return table.writeAll();
  } finally {
    table.free();
  }
}

/**
 * Reads the columns of the schema.
 * @throws {Error} if the bytes are no Parquet file, or a column is missing or of another type
 */
export function readParquet(schema: readonly ColumnSchema[], bytes: Uint8Array): Columns {
  return readArrow(schema, readWasm(bytes).intoIPCStream());
}
