// A sample table with a column of every type.
import { type Columns, createColumn } from '../../lib/table/columns.ts';
import type { ColumnSchema } from '../../lib/table/definitions.ts';

/** A value of a row; a date is its day number. */
export type Cell = string | number | boolean | null;

export const column = (name: string, type: ColumnSchema['type'], nullable = true): ColumnSchema => ({
  name,
  type,
  nullable,
  description: '',
});

export const SCHEMA = [
  column('code', 'string', false),
  column('name', 'string'),
  column('people', 'int32'),
  column('sum', 'int64'),
  column('day', 'date', false),
  column('latest', 'boolean'),
];

/** Converts rows of the table to columns. */
export function columnsOf(rows: readonly (readonly Cell[])[]): Columns {
  const cells = (at: number): Cell[] => rows.map((row) => row[at] as Cell);
  const byName = new Map(SCHEMA.map(({ name, type }, at) => [name, createColumn(type, cells(at))]));
  return { length: rows.length, byName };
}
