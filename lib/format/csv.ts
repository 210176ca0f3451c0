// Columns to CSV: UTF-8 without BOM, comma, LF, RFC 4180 quotes only where needed. Null is nothing between the
// commas, an empty string is `""`. Every distinct string is quoted once, then looked up by its code.
import { type Column, type Columns, columnOf, isNull, NULL_CODE } from '../table/columns.ts';
import type { ColumnSchema } from '../table/definitions.ts';
import { dayText } from '../table/ingest.ts';

const NEEDS_QUOTES = /[",\r\n]/;

/** One value between commas, RFC 4180. */
export const csvField = (value: string): string =>
  value === '' || NEEDS_QUOTES.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

/** The header line, with its line feed. */
export const csvHeader = (schema: readonly ColumnSchema[]): string =>
  `${schema.map(({ name }) => csvField(name)).join(',')}\n`;

/** The text of a column's value in a row. */
type Cell = (row: number) => string;

/** The rows `start` to `end` (exclusive) as CSV lines, each with its line feed, without the header. */
export type CsvRows = (start: number, end: number) => string;

/** Renders rows of the described columns; their distinct strings are quoted once, here. */
export function csvRows(schema: readonly ColumnSchema[], columns: Columns): CsvRows {
  const cells = schema.map(({ name }) => cellOf(columnOf(columns, name)));
  const [first, ...rest] = cells as [Cell, ...Cell[]];
  return (start, end) => {
    const lines: string[] = [];
    for (let row = start; row < end; row++) {
      let line = first(row);
      for (const cell of rest) line += `,${cell(row)}`;
      lines.push(line);
    }
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  };
}

function cellOf(column: Column): Cell {
  if (column.type === 'string') {
    const texts = column.values.map(csvField);
    return (row) => (column.codes[row] === NULL_CODE ? '' : (texts[column.codes[row] as number] as string));
  }
  const textOf = TEXT_OF[column.type];
  return (row) => (isNull(column, row) ? '' : textOf(column.values[row] as number));
}

const days = new Map<number, string>();

function cachedDay(day: number): string {
  const known = days.get(day);
  if (known !== undefined) return known;
  days.set(day, dayText(day));
  return cachedDay(day);
}

const TEXT_OF = {
  int32: String,
  int64: String,
  date: cachedDay,
  boolean: (value: number) => (value === 1 ? 'true' : 'false'),
} as const;

/** How many records a CSV text has, its header not counted; line feeds inside quotes do not end one. */
export function countCsvRows(bytes: Uint8Array): number {
  let records = 0;
  let quoted = false;
  for (const byte of bytes) {
    if (byte === 0x22) quoted = !quoted;
    else if (byte === 0x0a && !quoted) records++;
  }
  return records - 1;
}
