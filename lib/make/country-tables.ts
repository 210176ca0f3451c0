// Builds the tables of one country. A country is the unit of building: its rows need no other country's, so only one
// country is in memory at a time.
import type { ApiVersion } from '../dtm/endpoints.ts';
import type { Columns } from '../table/columns.ts';
import { completeLevel, type ListedOperation } from '../table/complete.ts';
import { LEVEL_TABLES, type LevelTable, tablesOf } from '../table/schema.ts';
import { snapshotsTable } from '../table/snapshots.ts';

/** Rows of one country by level table. A level without rows has no entry. */
export type LevelRows = ReadonlyMap<LevelTable, Columns>;

/** The sorted and complete rows of a country, and its snapshots. */
export interface CountryTables {
  readonly country: string;
  readonly levels: LevelRows;
  readonly snapshots: Columns;
}

/** Input of a country's tables: the staged rows, and the operations that the API lists for the country. */
export interface CountryInput {
  readonly apiVersion: ApiVersion;
  readonly country: string;
  readonly staged: LevelRows;
  readonly operations: readonly ListedOperation[];
}

/** Builds the tables of a country. */
export function buildCountryTables({ apiVersion, country, staged, operations }: CountryInput): CountryTables {
  const schemas = tablesOf(apiVersion);
  const levels = LEVEL_TABLES.map((table) => {
    const rows = staged.get(table);
    return rows && completeLevel(schemas[table], rows, operations);
  });
  const complete = LEVEL_TABLES.flatMap((table, level) => {
    const columns = levels[level]?.columns;
    return columns ? [[table, columns] as const] : [];
  });
  return { country, levels: new Map(complete), snapshots: snapshotsTable(schemas.snapshots, levels) };
}
