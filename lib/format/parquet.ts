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
import { type Columns, emptyColumns } from '../table/columns.ts';
import type { ColumnSchema } from '../table/definitions.ts';
import { writeDescribedStream } from './arrow.ts';
import { sortKeyValues } from './key-values.ts';
import { readArrow } from './read-arrow.ts';
import { SPARK_KEY, sparkSchema } from './spark-schema.ts';
import { PARQUET_VERSION } from './version.ts';

/**
 * The footer's `created_by`. It has the format's version, not the package's, so a new package version changes no file.
 */
export const CREATED_BY = `dtm-exporter version ${PARQUET_VERSION}.0.0 (build parquet-wasm-0.8.0)`;

/** Rows of a row group. Rows are sorted by country, so a reader of one country skips the other row groups. */
export const ROW_GROUP_SIZE = 20_000;

/** Writes a Parquet file of all rows, compressed with ZSTD. `keyValues` go into its footer, and into the Arrow schema there. */
export function writeParquet(
  schema: readonly ColumnSchema[],
  columns: Columns,
  keyValues: ReadonlyMap<string, string>,
): Uint8Array {
  const footer = footerKeyValues(schema, keyValues);
  const table = Table.fromIPCStream(writeDescribedStream(schema, columns, keyValues));
  return sortKeyValues(writeWasm(table, propertiesOf(schema, footer)), footer);
}

/** A Parquet file that is made of others. Only its compressed bytes and the current row group are in memory. */
export interface ParquetStream {
  /** Appends the rows of a file with the same columns, and waits until the writer has taken them. */
  readonly append: (file: Uint8Array) => Promise<void>;
  /** Ends the file and returns it. */
  readonly finish: () => Promise<Uint8Array>;
}

/** Rows that are read at once from a file that is appended. */
const BATCH_SIZE = 65_536;

/** Milliseconds that the writer may take for the rows of one file. It needs some hundredths of a second. */
const MAX_WAIT = 5 * 60 * 1000;

/**
 * Creates a file without rows. The bytes depend on the rows and on the files: pages end where a file ends.
 * `append` and `finish` throw an error if the writer does not answer for `maxWait` milliseconds.
 */
export async function createParquetStream(
  schema: readonly ColumnSchema[],
  keyValues: ReadonlyMap<string, string>,
  maxWait = MAX_WAIT,
): Promise<ParquetStream> {
  const footer = footerKeyValues(schema, keyValues);
  const { readable, writable } = new TransformStream<RecordBatch, RecordBatch>();
  const file = collect(transformParquetStream(readable, propertiesOf(schema, footer)));
  // Its error is thrown by the next call.
  file.catch(() => {});
  const batches = writable.getWriter();
  const write = async (table: Table): Promise<void> => {
    for (const batch of table.recordBatches()) await withinTime(batches.write(batch), maxWait);
    table.free();
  };
  // The writer takes the schema of the first batch.
  await write(Table.fromIPCStream(writeDescribedStream(schema, emptyColumns(schema), keyValues)));
  return {
    append: (rows) => write(readWasm(rows, { batchSize: BATCH_SIZE })),
    finish: async () => {
      const closing = batches.close().then(() => file);
      return sortKeyValues(await withinTime(closing, maxWait), footer);
    },
  };
}

/** The writer does not report a failure: it only takes no more batches. */
async function withinTime<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const stopped = new Error(
    'the Parquet writer has stopped: it ran out of memory, or a file has other columns',
  );
  const timer = setTimeout(() => reject(stopped), milliseconds);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
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

/**
 * Reads the columns of the schema.
 * @throws {Error} if the bytes are no Parquet file, or a column is missing or of another type
 */
export function readParquet(schema: readonly ColumnSchema[], bytes: Uint8Array): Columns {
  return readArrow(schema, readWasm(bytes).intoIPCStream());
}
