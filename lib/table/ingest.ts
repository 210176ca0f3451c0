// Turns the rows of an answer into the columns of a table. The rows were validated in lib/dtm/answers and are not
// checked again here.
import type { FieldColumn, IntegerField, StringField } from '../dtm/answers/field-columns.ts';
import { type Column, type Columns, NULL_CODE } from './columns.ts';
import type { ColumnSchema } from './definitions.ts';
import type { TableSchema } from './schema.ts';

/** A validated answer: its number of rows, and its fields by the API's names. */
export interface CheckedAnswer {
  readonly length: number;
  readonly fields: ReadonlyMap<string, FieldColumn>;
}

/** API: "Not available" and "" in the fields of areas and origins mean that there is no value. */
const UNAVAILABLE = new Set(['Not available', '']);

const MS_PER_DAY = 86_400_000;

/** Days from 1970-01-01 to a date such as `2025-06-30` or `2025-06-30T00:00:00`. */
export const dayNumber = (date: string): number => Date.parse(`${date.slice(0, 10)}T00:00:00Z`) / MS_PER_DAY;

/** The date of a day number, such as `2025-06-30`. */
export const dayText = (day: number): string => new Date(day * MS_PER_DAY).toISOString().slice(0, 10);

/** The columns of a table that come from fields of the API, without those that the exporter computes. */
export const apiColumns = (schema: TableSchema): ColumnSchema[] =>
  schema.columns.filter((column) => column.field !== undefined);

/** Converts an answer's fields to the table's API columns. The rows keep their order. */
export function ingest(schema: TableSchema, { length, fields }: CheckedAnswer): Columns {
  const byName = new Map(
    apiColumns(schema).map((column) => {
      const field = fields.get(column.field as string);
      if (!field) throw new RangeError(`no field ${column.field}`);
      return [column.name, 'codes' in field ? ingestText(column, field) : ingestIntegers(field)];
    }),
  );
  return { length, byName };
}

const ingestIntegers = ({ integers, valid }: IntegerField): Column => ({
  type: 'int32',
  values: integers,
  valid,
});

function ingestText({ type, unavailable }: ColumnSchema, { codes, values }: StringField): Column {
  if (type === 'date') {
    const days = Int32Array.from(values, dayNumber);
    return { type, values: codes.map((code) => days[code] as number), valid: null };
  }
  const missing = unavailable ? values.map((value) => UNAVAILABLE.has(value)) : [];
  if (!missing.includes(true)) return { type: 'string', codes, values };
  return { type: 'string', codes: codes.map((code) => (missing[code] ? NULL_CODE : code)), values };
}
