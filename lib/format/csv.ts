// Columns to CSV (RFC 4180): UTF-8 without BOM, comma, LF. Text is always quoted, the header too: readers such as DuckDB
// guess from the first rows whether a file has quotes. Numbers, dates and booleans never are; null is nothing between
// the commas, an empty text is `""`. Every distinct text is quoted and encoded once.

import { type Column, type Columns, columnOf, NULL_CODE } from '../table/columns.ts';
import type { ColumnSchema } from '../table/definitions.ts';
import { dayText } from '../table/ingest.ts';
import {
  copyText,
  type EncodedTexts,
  encodeTexts,
  grown,
  LONGEST_INTEGER,
  longestOf,
  writeInteger,
} from './text-bytes.ts';

/** A text between commas; a quote within it is doubled. */
export const csvText = (value: string): string => `"${value.replaceAll('"', '""')}"`;

/** The header line, with its line feed. */
export const csvHeader = (schema: readonly ColumnSchema[]): string =>
  `${schema.map(({ name }) => csvText(name)).join(',')}\n`;

/**
 * The rows `start` to `end` (exclusive) as CSV lines, each with its line feed, without the header. The bytes are lent:
 * the next call writes over them.
 */
export type CsvRows = (start: number, end: number) => Buffer;

/**
 * A column's values: encoded texts, each with the comma or line feed after it, by code, null at 0; or, without texts,
 * whole numbers.
 */
interface Cells {
  readonly texts: EncodedTexts | null;
  readonly codes: Int32Array | Float64Array;
  readonly valid: Uint8Array | null;
  readonly end: number;
  /** The most bytes that one of them takes. */
  readonly longest: number;
}

/** Renders rows of the described columns; their distinct texts are quoted and encoded once, here. */
export function csvRows(schema: readonly ColumnSchema[], columns: Columns): CsvRows {
  const cells = schema.map(({ name }, at) =>
    cellsOf(columnOf(columns, name), at === schema.length - 1 ? '\n' : ','),
  );
  const longest = cells.reduce((sum, one) => sum + one.longest, 0);
  let buffer: Uint8Array = new Uint8Array(1 << 16);
  return (start, end) => {
    let at = 0;
    for (let row = start; row < end; row++) {
      if (at + longest > buffer.length) buffer = grown(buffer, at, longest);
      for (let column = 0; column < cells.length; column++)
        at = writeCell(buffer, at, cells[column] as Cells, row);
    }
    return Buffer.from(buffer.buffer, buffer.byteOffset, at);
  };
}

/** Writes the value of a row, and what ends it, from `at` on; returns where it ends. */
function writeCell(buffer: Uint8Array, at: number, { texts, codes, valid, end }: Cells, row: number): number {
  const value = codes[row] as number;
  if (texts !== null) return copyText(buffer, at, texts, value + 1);
  const after = valid !== null && valid[row] === 0 ? at : writeInteger(buffer, at, value);
  buffer[after] = end;
  return after + 1;
}

function cellsOf(column: Column, end: string): Cells {
  if (column.type === 'string') return textCells(column.codes, column.values.map(csvText), end);
  const { type, values, valid } = column;
  if (type === 'int32' || type === 'int64')
    return { texts: null, codes: values, valid, end: end.charCodeAt(0), longest: LONGEST_INTEGER + 1 };
  const textOf = type === 'date' ? dayText : (value: number) => (value === 1 ? 'true' : 'false');
  const codeOf = new Map<number, number>();
  const codes = new Int32Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number;
    const code = codeOf.get(value) ?? codeOf.size;
    codeOf.set(value, code);
    codes[row] = valid?.[row] === 0 ? NULL_CODE : code;
  }
  return textCells(codes, [...codeOf.keys()].map(textOf), end);
}

function textCells(codes: Int32Array, texts: readonly string[], end: string): Cells {
  const encoded = encodeTexts(['', ...texts].map((text) => text + end));
  return { texts: encoded, codes, valid: null, end: 0, longest: longestOf(encoded) };
}

const QUOTE = 0x22;
const LINE_FEED = 0x0a;

/** The names of a CSV text's header between commas, without the quotes that releases of format version 2 did not have. */
export const csvHeaderOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.subarray(0, bytes.indexOf(LINE_FEED) + 1))
    .toString('utf8')
    .replaceAll('"', '')
    .trimEnd();

/** How many records a CSV text has, its header not counted; line feeds inside quotes do not end one. */
export function countCsvRows(bytes: Uint8Array): number {
  let records = 0;
  let isQuoted = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (byte === LINE_FEED && !isQuoted) records++;
  }
  return records - 1;
}
