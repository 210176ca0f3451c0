// An answer's rows become columns. They have been validated where they came in (lib/dtm/answers): nothing is checked
// again here, only laid out.
import { type Column, type Columns, codeFor, NULL_CODE } from './columns.ts';
import type { ColumnSchema } from './definitions.ts';
import type { TableSchema } from './schema.ts';

/** A validated row: the API's fields by name. */
type Row = Readonly<Record<string, unknown>>;

/** API: "Not available" and "" in place and origin fields stand for no value. */
const UNAVAILABLE = new Set(['Not available', '']);

const MS_A_DAY = 86_400_000;

/** Days from 1970-01-01 to the day of `2025-06-30` or `2025-06-30T00:00:00`. */
export const dayNumber = (date: string): number => Date.parse(`${date.slice(0, 10)}T00:00:00Z`) / MS_A_DAY;

/** The day as `2025-06-30`. */
export const dayText = (day: number): string => new Date(day * MS_A_DAY).toISOString().slice(0, 10);

/** The columns of a table that come from fields of the API; what the exporter adds itself is not among them. */
export const sentColumns = (schema: TableSchema): ColumnSchema[] =>
  schema.columns.filter((column) => column.field !== undefined);

/** An answer's rows as the columns that the API sends for this table, in the order received. */
export function ingest(schema: TableSchema, rows: readonly Row[]): Columns {
  const byName = new Map<string, Column>();
  for (const column of sentColumns(schema)) byName.set(column.name, ingestColumn(column, rows));
  return { length: rows.length, byName };
}

function ingestColumn(column: ColumnSchema, rows: readonly Row[]): Column {
  const field = column.field as string;
  if (column.type === 'string') return ingestStrings(column, field, rows);
  if (column.type === 'date') return ingestDates(field, rows);
  return ingestIntegers(field, rows);
}

function ingestStrings(column: ColumnSchema, field: string, rows: readonly Row[]): Column {
  const codes = new Int32Array(rows.length);
  const codeOf = new Map<string, number>();
  let last: unknown;
  let code = NULL_CODE;
  for (let row = 0; row < rows.length; row++) {
    const value = (rows[row] as Row)[field];
    if (value !== last || row === 0) {
      last = value;
      code = isMissing(column, value) ? NULL_CODE : codeFor(codeOf, value as string);
    }
    codes[row] = code;
  }
  return { type: 'string', codes, values: [...codeOf.keys()] };
}

const isMissing = (column: ColumnSchema, value: unknown): boolean =>
  value === null || value === undefined || (column.unavailable === true && UNAVAILABLE.has(value as string));

function ingestDates(field: string, rows: readonly Row[]): Column {
  const values = new Int32Array(rows.length);
  let last = '';
  let day = 0;
  for (let row = 0; row < rows.length; row++) {
    const value = (rows[row] as Row)[field] as string;
    if (value !== last) {
      last = value;
      day = dayNumber(value);
    }
    values[row] = day;
  }
  return { type: 'date', values, valid: null };
}

function ingestIntegers(field: string, rows: readonly Row[]): Column {
  const values = new Int32Array(rows.length);
  let valid: Uint8Array | null = null;
  for (let row = 0; row < rows.length; row++) {
    const value = (rows[row] as Row)[field];
    if (typeof value === 'number') values[row] = value;
    else {
      valid ??= new Uint8Array(rows.length).fill(1);
      valid[row] = 0;
    }
  }
  return { type: 'int32', values, valid };
}
