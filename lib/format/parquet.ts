// Columns to Parquet files. The bytes are a function of the rows, the schema and the footer's key-values alone: a
// country that did not change keeps its file's SHA-256.
import {
  Compression,
  Encoding,
  readParquet as readWasm,
  Table,
  WriterPropertiesBuilder,
  writeParquet as writeWasm,
} from 'parquet-wasm/node';
import type { Columns } from '../table/columns.ts';
import type { ColumnSchema } from '../table/definitions.ts';
import { arrowStream, columnsFromArrow } from './arrow.ts';
import { sortKeyValues } from './keyvalues.ts';

/** Raised whenever the same rows would be written as other bytes, or into other files; tests hold the bytes of fixed tables. */
export const FORMAT_VERSION = 2;

/** Raised with it where Parquet files are concerned: else a country keeps the SHA-256 of its own. */
const PARQUET_VERSION = 1;

/** Parquet: not the package's version, so that a new one alone rewrites no file. */
export const CREATED_BY = `dtm-exporter version ${PARQUET_VERSION}.0.0 (build parquet-wasm-0.8.0)`;

/** A country's rows lie together, so a reader of one country skips the other row groups. */
export const ROWS_A_GROUP = 20_000;

/** A Parquet file of the described columns, ZSTD, with `keyValues` in its footer. */
export function writeParquet(
  schema: readonly ColumnSchema[],
  columns: Columns,
  keyValues: ReadonlyMap<string, string>,
): Uint8Array {
  let properties = new WriterPropertiesBuilder()
    .setCompression(Compression.ZSTD)
    .setMaxRowGroupSize(ROWS_A_GROUP)
    .setCreatedBy(CREATED_BY)
    .setKeyValueMetadata(new Map(keyValues));
  for (const { name, type } of schema) {
    if (type === 'string' || type === 'boolean') continue;
    properties = properties
      .setColumnDictionaryEnabled(name, false)
      .setColumnEncoding(name, Encoding.DELTA_BINARY_PACKED);
  }
  const table = Table.fromIPCStream(arrowStream(schema, columns, 'plain'));
  return sortKeyValues(writeWasm(table, properties.build()), keyValues);
}

/** The described columns of a Parquet file. @throws {Error} if it is not one, or has other columns */
export function readParquet(schema: readonly ColumnSchema[], bytes: Uint8Array): Columns {
  return columnsFromArrow(schema, readWasm(bytes).intoIPCStream());
}
