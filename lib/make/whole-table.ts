// Builds the files of a whole table from the files of its countries, and the hash of its content. Memory holds the
// compressed bytes of the countries so far, never their rows.
import { type ColumnStatistics, columnStatistics, mergeStatistics } from '../format/column-statistics.ts';
import { renderCsv } from '../format/csv.ts';
import { createGzipFile, deflateBlock } from '../format/gzip.ts';
import { createParquetStream, writeParquet } from '../format/parquet.ts';
import { wholeCsv, wholeParquet } from '../release/layout.ts';
import { type Columns, emptyColumns } from '../table/columns.ts';
import type { TableSchema } from '../table/schema.ts';
import { type BuiltFile, createManifestEntry } from './built-file.ts';
import { createContentHash } from './content-hash.ts';
import { csvHeaderPart, gzipFileOf, type TablePart } from './country-files.ts';

/** The files of a table, its number of rows and the hash of its content. */
export interface FinishedTable {
  readonly parquet: BuiltFile;
  readonly csv: BuiltFile;
  readonly rows: number;
  readonly contentSha256: string;
}

/** A table that grows in the order of its rows. */
export interface WholeTable {
  readonly append: (part: TablePart) => Promise<void>;
  readonly finish: () => Promise<FinishedTable>;
}

/** Creates a table without rows. `keyValues` go into the footer of its Parquet file. */
export async function createWholeTable(
  schema: TableSchema,
  keyValues: ReadonlyMap<string, string>,
): Promise<WholeTable> {
  const header = await csvHeaderPart(schema);
  const csv = createGzipFile();
  csv.add(header.text, header.block);
  const content = createContentHash(schema);
  const parquet = await createParquetStream(schema.columns, keyValues);
  let statistics = columnStatistics(schema.columns, emptyColumns(schema.columns));
  let rows = 0;
  return {
    append: async (part) => {
      content.add(part.lines.text);
      csv.add(part.lines.text, part.lines.block);
      statistics = mergeStatistics(statistics, part.statistics);
      rows += part.rows;
      await parquet.append(part.parquet.body);
    },
    finish: async () => {
      const bodies = { parquet: await parquet.finish(), csv: csv.finish() };
      return finishedTable(schema, bodies, { rows, statistics, contentSha256: content.digest() });
    },
  };
}

/** Builds the files of a table that has no files of countries, from all its rows. */
export async function buildWholeTable(
  schema: TableSchema,
  columns: Columns,
  keyValues: ReadonlyMap<string, string>,
): Promise<FinishedTable> {
  const text = renderCsv(schema.columns, columns);
  const content = createContentHash(schema);
  content.add(text);
  const bodies = {
    parquet: writeParquet(schema.columns, columns, keyValues),
    csv: gzipFileOf([await csvHeaderPart(schema), { text, block: await deflateBlock(text) }]),
  };
  const statistics = columnStatistics(schema.columns, columns);
  return finishedTable(schema, bodies, { rows: columns.length, statistics, contentSha256: content.digest() });
}

function finishedTable(
  { name }: TableSchema,
  { parquet, csv }: { parquet: Uint8Array; csv: Uint8Array },
  facts: Pick<FinishedTable, 'rows' | 'contentSha256'> & { statistics: readonly ColumnStatistics[] },
): FinishedTable {
  const { rows, statistics, contentSha256 } = facts;
  const scope = { table: name, country: null, rows };
  const parquetEntry = createManifestEntry(wholeParquet(name), 'parquet', parquet, scope);
  const csvEntry = createManifestEntry(wholeCsv(name), 'csv', csv, scope);
  return {
    ...{ rows, contentSha256 },
    parquet: { entry: parquetEntry, body: parquet, statistics },
    csv: { entry: csvEntry, body: csv, statistics: null },
  };
}
