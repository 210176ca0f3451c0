// Builds the files of a whole table and the hash of its content, one country after the other. Memory holds the
// compressed bytes of the countries so far, never their rows.
import { type ColumnStatistics, columnStatistics, mergeStatistics } from '../format/column-statistics.ts';
import { createGzipFile } from '../format/gzip.ts';
import { createParquetStream, type ParquetStream, writeParquet } from '../format/parquet.ts';
import { wholeCsv, wholeParquet } from '../release/layout.ts';
import type { TableSchema } from '../table/schema.ts';
import { type BuiltFile, createManifestEntry } from './built-file.ts';
import { createContentHash } from './content-hash.ts';
import { emptyTable } from './country-tables.ts';
import { type CsvPart, csvHeaderPart, type EncodedRows } from './encoded-rows.ts';

/** The files of a table, its number of rows and the hash of its content. */
export interface FinishedTable {
  readonly parquet: BuiltFile;
  readonly csv: BuiltFile;
  readonly rows: number;
  readonly contentSha256: string;
}

/** A table that grows in the order of its rows. */
export interface WholeTable {
  /** The header of the table's CSV files. */
  readonly header: CsvPart;
  /** Appends rows; `block` is their compressed CSV. */
  readonly append: (rows: EncodedRows, block: Uint8Array) => Promise<void>;
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
  const empty = emptyTable(schema);
  let statistics: readonly ColumnStatistics[] = columnStatistics(schema.columns, empty);
  let stream: ParquetStream | undefined;
  let rows = 0;

  const append = async (part: EncodedRows, block: Uint8Array): Promise<void> => {
    content.add(part.csv);
    csv.add(part.csv.text, block);
    statistics = mergeStatistics(statistics, part.statistics);
    rows += part.columns.length;
    stream ??= createParquetStream(schema.columns, keyValues);
    await stream.append(part.parquet);
  };

  const finish = async (): Promise<FinishedTable> => {
    const scope = { table: schema.name, country: null, rows };
    const body = stream ? await stream.finish() : writeParquet(schema.columns, empty, keyValues);
    const csvBody = csv.finish();
    return {
      parquet: {
        entry: createManifestEntry(wholeParquet(schema.name), 'parquet', body, scope),
        body,
        statistics,
      },
      csv: {
        entry: createManifestEntry(wholeCsv(schema.name), 'csv', csvBody, scope),
        body: csvBody,
        statistics: null,
      },
      rows,
      contentSha256: content.digest(),
    };
  };

  return { header, append, finish };
}
