// Columns to CSV: UTF-8 without BOM, comma, LF, RFC 4180 quotes only where needed. Null is nothing between the
// commas, an empty string is `""`. Every distinct text is quoted and encoded once.

import { type Column, type Columns, columnOf, NULL_CODE, type NumberColumn } from '../table/columns.ts';
import type { ColumnSchema } from '../table/definitions.ts';
import { dayText } from '../table/ingest.ts';
import { type ByteSink, byteSink, type EncodedTexts, encodeTexts } from './bytes.ts';

const NEEDS_QUOTES = /[",\r\n]/;

/** One value between commas, RFC 4180. */
export const csvField = (value: string): string =>
  value === '' || NEEDS_QUOTES.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

/** The header line, with its line feed. */
export const csvHeader = (schema: readonly ColumnSchema[]): string =>
  `${schema.map(({ name }) => csvField(name)).join(',')}\n`;

/** The rows `start` to `end` (exclusive) as CSV lines, each with its line feed, without the header. */
export type CsvRows = (start: number, end: number) => Buffer;

/** Writes the value of a row. */
type Cell = (row: number) => void;

const COMMA = 0x2c;
const LINE_FEED = 0x0a;

/** Renders rows of the described columns; their distinct texts are quoted and encoded once, here. */
export function csvRows(schema: readonly ColumnSchema[], columns: Columns): CsvRows {
  const sink = byteSink();
  const cells = schema.map(({ name }) => cellOf(columnOf(columns, name), sink));
  return (start, end) => {
    for (let row = start; row < end; row++) {
      for (let at = 0; at < cells.length; at++) {
        if (at > 0) sink.byte(COMMA);
        (cells[at] as Cell)(row);
      }
      sink.byte(LINE_FEED);
    }
    return sink.take();
  };
}

function cellOf(column: Column, sink: ByteSink): Cell {
  if (column.type === 'string') {
    const texts = encodeTexts(column.values.map(csvField));
    const { codes } = column;
    return (row) => {
      const code = codes[row] as number;
      if (code !== NULL_CODE) sink.copy(texts, code);
    };
  }
  const { values, valid } = column;
  const write = writerOf(column.type, sink);
  return (row) => {
    if (valid === null || valid[row] === 1) write(values[row] as number);
  };
}

function writerOf(type: NumberColumn['type'], sink: ByteSink): (value: number) => void {
  if (type === 'int32' || type === 'int64') return sink.integer;
  const texts = new Map<number, EncodedTexts>();
  const textOf = type === 'date' ? dayText : (value: number) => (value === 1 ? 'true' : 'false');
  return (value) => {
    const known = texts.get(value) ?? encodeTexts([textOf(value)]);
    texts.set(value, known);
    sink.copy(known, 0);
  };
}

/** How many records a CSV text has, its header not counted; line feeds inside quotes do not end one. */
export function countCsvRows(bytes: Uint8Array): number {
  let records = 0;
  let quoted = false;
  // An index loop: an iterator over 30 MB costs three times as much.
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === 0x22) quoted = !quoted;
    else if (byte === 0x0a && !quoted) records++;
  }
  return records - 1;
}
