// Converts columns to CSV (RFC 4180): UTF-8 without BOM, comma, LF. Text and the header are always quoted, because
// readers such as DuckDB guess from the first rows whether a file has quotes. Numbers, dates and booleans are never
// quoted. Null is nothing between the commas, an empty text is `""`. Every distinct text is quoted and encoded once.
import { type Column, type Columns, columnOf, NULL_CODE } from '../table/columns.ts';
import type { ColumnSchema } from '../table/definitions.ts';
import { dayText } from '../table/ingest.ts';
import {
  copyText,
  type EncodedTexts,
  encodeTexts,
  growBuffer,
  MAX_INTEGER_DIGITS,
  maxTextBytes,
  writeInteger,
} from './text-bytes.ts';

/** Quotes a text. A quote inside it is doubled. */
export const quoteCsv = (value: string): string => `"${value.replaceAll('"', '""')}"`;

/** The header line, with its line feed. */
export const csvHeader = (schema: readonly ColumnSchema[]): string =>
  `${schema.map(({ name }) => quoteCsv(name)).join(',')}\n`;

/**
 * A column's values, ready to be copied. With `texts`: code n is the text n + 1, each with its separator; text 0 is
 * null. Without `texts`: the codes are integers.
 */
interface EncodedColumn {
  readonly texts: EncodedTexts | null;
  readonly codes: Int32Array | Float64Array;
  readonly valid: Uint8Array | null;
  readonly separator: number;
  /** Bytes of the longest value with its separator. */
  readonly longest: number;
}

/** Renders rows as CSV lines, without the header. The distinct texts are quoted and encoded only once. */
export function renderCsv(schema: readonly ColumnSchema[], columns: Columns): Uint8Array {
  const encodedColumns = schema.map(({ name }, at) =>
    encodeColumn(columnOf(columns, name), at === schema.length - 1 ? '\n' : ','),
  );
  const longestRow = encodedColumns.reduce((sum, { longest }) => sum + longest, 0);
  let buffer: Uint8Array = new Uint8Array(columns.length * USUAL_LINE + longestRow);
  let at = 0;
  for (let row = 0; row < columns.length; row++) {
    if (at + longestRow > buffer.length) buffer = growBuffer(buffer, at, longestRow);
    for (let column = 0; column < encodedColumns.length; column++)
      at = writeCell(buffer, at, encodedColumns[column] as EncodedColumn, row);
  }
  return buffer.subarray(0, at);
}

/** Bytes that are passed on at once. */
const BLOCK_BYTES = 1 << 19;

/**
 * Passes the lines on without their last cells, which are never quoted. `use` gets them in blocks, of which each
 * overwrites the one before.
 */
export function withoutLastCells(text: Uint8Array, use: (lines: Uint8Array) => void): void {
  let block: Uint8Array = new Uint8Array(Math.min(text.length, 2 * BLOCK_BYTES));
  let [into, start, comma] = [0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    const byte = text[at];
    // A doubled quote ends one quoted part and begins the next.
    if (byte === QUOTE)
      do at++;
      while (at < text.length && text[at] !== QUOTE);
    else if (byte === COMMA) comma = at;
    else if (byte === LINE_FEED) {
      if (into + comma - start >= block.length) block = growBuffer(block, into, comma - start + 1);
      block.set(text.subarray(start, comma), into);
      into += comma - start;
      block[into++] = LINE_FEED;
      start = at + 1;
      if (into < BLOCK_BYTES) continue;
      use(block.subarray(0, into));
      into = 0;
    }
  }
  use(block.subarray(0, into));
}

/** Bytes of a usual line, to reserve memory. */
const USUAL_LINE = 160;

/** Writes the value of a row and its separator at offset `at`. Returns the offset after them. */
function writeCell(
  buffer: Uint8Array,
  at: number,
  { texts, codes, valid, separator }: EncodedColumn,
  row: number,
): number {
  const value = codes[row] as number;
  if (texts !== null) return copyText(buffer, at, texts, value + 1);
  const after = valid !== null && valid[row] === 0 ? at : writeInteger(buffer, at, value);
  buffer[after] = separator;
  return after + 1;
}

function encodeColumn(column: Column, end: string): EncodedColumn {
  if (column.type === 'string') return encodeTextColumn(column.codes, column.values.map(quoteCsv), end);
  const { type, values, valid } = column;
  if (type === 'int32' || type === 'int64')
    return {
      texts: null,
      codes: values,
      valid,
      separator: end.charCodeAt(0),
      longest: MAX_INTEGER_DIGITS + 1,
    };
  const textOf = type === 'date' ? dayText : (value: number) => (value === 1 ? 'true' : 'false');
  const dictionary = new Map<number, number>();
  const codes = new Int32Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number;
    const code = dictionary.get(value) ?? dictionary.size;
    dictionary.set(value, code);
    codes[row] = valid?.[row] === 0 ? NULL_CODE : code;
  }
  return encodeTextColumn(codes, [...dictionary.keys()].map(textOf), end);
}

function encodeTextColumn(codes: Int32Array, texts: readonly string[], end: string): EncodedColumn {
  const encoded = encodeTexts(['', ...texts].map((text) => text + end));
  return { texts: encoded, codes, valid: null, separator: 0, longest: maxTextBytes(encoded) };
}

const COMMA = 0x2c;
const QUOTE = 0x22;
const LINE_FEED = 0x0a;

/** Reads the header line at the start of a text, without quotes: releases of format version 2 have none. */
export const readCsvHeader = (bytes: Uint8Array): string =>
  Buffer.from(bytes.subarray(0, bytes.indexOf(LINE_FEED) + 1))
    .toString('utf8')
    .replaceAll('"', '')
    .trimEnd();

/** Counts the records of a CSV text, chunk by chunk. */
export interface CsvCounter {
  readonly add: (chunk: Uint8Array) => void;
  /** The number of records so far, without the header. */
  readonly rows: () => number;
}

/** Creates a counter. A line feed inside quotes does not end a record. */
export function createCsvCounter(): CsvCounter {
  let records = 0;
  let isQuoted = false;
  return {
    add(chunk) {
      let [found, inside] = [0, isQuoted];
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at];
        if (byte === QUOTE) inside = !inside;
        else if (byte === LINE_FEED && !inside) found++;
      }
      records += found;
      isQuoted = inside;
    },
    rows: () => records - 1,
  };
}
