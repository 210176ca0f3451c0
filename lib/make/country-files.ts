// Builds the Parquet and CSV file of one table of a country, and the parts of them that the whole table is made of.
import { type ColumnStatistics, columnStatistics } from '../format/column-statistics.ts';
import { csvHeader, renderCsv } from '../format/csv.ts';
import { createGzipFile, deflateBlock } from '../format/gzip.ts';
import { writeParquet } from '../format/parquet.ts';
import { countryCsv, countryParquet } from '../release/layout.ts';
import type { Columns } from '../table/columns.ts';
import type { LevelTable, TableSchema } from '../table/schema.ts';
import { type BuiltFile, createManifestEntry } from './built-file.ts';

/** A part of a CSV file, and its compressed block. */
export interface CsvPart {
  readonly text: Uint8Array;
  readonly block: Uint8Array;
}

/** The rows of one table of one country, in the forms that the whole table is made of. */
export interface TablePart {
  readonly rows: number;
  readonly statistics: readonly ColumnStatistics[];
  readonly parquet: BuiltFile;
  readonly csv: BuiltFile;
  /** The CSV lines without the header. */
  readonly lines: CsvPart;
}

const headers = new Map<TableSchema, Promise<CsvPart>>();

/** The header of a table's CSV files. It is compressed once. */
export function csvHeaderPart(schema: TableSchema): Promise<CsvPart> {
  const existing = headers.get(schema);
  if (existing) return existing;
  const text = Buffer.from(csvHeader(schema.columns));
  const header = deflateBlock(text).then((block) => ({ text, block }));
  headers.set(schema, header);
  return header;
}

/** Builds the Parquet and CSV file of one table of a country. `keyValues` go into the footer of the Parquet file. */
export async function buildTablePart(
  schema: TableSchema,
  columns: Columns,
  { country, keyValues }: { country: string; keyValues: ReadonlyMap<string, string> },
): Promise<TablePart> {
  const table = schema.name as LevelTable;
  const text = renderCsv(schema.columns, columns);
  // The text is compressed in another thread, while the Parquet file is built.
  const compressing = deflateBlock(text);
  const scope = { table, country, rows: columns.length };
  const statistics = columnStatistics(schema.columns, columns);
  const body = writeParquet(schema.columns, columns, keyValues);
  const entry = createManifestEntry(countryParquet(table, country), 'parquet', body, scope);
  const lines = { text, block: await compressing };
  const csvBody = gzipFileOf([await csvHeaderPart(schema), lines]);
  const csvEntry = createManifestEntry(countryCsv(table, country), 'csv', csvBody, scope);
  return {
    rows: columns.length,
    statistics,
    parquet: { entry, body, statistics },
    csv: { entry: csvEntry, body: csvBody, statistics: null },
    lines,
  };
}

/** A gzip file of these parts. */
export function gzipFileOf(parts: readonly CsvPart[]): Uint8Array {
  const file = createGzipFile();
  for (const { text, block } of parts) file.add(text, block);
  return file.finish();
}
