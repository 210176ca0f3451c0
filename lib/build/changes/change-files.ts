// The files that say what changed against the release that this one supersedes.

import { factsOf } from '../../format/column-statistics.ts';
import { writeParquet } from '../../format/parquet.ts';
import { jsonBytes } from '../../release/digest.ts';
import { CHANGES } from '../../release/layout.ts';
import { changesSchema, changesTable } from '../../table/changes.ts';
import { LEVEL_TABLES, type LevelTable } from '../../table/schema.ts';
import { entryOf, type MadeFile } from '../data-files.ts';
import type { Dataset } from '../dataset.ts';
import type { Difference } from './differences.ts';
import type { ChangesSummary } from './summary.ts';
export const changesParquet = (table: LevelTable): string => `changes/${table}.parquet`;

/** `changes/changes.json`, and a table of changes for each level, empty where nothing changed. */
export function changesFiles(
  { summary, differences }: { summary: ChangesSummary; differences: readonly Difference[] },
  { tables }: Dataset,
  keyValues: ReadonlyMap<string, string>,
): MadeFile[] {
  const json = jsonBytes(summary);
  const parquet = LEVEL_TABLES.map((table): MadeFile => {
    const { schema } = tables[table];
    const comparisons = differences.filter((one) => one.table === table).map(({ comparison }) => comparison);
    const rows = changesTable(schema, comparisons);
    const columns = changesSchema(schema);
    const body = writeParquet(columns, rows, keyValues);
    const place = { table: null, country: null, rows: rows.length };
    const entry = entryOf(changesParquet(table), 'parquet', body, place);
    return { entry, body, facts: factsOf(columns, rows) };
  });
  return [{ entry: entryOf(CHANGES, 'json', json), body: json, facts: null }, ...parquet];
}
