// Converts columns to Parquet files and back. The bytes depend only on the rows, the schema and the footer's
// key-values. So the file of an unchanged country keeps its SHA-256.
import {
  Compression,
  Encoding,
  type RecordBatch,
  readParquet as readWasm,
  Table,
  transformParquetStream,
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

/** Rows in the writer's memory: for a file of their own, and as a part of a larger file. */
export interface ParquetRows {
  /** Writes a file of these rows. Call it only once. */
  readonly writeFile: () => Uint8Array;
  /** The rows for `ParquetStream.append`. */
  readonly takeBatch: () => RecordBatch;
  /** Frees the memory. Batches that were taken stay usable. */
  readonly free: () => void;
}

/**
 * Copies rows into the writer's memory, once for all files. Files are compressed with ZSTD. `keyValues` go into their
 * footers, and into the Arrow schema there.
 */
export function createParquetRows(
  schema: readonly ColumnSchema[],
  columns: Columns,
  keyValues: ReadonlyMap<string, string>,
): ParquetRows {
  const table = Table.fromIPCStream(writeDescribedStream(schema, columns, keyValues));
  const batch = table.recordBatch(0) as RecordBatch;
  const footer = footerKeyValues(schema, keyValues);
  let isWritten = false;
  return {
    writeFile: () => {
      // The writer consumes the table. `batch` shares its memory and stays usable.
      isWritten = true;
      return sortKeyValues(writeWasm(table, propertiesOf(schema, footer)), footer);
    },
    takeBatch: () => batch.slice(0, columns.length),
    free: () => {
      batch.free();
      if (!isWritten) table.free();
    },
  };
}

/** A Parquet file that is written part by part. Only its compressed bytes and the current row group are in memory. */
export interface ParquetStream {
  /** Appends rows, and waits until the writer has taken them. */
  readonly append: (rows: ParquetRows) => Promise<void>;
  /** Ends the file and returns it. At least one part must have been appended: its schema is that of the file. */
  readonly finish: () => Promise<Uint8Array>;
}

/** Creates an empty file. The bytes depend on the rows and on their parts: pages end where a part ends. */
export function createParquetStream(
  schema: readonly ColumnSchema[],
  keyValues: ReadonlyMap<string, string>,
): ParquetStream {
  const footer = footerKeyValues(schema, keyValues);
  const { readable, writable } = new TransformStream<RecordBatch, RecordBatch>();
  const file = collect(transformParquetStream(readable, propertiesOf(schema, footer)));
  // `finish` throws this error.
  file.catch(() => {});
  const parts = writable.getWriter();
  return {
    append: (rows) => parts.write(rows.takeBatch()),
    finish: async () => {
      await Promise.race([parts.close(), file]);
      return sortKeyValues(await file, footer);
    },
  };
}

async function collect(stream: Promise<ReadableStream<Uint8Array>>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const footerKeyValues = (schema: readonly ColumnSchema[], keyValues: ReadonlyMap<string, string>) =>
  new Map([...keyValues, [SPARK_KEY, sparkSchema(schema)]]);

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
  const rows = createParquetRows(schema, columns, keyValues);
  try {
    return rows.writeFile();
  } finally {
    rows.free();
  }
}

/**
 * Reads the columns of the schema.
 * @throws {Error} if the bytes are no Parquet file, or a column is missing or of another type
 */
export function readParquet(schema: readonly ColumnSchema[], bytes: Uint8Array): Columns {
  return readArrow(schema, readWasm(bytes).intoIPCStream());
}
