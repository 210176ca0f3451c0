// Sorts rows with a radix sort: the values of every column become ranks, and stable counting passes go from the last
// key column to the first. Strings are ranked by their UTF-8 bytes (JavaScript's `<` compares UTF-16 units, which
// differs for 4-byte characters). Null comes last.
import { type Column, type Columns, columnOf, NULL_CODE, type StringColumn, take } from './columns.ts';

/** Bits of a key in one pass: few enough that the counts stay in the processor's cache. */
const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;

/** Compares two strings by their UTF-8 bytes. */
export const compareUtf8 = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/**
 * Sorts the rows by the named columns, by the first one first. Equal rows keep their order. Rows that are in order are
 * not copied.
 */
export function sortColumns(columns: Columns, by: readonly string[]): Columns {
  return isSorted(columns, by) ? columns : take(columns, sortedOrder(columns, by));
}

/** True if the rows are in the order of the named columns. */
export function isSorted(columns: Columns, by: readonly string[]): boolean {
  // Rows that equal the row before in the columns so far.
  const tied = new Uint8Array(columns.length).fill(1, 1);
  return by.every((name) => !tied.includes(1) || isSortedWhereTied(columnOf(columns, name), tied));
}

/** Compares each tied row with the row before. A greater one is no longer tied. False if one is smaller. */
function isSortedWhereTied(column: Column, tied: Uint8Array): boolean {
  const { keys, valid } = sortKeys(column);
  for (let row = tied.indexOf(1); row > 0; row = tied.indexOf(1, row + 1)) {
    const [isValid, wasValid] = [valid?.[row] ?? 1, valid?.[row - 1] ?? 1];
    const difference = wasValid - isValid || (isValid && (keys[row] as number) - (keys[row - 1] as number));
    if (difference < 0) return false;
    if (difference > 0) tied[row] = 0;
  }
  return true;
}

/** Numbers whose order is that of a column's values. Null is last: by its key, or where `valid` is 0. */
function sortKeys(column: Column): { keys: ArrayLike<number>; valid: Uint8Array | null } {
  return column.type === 'string'
    ? { keys: stringKeys(column), valid: null }
    : { keys: column.values, valid: column.valid };
}

/** The row numbers in sorted order. */
export function sortedOrder(columns: Columns, by: readonly string[]): Uint32Array {
  let order: Uint32Array = Uint32Array.from({ length: columns.length }, (_, row) => row);
  for (const name of by.toReversed()) {
    const column = columnOf(columns, name);
    const keys = column.type === 'string' ? stringKeys(column) : numberKeys(column.values);
    order = sortByKeys(order, keys);
    if (column.type !== 'string' && column.valid) order = sortByKeys(order, nullKeys(column.valid));
  }
  return order;
}

/** The rank of each value in the order of UTF-8 bytes. Equal values have the same rank. */
export function utf8Ranks(values: readonly string[]): Int32Array {
  const bytes = values.map((value) => Buffer.from(value));
  const order = values.map((_, code) => code);
  order.sort((a, b) => Buffer.compare(bytes[a] as Buffer, bytes[b] as Buffer));
  const ranks = new Int32Array(values.length);
  let rank = -1;
  let before: string | undefined;
  for (const code of order) {
    if (values[code] !== before) rank++;
    before = values[code];
    ranks[code] = rank;
  }
  return ranks;
}

function stringKeys({ codes, values }: StringColumn): Uint32Array {
  const ranks = utf8Ranks(values);
  const keys = new Uint32Array(codes.length);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] as number;
    keys[row] = code === NULL_CODE ? values.length : (ranks[code] as number);
  }
  return keys;
}

function numberKeys(values: Int32Array | Float64Array): Uint32Array {
  // Values beyond 32 bits cannot be keys, so such columns use the ranks of their distinct values.
  if (values instanceof Float64Array) {
    const ranks = new Map([...new Set(values)].sort((a, b) => a - b).map((value, at) => [value, at]));
    return Uint32Array.from(values, (value) => ranks.get(value) as number);
  }
  let smallest = 0x7fffffff;
  for (let row = 0; row < values.length; row++) smallest = Math.min(smallest, values[row] as number);
  const keys = new Uint32Array(values.length);
  for (let row = 0; row < values.length; row++) keys[row] = (values[row] as number) - smallest;
  return keys;
}

function nullKeys(valid: Uint8Array): Uint32Array {
  const keys = new Uint32Array(valid.length);
  for (let row = 0; row < valid.length; row++) keys[row] = 1 - (valid[row] as number);
  return keys;
}

/** Sorts by keys: one counting pass for each digit of the greatest key, none if all keys are 0. */
function sortByKeys(order: Uint32Array, keys: Uint32Array): Uint32Array {
  let greatest = 0;
  for (let row = 0; row < keys.length; row++) greatest = Math.max(greatest, keys[row] as number);
  let sorted = order;
  for (let shift = 0; shift < 32 && greatest >>> shift > 0; shift += DIGIT_BITS) {
    sorted = sortByDigit(sorted, keys, shift);
  }
  return sorted;
}

/** One stable counting pass, by the digit that starts at bit `shift`. */
function sortByDigit(order: Uint32Array, keys: Uint32Array, shift: number): Uint32Array {
  const starts = new Uint32Array(DIGITS + 1);
  for (let at = 0; at < keys.length; at++) {
    const next = (((keys[at] as number) >>> shift) & (DIGITS - 1)) + 1;
    starts[next] = (starts[next] as number) + 1;
  }
  for (let at = 0; at < DIGITS; at++) starts[at + 1] = (starts[at + 1] as number) + (starts[at] as number);
  const sorted = new Uint32Array(order.length);
  for (let at = 0; at < order.length; at++) {
    const row = order[at] as number;
    const digit = ((keys[row] as number) >>> shift) & (DIGITS - 1);
    const target = starts[digit] as number;
    sorted[target] = row;
    starts[digit] = target + 1;
  }
  return sorted;
}

/** The rows at which a group of equal values begins. Rows with equal values must be neighbours in these columns. */
export function groupStarts(columns: Columns, by: readonly string[]): number[] {
  const isStart = new Uint8Array(columns.length);
  for (const name of by) markChanges(columnOf(columns, name), isStart);
  const starts: number[] = [];
  for (let row = 0; row < isStart.length; row++) if (row === 0 || isStart[row] === 1) starts.push(row);
  return starts;
}

/** Marks the rows whose value differs from that of the row before. */
function markChanges(column: Column, marks: Uint8Array): void {
  if (column.type !== 'string') {
    const { values } = column;
    for (let row = 1; row < values.length; row++) if (values[row] !== values[row - 1]) marks[row] = 1;
    return;
  }
  const { codes, values } = column;
  for (let row = 1; row < codes.length; row++) {
    const [code, before] = [codes[row] as number, codes[row - 1] as number];
    if (code !== before && values[code] !== values[before]) marks[row] = 1;
  }
}
