// Expected statistics of each column. The audit compares them with the statistics in the Parquet footer.
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

/**
 * A column's number of nulls and its smallest and greatest value, null if it has no value. Dates are days since
 * 1970-01-01.
 */
export interface ColumnStatistics {
  readonly name: string;
  readonly nulls: number;
  readonly min: Value | null;
  readonly max: Value | null;
}

/** The writer cuts string statistics at 64 bytes: a minimum becomes smaller, a maximum greater. */
const STATISTICS_BYTES = 64;

/** Computes the statistics of the rows `start` to `end` (exclusive). */
export type RangeStatistics = (start: number, end: number) => ColumnStatistics[];

/** Creates a function that computes statistics of row ranges. Texts are sorted only once, here. */
export function createRangeStatistics(schema: readonly ColumnSchema[], columns: Columns): RangeStatistics {
  const finders = schema.map(({ name }) => ({ name, find: createFinder(columnOf(columns, name)) }));
  return (start, end) => finders.map(({ name, find }) => ({ name, ...find(start, end) }));
}

/** The statistics of all rows. */
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

/** Describes the first difference between the expected statistics and those of a footer; null if there is none. */
export function findFooterMismatch(expected: readonly ColumnStatistics[], footer: Footer): string | null {
  for (const [at, column] of expected.entries()) {
    const found = footer.columns[at];
    const subject = `column ${column.name}`;
    if (!found || found.nulls !== column.nulls)
      return `${subject}: expected ${column.nulls} nulls, footer says ${found?.nulls}`;
    if (!isStatisticEqual(column.min, found.min, -1))
      return `${subject}: expected minimum ${column.min}, footer says ${found.min}`;
    if (!isStatisticEqual(column.max, found.max, 1))
      return `${subject}: expected maximum ${column.max}, footer says ${found.max}`;
  }
  return null;
}

function isStatisticEqual(expected: Value | null, actual: Value | null, direction: -1 | 1): boolean {
  const isLong = typeof expected === 'string' && Buffer.byteLength(expected) > STATISTICS_BYTES;
  if (!isLong || actual === null) return expected === actual;
  // The writer does not cut a maximum if it cannot increase any of its characters.
  if (actual === expected) return true;
  return (
    Math.sign(compareValues(actual, expected)) === direction &&
    Buffer.byteLength(actual as string) <= STATISTICS_BYTES
  );
}
