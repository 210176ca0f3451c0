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
import { compareValues, type Footer, minOrMax } from './parquet-footer.ts';

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

/** The statistics of all rows. */
export const columnStatistics = (schema: readonly ColumnSchema[], columns: Columns): ColumnStatistics[] =>
  schema.map(({ name }) => ({ name, ...statisticsOf(columnOf(columns, name)) }));

/** The statistics of the rows of both parts. Both have the same columns. */
export const mergeStatistics = (
  part: readonly ColumnStatistics[],
  other: readonly ColumnStatistics[],
): ColumnStatistics[] =>
  part.map(({ name, nulls, min, max }, at) => {
    const column = other[at] as ColumnStatistics;
    return {
      name,
      nulls: nulls + column.nulls,
      min: minOrMax([min, column.min], -1),
      max: minOrMax([max, column.max], 1),
    };
  });

type Statistics = Omit<ColumnStatistics, 'name'>;

const statisticsOf = (column: Column): Statistics =>
  column.type === 'string' ? textStatistics(column) : numberStatistics(column);

function numberStatistics({ type, values, valid }: NumberColumn): Statistics {
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
  if (nulls === values.length) return { nulls, min: null, max: null };
  return type === 'boolean' ? { nulls, min: min === 1, max: max === 1 } : { nulls, min, max };
}

/** A dictionary may have unused texts, so the codes are read. */
function textStatistics({ codes, values }: StringColumn): Statistics {
  const isUsed = new Uint8Array(values.length);
  let nulls = 0;
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] as number;
    if (code === NULL_CODE) nulls++;
    else isUsed[code] = 1;
  }
  const used = values.filter((_, code) => isUsed[code] === 1);
  return { nulls, min: minOrMax(used, -1) as string | null, max: minOrMax(used, 1) as string | null };
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
