// Compares a country with the release before: the rows of every level that were added, removed, changed or relabelled.
import type { ApiVersion } from '../../dtm/endpoints.ts';
import { type Columns, emptyColumns } from '../../table/columns.ts';
import { type Comparison, compareRows } from '../../table/compare.ts';
import { LEVEL_TABLES, type LevelTable, type TableSchema, tablesOf } from '../../table/schema.ts';
import type { LevelRows } from '../country-tables.ts';

/** The difference of one table of one country, with its rows before and after. */
export interface Difference {
  readonly table: LevelTable;
  readonly country: string;
  readonly schema: TableSchema;
  readonly before: Columns;
  readonly after: Columns;
  readonly comparison: Comparison;
}

/** The differences of all level tables of a country, with or without changes. */
export function compareCountry(
  apiVersion: ApiVersion,
  country: string,
  { before, after }: { before: LevelRows; after: LevelRows },
): Difference[] {
  const schemas = tablesOf(apiVersion);
  return LEVEL_TABLES.map((table) => {
    const schema = schemas[table];
    const rowsOf = (side: LevelRows): Columns => side.get(table) ?? emptyColumns(schema.columns);
    const sides = { before: rowsOf(before), after: rowsOf(after) };
    const comparison = compareRows(schema, sides.before, sides.after);
    return { table, country, schema, ...sides, comparison };
  });
}

/** True if both sides hold the same rows: only ids may differ. */
export const isUnchanged = ({ comparison }: Difference): boolean =>
  comparison.changes.length === 0 && comparison.relabelled.length === 0;
