// Breaks counts down by reason, from the level tables. A sum with a missing part is null.
import { type Columns, numberColumn, stringColumn, valueAt } from '../../../table/columns.ts';
import { compareUtf8, groupStarts } from '../../../table/sort.ts';
import { COUNT_KEYS, keyAt } from './series.ts';

/** Persons by reason, sorted by the reasons' UTF-8 bytes; the null reason of rows without one comes last. */
export type PersonsByReason = readonly (readonly [reason: string | null, idps: number | null])[];

/** Persons by reason for each count of a level, by the count's key. Empty if the table has no reasons (v2). */
export function reasonsByCount(level: Columns): Map<string, PersonsByReason> {
  if (!level.byName.has('displacement_reason')) return new Map();
  const reasons = stringColumn(level, 'displacement_reason');
  return new Map(
    countRanges(level).map(({ start, end }) => {
      const sums = sumBy(level, { start, end }, (row) => valueAt(reasons, row) as string | null);
      const sorted = [...sums].sort(([a], [b]) => (a === null ? 1 : b === null ? -1 : compareUtf8(a, b)));
      return [keyAt(level, COUNT_KEYS, start), sorted];
    }),
  );
}

/** Rows from `start`, without `end`. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** Row range of each count; a count's rows are adjacent. */
export function countRanges(level: Columns): RowRange[] {
  const starts = groupStarts(level, COUNT_KEYS);
  return starts.map((start, at) => ({ start, end: starts[at + 1] ?? level.length }));
}

/** Persons of a count's rows by a key; null if a row has no figure. */
export function sumBy<K>(
  level: Columns,
  { start, end }: RowRange,
  keyOf: (row: number) => K,
): Map<K, number | null> {
  const present = numberColumn(level, 'num_present_idp_ind');
  const sums = new Map<K, number | null>();
  for (let row = start; row < end; row++) {
    const [key, persons] = [keyOf(row), valueAt(present, row) as number | null];
    const sum = sums.has(key) ? (sums.get(key) ?? null) : 0;
    sums.set(key, sum === null || persons === null ? null : sum + persons);
  }
  return sums;
}
