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
export interface ColumnFacts {
  readonly name: string;
  readonly nulls: number;
  readonly min: Value | null;
  readonly max: Value | null;
}

/** Parquet: the writer cuts string statistics at 64 bytes, a minimum downwards and a maximum upwards. */
const STATISTICS_BYTES = 64;

/** The facts of the rows `start` to `end` (exclusive). */
export type RangeFacts = (start: number, end: number) => ColumnFacts[];

/** Finds the facts of ranges of rows; texts are put in order once, here. */
export function factsFinder(schema: readonly ColumnSchema[], columns: Columns): RangeFacts {
  const finders = schema.map(({ name }) => ({ name, find: finderOf(columnOf(columns, name)) }));
  return (start, end) => finders.map(({ name, find }) => ({ name, ...find(start, end) }));
}

/** The facts of all rows. */
export const factsOf = (schema: readonly ColumnSchema[], columns: Columns): ColumnFacts[] =>
  factsFinder(schema, columns)(0, columns.length);

type Extremes = Omit<ColumnFacts, 'name'>;
type Finder = (start: number, end: number) => Extremes;

const finderOf = (column: Column): Finder =>
  column.type === 'string' ? textFinder(column) : (start, end) => numberExtremes(column, start, end);

function numberExtremes({ type, values, valid }: NumberColumn, start: number, end: number): Extremes {
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

function textFinder({ codes, values }: StringColumn): Finder {
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
export function contradiction(facts: readonly ColumnFacts[], footer: Footer): string | null {
  for (const [at, fact] of facts.entries()) {
    const found = footer.columns[at];
    const what = `column ${fact.name}`;
    if (!found || found.nulls !== fact.nulls)
      return `${what}: expected ${fact.nulls} nulls, footer says ${found?.nulls}`;
    if (!agrees(fact.min, found.min, -1))
      return `${what}: expected minimum ${fact.min}, footer says ${found.min}`;
    if (!agrees(fact.max, found.max, 1))
      return `${what}: expected maximum ${fact.max}, footer says ${found.max}`;
  }
  return null;
}

function agrees(meant: Value | null, said: Value | null, side: -1 | 1): boolean {
  const isLong = typeof meant === 'string' && Buffer.byteLength(meant) > STATISTICS_BYTES;
  if (!isLong || said === null) return meant === said;
  // A maximum whose characters have no next one is not cut.
  if (said === meant) return true;
  return (
    Math.sign(compareValues(said, meant)) === side && Buffer.byteLength(said as string) <= STATISTICS_BYTES
  );
}
