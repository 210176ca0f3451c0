// Which rows differ from the release before. A country's file of the same SHA-256 holds the same rows, so only what
// changed is read again.

import { countryParquet } from '../../release/layout.ts';
import type { Manifest, ManifestFile } from '../../release/manifest.ts';
import { type Columns, createColumn, slice } from '../../table/columns.ts';
import { type Comparison, compareRows } from '../../table/compare.ts';
import { LEVEL_TABLES, type LevelTable, type TableSchema } from '../../table/schema.ts';
import type { Dataset } from '../dataset.ts';

/** What differs in one table of one country, and its rows of before and after. */
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

/** All tables of every country of which one differs from the release before, by country; `files` are the dataset's. */
export async function findDifferences(
  { dataset, files }: { dataset: Dataset; files: readonly ManifestFile[] },
  { before, readRows }: { before: Manifest; readRows: RowReader },
): Promise<Difference[]> {
  const [now, then] = [hashesByPath(files), hashesByPath(before.files)];
  const same = (path: string) => now.get(path) === then.get(path);
  const differences: Difference[] = [];
  for (const country of countriesOf(files, before.files)) {
    if (LEVEL_TABLES.every((table) => same(countryParquet(table, country)))) continue;
    for (const table of LEVEL_TABLES) {
      const { schema } = dataset.tables[table];
      const path = countryParquet(table, country);
      const after = rowsOf(dataset, table, country);
      const earlier = async () => (then.has(path) ? await readRows({ schema, country }) : noRows(schema));
      const previous = same(path) ? after : await earlier();
      const comparison = compareRows(schema, previous, after);
      differences.push({ table, country, schema, before: previous, after, comparison });
    }
  }
  return differences;
}

/** Whether two files of other bytes hold the same rows: only ids, or the way of writing, differ. */
export const isUnchanged = ({ comparison }: Difference): boolean =>
  comparison.changes.length === 0 && comparison.relabelled.length === 0;

const hashesByPath = (files: readonly ManifestFile[]): Map<string, string> =>
  new Map(files.map(({ path, sha256 }) => [path, sha256]));

/** The countries that have a file in either release, in order. */
const countriesOf = (now: readonly ManifestFile[], then: readonly ManifestFile[]): string[] =>
  [...new Set([...now, ...then].flatMap(({ country }) => country ?? []))].sort();

function rowsOf({ tables }: Dataset, table: LevelTable, country: string): Columns {
  const { schema, columns, countries } = tables[table];
  const range = countries.find((one) => one.country === country);
  return range ? slice(columns, range.start, range.end) : noRows(schema);
}

const noRows = (schema: TableSchema): Columns => ({
  length: 0,
  byName: new Map(schema.columns.map(({ name, type }) => [name, createColumn(type, [])])),
});
