// The files that say what changed against the release that this one supersedes.

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

/** `changes/changes.json`, and a table of changes for each level, empty where nothing changed. */
export function changesFiles(
  { summary, differences }: { summary: ChangesSummary; differences: readonly Difference[] },
  { tables }: Dataset,
  keyValues: ReadonlyMap<string, string>,
): BuiltFile[] {
  const json = jsonBytes(summary);
  const parquet = LEVEL_TABLES.map((table): BuiltFile => {
    const { schema } = tables[table];
    const comparisons = differences.filter((one) => one.table === table).map(({ comparison }) => comparison);
    const rows = changesTable(schema, comparisons);
    const columns = changesSchema(schema);
    const body = writeParquet(columns, rows, keyValues);
    const place = { table: null, country: null, rows: rows.length };
    const entry = createManifestEntry(changesParquet(table), 'parquet', body, place);
    return { entry, body, statistics: columnStatistics(columns, rows) };
  });
  return [{ entry: createManifestEntry(CHANGES, 'json', json), body: json, statistics: null }, ...parquet];
}
