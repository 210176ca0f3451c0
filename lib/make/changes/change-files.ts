// Builds the files that list the changes since the superseded release.
import type { ApiVersion } from '../../dtm/endpoints.ts';
import { columnStatistics } from '../../format/column-statistics.ts';
import { writeParquet } from '../../format/parquet.ts';
import { jsonBytes } from '../../release/digest.ts';
import { CHANGES, CHANGES_FOLDER } from '../../release/layout.ts';
import { changesSchema } from '../../table/changes.ts';
import { concat } from '../../table/columns.ts';
import { LEVEL_TABLES, type LevelTable, tablesOf } from '../../table/schema.ts';
import { type BuiltFile, createManifestEntry } from '../built-file.ts';
import type { CountryChanges } from './country-changes.ts';
import type { ChangesSummary } from './summary.ts';

export const changesParquet = (table: LevelTable): string => `${CHANGES_FOLDER}${table}.parquet`;

/** `changes/changes.json`, and a table of changes for each level. The table is empty if nothing changed. */
export function changesFiles(
  apiVersion: ApiVersion,
  { summary, countries }: { summary: ChangesSummary; countries: readonly CountryChanges[] },
  keyValues: ReadonlyMap<string, string>,
): BuiltFile[] {
  const json = jsonBytes(summary);
  const schemas = tablesOf(apiVersion);
  const parquet = LEVEL_TABLES.map((table): BuiltFile => {
    const columns = changesSchema(schemas[table]);
    const rows = concat(
      columns,
      countries.flatMap((country) => country.rows.get(table) ?? []),
    );
    const body = writeParquet(columns, rows, keyValues);
    const scope = { table: null, country: null, rows: rows.length };
    const entry = createManifestEntry(changesParquet(table), 'parquet', body, scope);
    return { entry, body, statistics: columnStatistics(columns, rows) };
  });
  return [{ entry: createManifestEntry(CHANGES, 'json', json), body: json, statistics: null }, ...parquet];
}
