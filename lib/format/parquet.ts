// Columns to Parquet files. The bytes are a function of the rows, the schema and the footer's key-values alone: a
// country that did not change keeps its file's SHA-256.
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

/** Parquet: not the package's version, so that a new one alone rewrites no file. */
export const CREATED_BY = `dtm-exporter version ${PARQUET_VERSION}.0.0 (build parquet-wasm-0.8.0)`;

/** A country's rows lie together, so a reader of one country skips the other row groups. */
export const ROW_GROUP_SIZE = 20_000;

/** A table in the writer's memory, until it is freed: Parquet files are made of all of its rows, once, and of parts. */
export interface ParquetTable {
  readonly writeAll: () => Uint8Array;
  /** A file of the rows `start` to `end` (exclusive). */
  readonly writePart: (start: number, end: number) => Uint8Array;
  readonly free: () => void;
}

/** Hands the described columns to the writer, once for all files: ZSTD, with `keyValues` in their footers and in the Arrow schema there. */
export function createParquetTable(
  schema: readonly ColumnSchema[],
  columns: Columns,
  keyValues: ReadonlyMap<string, string>,
): ParquetTable {
  const table = Table.fromIPCStream(writeDescribedStream(schema, columns, keyValues));
  const rows = table.recordBatch(0) as RecordBatch;
  // Writing takes the table away; the rows, which are the same memory, stay.
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

/** One Parquet file of all rows. */
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

/** The described columns of a Parquet file. @throws {Error} if it is not one, or has other columns */
export function readParquet(schema: readonly ColumnSchema[], bytes: Uint8Array): Columns {
  return readArrow(schema, readWasm(bytes).intoIPCStream());
}
