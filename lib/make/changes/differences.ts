// Finds the rows that differ from the release before. A country file with the same SHA-256 holds the same rows, so only
// changed files are read.
import { countryParquet } from '../../release/layout.ts';
import type { Manifest, ManifestFile } from '../../release/manifest.ts';
import { type Columns, createColumn, slice } from '../../table/columns.ts';
import { type Comparison, compareRows } from '../../table/compare.ts';
import { LEVEL_TABLES, type LevelTable, type TableSchema } from '../../table/schema.ts';
import type { Dataset } from '../dataset.ts';

/** The difference of one table of one country, with its rows before and after. */
export interface Difference {
  readonly table: LevelTable;
  readonly country: string;
  readonly schema: TableSchema;
  readonly before: Columns;
  readonly after: Columns;
  readonly comparison: Comparison;
}

/** Reads the rows of one table of one country from the release before. */
export type RowReader = (part: { schema: TableSchema; country: string }) => Promise<Columns>;

/**
 * For each country with a changed table, the differences of all its level tables, sorted by country. `files` are the
 * manifest entries of `dataset`.
 */
export async function findDifferences(
  { dataset, files }: { dataset: Dataset; files: readonly ManifestFile[] },
  { before, readRows }: { before: Manifest; readRows: RowReader },
): Promise<Difference[]> {
  const [hashes, hashesBefore] = [hashesByPath(files), hashesByPath(before.files)];
  const isSameFile = (path: string) => hashes.get(path) === hashesBefore.get(path);
  const differences: Difference[] = [];
  for (const country of countriesOf(files, before.files)) {
    if (LEVEL_TABLES.every((table) => isSameFile(countryParquet(table, country)))) continue;
    for (const table of LEVEL_TABLES) {
      const { schema } = dataset.tables[table];
      const path = countryParquet(table, country);
      const after = rowsOf(dataset, table, country);
      const readBefore = async () =>
        hashesBefore.has(path) ? await readRows({ schema, country }) : noRows(schema);
      const previous = isSameFile(path) ? after : await readBefore();
      const comparison = compareRows(schema, previous, after);
      differences.push({ table, country, schema, before: previous, after, comparison });
    }
  }
  return differences;
}

/** True if both files hold the same rows although their bytes differ: only ids or the format changed. */
export const isUnchanged = ({ comparison }: Difference): boolean =>
  comparison.changes.length === 0 && comparison.relabelled.length === 0;

const hashesByPath = (files: readonly ManifestFile[]): Map<string, string> =>
  new Map(files.map(({ path, sha256 }) => [path, sha256]));

/** The countries that have a file in one of the two releases, sorted. */
const countriesOf = (files: readonly ManifestFile[], filesBefore: readonly ManifestFile[]): string[] =>
  [...new Set([...files, ...filesBefore].flatMap(({ country }) => country ?? []))].sort();

function rowsOf({ tables }: Dataset, table: LevelTable, country: string): Columns {
  const { schema, columns, countries } = tables[table];
  const range = countries.find((candidate) => candidate.country === country);
  return range ? slice(columns, range.start, range.end) : noRows(schema);
}

const noRows = (schema: TableSchema): Columns => ({
  length: 0,
  byName: new Map(schema.columns.map(({ name, type }) => [name, createColumn(type, [])])),
});
