// Encodes a country's rows of one table once: for the country's own files, and for the files of the whole table.
import { type ColumnStatistics, columnStatistics } from '../format/column-statistics.ts';
import { type CsvLines, csvHeader, renderCsv } from '../format/csv.ts';
import { createGzipFile, deflateBlock } from '../format/gzip.ts';
import { createParquetRows, type ParquetRows } from '../format/parquet.ts';
import { countryCsv, countryParquet } from '../release/layout.ts';
import type { Columns } from '../table/columns.ts';
import type { LevelTable, TableSchema } from '../table/schema.ts';
import { type BuiltFile, createManifestEntry } from './built-file.ts';

/** Rows in the forms that files are made of. Free them when their files are written. */
export interface EncodedRows {
  readonly schema: TableSchema;
  readonly columns: Columns;
  readonly statistics: readonly ColumnStatistics[];
  readonly parquet: ParquetRows;
  /** CSV lines without the header. */
  readonly csv: CsvLines;
}

/** A part of a CSV file, and its compressed block. */
export interface CsvPart {
  readonly text: Uint8Array;
  readonly block: Uint8Array;
}

/** Encodes rows. `keyValues` go into the footers of Parquet files. */
export const encodeRows = (
  schema: TableSchema,
  columns: Columns,
  keyValues: ReadonlyMap<string, string>,
): EncodedRows => ({
  schema,
  columns,
  statistics: columnStatistics(schema.columns, columns),
  parquet: createParquetRows(schema.columns, columns, keyValues),
  csv: renderCsv(schema.columns, columns),
});

/** The header of a table's CSV files. */
export async function csvHeaderPart({ columns }: TableSchema): Promise<CsvPart> {
  const text = Buffer.from(csvHeader(columns));
  return { text, block: await deflateBlock(text) };
}

/** The Parquet file of a country. Call it once for the same rows. */
export function countryParquetFile(rows: EncodedRows, country: string): BuiltFile {
  const path = countryParquet(rows.schema.name as LevelTable, country);
  const body = rows.parquet.writeFile();
  return {
    entry: createManifestEntry(path, 'parquet', body, scopeOf(rows, country)),
    body,
    statistics: rows.statistics,
  };
}

/** The CSV file of a country. */
export function countryCsvFile(rows: EncodedRows, country: string, parts: readonly CsvPart[]): BuiltFile {
  const path = countryCsv(rows.schema.name as LevelTable, country);
  const file = createGzipFile();
  for (const { text, block } of parts) file.add(text, block);
  const body = file.finish();
  return { entry: createManifestEntry(path, 'csv', body, scopeOf(rows, country)), body, statistics: null };
}

const scopeOf = ({ schema, columns }: EncodedRows, country: string) => ({
  table: schema.name,
  country,
  rows: columns.length,
});
