// Builds all tables of a small world from rows, without files.
import { renderCsv } from '../../lib/format/csv.ts';
import { type ContentHashes, createContentHash, withOverallHash } from '../../lib/make/content-hash.ts';
import { buildCountryTables, type CountryTables } from '../../lib/make/country-tables.ts';
import { buildListTables, type ListedCountry, type ListTables } from '../../lib/make/list-tables.ts';
import { type Columns, concat } from '../../lib/table/columns.ts';
import type { ListedOperation } from '../../lib/table/complete.ts';
import { LEVEL_TABLES, type LevelTable, TABLES, type TableName, tablesOf } from '../../lib/table/schema.ts';
import { sortColumns } from '../../lib/table/sort.ts';
import { ingestRows } from '../rows.ts';

export type Rows = readonly Record<string, unknown>[];

/** Rows of v3 by level, of one country or several, and the lists. */
export interface WorldRows {
  readonly levels: Partial<Record<LevelTable, Rows>>;
  readonly countries?: readonly ListedCountry[];
  readonly operations?: readonly ListedOperation[];
}

export interface BuiltTables extends ListTables {
  readonly byCountry: readonly CountryTables[];
  readonly snapshots: Columns;
}

const schemas = tablesOf('v3');

export function buildTables({ levels, countries = [], operations = [] }: WorldRows): BuiltTables {
  const codes = new Set(
    Object.values(levels).flatMap((rows) => rows.map(({ admin0Pcode }) => String(admin0Pcode))),
  );
  const byCountry = [...codes].sort().map((country) => {
    const staged = LEVEL_TABLES.flatMap((table) => {
      const rows = (levels[table] ?? []).filter(({ admin0Pcode }) => admin0Pcode === country);
      return rows.length > 0 ? [[table, ingestRows(schemas[table], rows)] as const] : [];
    });
    return buildCountryTables({ apiVersion: 'v3', country, staged: new Map(staged), operations });
  });
  const { columns, sortBy } = schemas.snapshots;
  const snapshots = concat(
    columns,
    byCountry.map((tables) => tables.snapshots),
  );
  return {
    byCountry,
    snapshots: sortColumns(snapshots, sortBy),
    ...buildListTables('v3', { countries, operations }),
  };
}

/** The content hash of each table and of all. */
export function contentHashes({ byCountry, ...tables }: BuiltTables): ContentHashes {
  const hashOf = (table: TableName): string => {
    const hash = createContentHash(schemas[table]);
    const parts = byCountry.flatMap(({ levels }) => levels.get(table as LevelTable) ?? []);
    for (const rows of table in tables ? [tables[table as keyof typeof tables]] : parts)
      hash.add(renderCsv(schemas[table].columns, rows));
    return hash.digest();
  };
  const hashes = TABLES.map((table) => [table, hashOf(table)]);
  return withOverallHash(Object.fromEntries(hashes) as Record<TableName, string>);
}
