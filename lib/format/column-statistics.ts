// What a Parquet file is meant to hold, column by column, to be compared with what its footer says it holds.

import {
  type Column,
  type Columns,
  columnOf,
  NULL_CODE,
  type NumberColumn,
  type StringColumn,
} from '../table/columns.ts';
import type { ColumnSchema } from '../table/definitions.ts';
import { utf8Ranks } from '../table/sort.ts';
import { compareValues, type Footer } from './parquet-footer.ts';

type Value = string | number | boolean;

/** A column's nulls and its least and greatest value, null where it has none; dates as days since 1970-01-01. */
export interface ColumnStatistics {
  readonly name: string;
  readonly nulls: number;
  readonly min: Value | null;
  readonly max: Value | null;
}

/** Parquet: the writer cuts string statistics at 64 bytes, a minimum downwards and a maximum upwards. */
const STATISTICS_BYTES = 64;

/** The facts of the rows `start` to `end` (exclusive). */
export type RangeStatistics = (start: number, end: number) => ColumnStatistics[];

/** Finds the facts of ranges of rows; texts are put in order once, here. */
export function createRangeStatistics(schema: readonly ColumnSchema[], columns: Columns): RangeStatistics {
  const finders = schema.map(({ name }) => ({ name, find: createFinder(columnOf(columns, name)) }));
  return (start, end) => finders.map(({ name, find }) => ({ name, ...find(start, end) }));
}

/** The facts of all rows. */
export const columnStatistics = (schema: readonly ColumnSchema[], columns: Columns): ColumnStatistics[] =>
  createRangeStatistics(schema, columns)(0, columns.length);

type Statistics = Omit<ColumnStatistics, 'name'>;
type FindStatistics = (start: number, end: number) => Statistics;

const createFinder = (column: Column): FindStatistics =>
  column.type === 'string' ? createTextFinder(column) : (start, end) => numberStatistics(column, start, end);

function numberStatistics({ type, values, valid }: NumberColumn, start: number, end: number): Statistics {
  let nulls = 0;
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let row = start; row < end; row++) {
    const value = values[row] as number;
    if (valid !== null && valid[row] === 0) nulls++;
    else {
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  if (nulls === end - start) return { nulls, min: null, max: null };
  return type === 'boolean' ? { nulls, min: min === 1, max: max === 1 } : { nulls, min, max };
}

function createTextFinder({ codes, values }: StringColumn): FindStatistics {
  const ranks = utf8Ranks(values);
  const textOf = new Map([...ranks].map((rank, code) => [rank, values[code] as string]));
  return (start, end) => {
    let nulls = 0;
    let [min, max] = [ranks.length, -1];
    for (let row = start; row < end; row++) {
      const code = codes[row] as number;
      if (code === NULL_CODE) nulls++;
      else {
        const rank = ranks[code] as number;
        if (rank < min) min = rank;
        if (rank > max) max = rank;
      }
    }
    return { nulls, min: textOf.get(min) ?? null, max: textOf.get(max) ?? null };
  };
}

/** The first way in which a footer's statistics contradict the facts, as a sentence, or null. */
export function findFooterMismatch(expected: readonly ColumnStatistics[], footer: Footer): string | null {
  for (const [at, column] of expected.entries()) {
    const found = footer.columns[at];
    const what = `column ${column.name}`;
    if (!found || found.nulls !== column.nulls)
      return `${what}: expected ${column.nulls} nulls, footer says ${found?.nulls}`;
    if (!isStatisticEqual(column.min, found.min, -1))
      return `${what}: expected minimum ${column.min}, footer says ${found.min}`;
    if (!isStatisticEqual(column.max, found.max, 1))
      return `${what}: expected maximum ${column.max}, footer says ${found.max}`;
  }
  return null;
}

function isStatisticEqual(expected: Value | null, actual: Value | null, direction: -1 | 1): boolean {
  const isLong = typeof expected === 'string' && Buffer.byteLength(expected) > STATISTICS_BYTES;
  if (!isLong || actual === null) return expected === actual;
  // A maximum whose characters have no next one is not cut.
  if (actual === expected) return true;
  return (
    Math.sign(compareValues(actual, expected)) === direction &&
    Buffer.byteLength(actual as string) <= STATISTICS_BYTES
  );
}
