// Builds the files that list the changes since the superseded release.
import { columnStatistics } from '../../format/column-statistics.ts';
import { writeParquet } from '../../format/parquet.ts';
import { jsonBytes } from '../../release/digest.ts';
import { CHANGES } from '../../release/layout.ts';
import { changesSchema, changesTable } from '../../table/changes.ts';
import { LEVEL_TABLES, type LevelTable } from '../../table/schema.ts';
import { type BuiltFile, createManifestEntry } from '../data-files.ts';
import type { Dataset } from '../dataset.ts';
import type { Difference } from './differences.ts';
import type { ChangesSummary } from './summary.ts';

export const changesParquet = (table: LevelTable): string => `changes/${table}.parquet`;

/** `changes/changes.json`, and a table of changes for each level. The table is empty if nothing changed. */
export function changesFiles(
  { summary, differences }: { summary: ChangesSummary; differences: readonly Difference[] },
  { tables }: Dataset,
  keyValues: ReadonlyMap<string, string>,
): BuiltFile[] {
  const json = jsonBytes(summary);
  const parquet = LEVEL_TABLES.map((table): BuiltFile => {
    const { schema } = tables[table];
    const ofTable = differences.filter((difference) => difference.table === table);
    const comparisons = ofTable.map(({ comparison }) => comparison);
    const rows = changesTable(schema, comparisons);
    const columns = changesSchema(schema);
    const body = writeParquet(columns, rows, keyValues);
    const scope = { table: null, country: null, rows: rows.length };
    const entry = createManifestEntry(changesParquet(table), 'parquet', body, scope);
    return { entry, body, statistics: columnStatistics(columns, rows) };
  });
  return [{ entry: createManifestEntry(CHANGES, 'json', json), body: json, statistics: null }, ...parquet];
}
