// Builds the tables of the API's two lists.
import type { ApiVersion } from '../dtm/endpoints.ts';
import { type Columns, createColumn } from '../table/columns.ts';
import type { ListedOperation } from '../table/complete.ts';
import type { ColumnSchema } from '../table/definitions.ts';
import { type TableSchema, tablesOf } from '../table/schema.ts';
import { sortColumns } from '../table/sort.ts';

/** An entry of the API's country list. */
export interface ListedCountry {
  readonly admin0Name: string;
  readonly admin0Pcode: string;
}

/** The tables `countries` and `operations`. */
export interface ListTables {
  readonly countries: Columns;
  readonly operations: Columns;
}

/** Builds the tables of the lists, sorted. */
export function buildListTables(
  apiVersion: ApiVersion,
  lists: { countries: readonly ListedCountry[]; operations: readonly ListedOperation[] },
): ListTables {
  const schemas = tablesOf(apiVersion);
  return {
    countries: listTable(schemas.countries, lists.countries as readonly object[] as readonly ListedRow[]),
    operations: listTable(schemas.operations, lists.operations as readonly object[] as readonly ListedRow[]),
  };
}

/** A row of a list: its API fields by name. */
type ListedRow = Readonly<Record<string, string | null>>;

function listTable({ columns, sortBy }: TableSchema, rows: readonly ListedRow[]): Columns {
  const column = ({ name, type, field }: ColumnSchema) => {
    const values = rows.map((row) => row[field as string] ?? null);
    return [name, createColumn(type, values)] as const;
  };
  return sortColumns({ length: rows.length, byName: new Map(columns.map(column)) }, sortBy);
}
