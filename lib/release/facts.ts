// What a Parquet file is meant to hold, column by column, to be compared with what its footer says it holds.
import { compareValues, type Footer } from '../format/footer.ts';
import { type Column, type Columns, columnOf, NULL_CODE, type StringColumn } from '../table/columns.ts';
import type { ColumnSchema } from '../table/definitions.ts';

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

export const factsOf = (schema: readonly ColumnSchema[], columns: Columns): ColumnFacts[] =>
  schema.map(({ name }) => ({ name, ...extremes(columnOf(columns, name)) }));

function extremes(column: Column): Omit<ColumnFacts, 'name'> {
  if (column.type === 'string') return stringExtremes(column);
  const { values, valid } = column;
  let nulls = 0;
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number;
    if (valid !== null && valid[row] === 0) nulls++;
    else {
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  if (nulls === column.values.length) return { nulls, min: null, max: null };
  return column.type === 'boolean' ? { nulls, min: min === 1, max: max === 1 } : { nulls, min, max };
}

function stringExtremes({ codes, values }: StringColumn): Omit<ColumnFacts, 'name'> {
  let nulls = 0;
  const used = new Uint8Array(values.length);
  for (const code of codes) {
    if (code === NULL_CODE) nulls++;
    else used[code] = 1;
  }
  let [min, max]: [string | null, string | null] = [null, null];
  for (const [code, value] of values.entries()) {
    if (used[code] !== 1) continue;
    if (min === null || compareValues(value, min) < 0) min = value;
    if (max === null || compareValues(value, max as string) > 0) max = value;
  }
  return { nulls, min, max };
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
