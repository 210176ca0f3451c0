// Breaks counts down by reason and by area, from the level tables. A sum with a missing part is null.
import { type Columns, numberColumn, stringColumn, valueAt } from '../../../table/columns.ts';
import { dayText } from '../../../table/ingest.ts';
import { compareUtf8, groupStarts } from '../../../table/sort.ts';
import type { ChartArea } from './country-chart-data.ts';
import { COUNT_KEYS, keyAt, SERIES_KEYS } from './series.ts';

/** Persons by reason, sorted by the reasons' UTF-8 bytes; the null reason of rows without one comes last. */
export type PersonsByReason = readonly (readonly [reason: string | null, idps: number | null])[];

/** The newest count of a series at level 1; the areas with most persons come first. */
export interface NewestAreas {
  readonly date: string;
  readonly round: number;
  readonly list: readonly ChartArea[];
}

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

/** Areas of the newest count of each series at level 1, by the series' key. */
export function newestAreas(level: Columns): Map<string, NewestAreas> {
  const latest = numberColumn(level, 'is_latest');
  const areas = new Map<string, NewestAreas>();
  for (const range of countRanges(level)) {
    if (latest.values[range.start] !== 1) continue;
    areas.set(keyAt(level, SERIES_KEYS, range.start), {
      date: dayText(Number(numberColumn(level, 'reporting_date').values[range.start])),
      round: Number(numberColumn(level, 'round_number').values[range.start]),
      list: areasIn(level, range),
    });
  }
  return areas;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Row range of each count; a count's rows are adjacent. */
function countRanges(level: Columns): Range[] {
  const starts = groupStarts(level, COUNT_KEYS);
  return starts.map((start, at) => ({ start, end: starts[at + 1] ?? level.length }));
}

/** Groups rows by P-code, or by name if a row has none, as the table `snapshots` does. */
function areasIn(level: Columns, range: Range): ChartArea[] {
  const [pcodes, names] = [stringColumn(level, 'admin1_pcode'), stringColumn(level, 'admin1_name')];
  const keyOf = (row: number): string => {
    const pcode = valueAt(pcodes, row);
    return JSON.stringify(pcode === null ? [null, valueAt(names, row)] : [pcode]);
  };
  const nameByArea = new Map<string, string | null>();
  for (let row = range.start; row < range.end; row++) {
    const [key, name] = [keyOf(row), valueAt(names, row) as string | null];
    const earlierName = nameByArea.get(key) ?? null;
    nameByArea.set(
      key,
      name !== null && (earlierName === null || compareUtf8(name, earlierName) < 0) ? name : earlierName,
    );
  }
  return [...sumBy(level, range, keyOf)]
    .map(([key, idps]): ChartArea => [nameByArea.get(key) ?? null, JSON.parse(key)[0] as string | null, idps])
    .sort(byPersons);
}

/** Most persons first, areas without a figure last; equal areas by name and P-code. */
const byPersons = (a: ChartArea, b: ChartArea): number =>
  (b[2] ?? -1) - (a[2] ?? -1) || compareUtf8(a[0] ?? '', b[0] ?? '') || compareUtf8(a[1] ?? '', b[1] ?? '');

function sumBy<K>(level: Columns, { start, end }: Range, keyOf: (row: number) => K): Map<K, number | null> {
  const present = numberColumn(level, 'num_present_idp_ind');
  const sums = new Map<K, number | null>();
  for (let row = start; row < end; row++) {
    const [key, persons] = [keyOf(row), valueAt(present, row) as number | null];
    const sum = sums.has(key) ? (sums.get(key) ?? null) : 0;
    sums.set(key, sum === null || persons === null ? null : sum + persons);
  }
  return sums;
}
