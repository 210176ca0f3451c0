// Compares the age of each operation's newest figures with its usual interval. The status "Active" in the operation list
// does not mean that figures are new.
import { type Columns, numberColumn, stringColumn, valueAt } from '../../table/columns.ts';
import { dayText } from '../../table/ingest.ts';

export interface Freshness {
  readonly country: string;
  readonly operation: string;
  readonly assessment_type: string;
  readonly operation_status: string | null;
  /** Date of the newest snapshot at any level, `2025-06-30`. */
  readonly last: string;
  readonly age_days: number;
  /** Median of the days between snapshots; null if there is only one snapshot. */
  readonly usual_days: number | null;
  /** True if `age_days` is more than twice `usual_days`; null if there is no usual interval. */
  readonly overdue: boolean | null;
}

interface SeriesIntervals {
  readonly row: number;
  day: number;
  readonly intervals: Map<number, number[]>;
}

/** Freshness of every series in the snapshots table; `today` is in days since 1970-01-01. */
export function computeFreshness(snapshots: Columns, today: number): Freshness[] {
  const all = new Map<string, SeriesIntervals>();
  const [days, gaps, levels] = ['reporting_date', 'days_since_previous', 'level'].map((name) =>
    numberColumn(snapshots, name),
  ) as [ReturnType<typeof numberColumn>, ReturnType<typeof numberColumn>, ReturnType<typeof numberColumn>];
  const text = (name: string, row: number) => valueAt(stringColumn(snapshots, name), row) as string | null;
  for (let row = 0; row < snapshots.length; row++) {
    const key = JSON.stringify(
      ['admin0_pcode', 'operation', 'assessment_type'].map((name) => text(name, row)),
    );
    const series = all.get(key) ?? { row, day: Number.NEGATIVE_INFINITY, intervals: new Map() };
    all.set(key, series);
    series.day = Math.max(series.day, days.values[row] as number);
    const interval = valueAt(gaps, row) as number | null;
    const level = levels.values[row] as number;
    if (interval) series.intervals.set(level, [...(series.intervals.get(level) ?? []), interval]);
  }
  return [...all.values()].map(({ row, day, intervals: byLevel }) => {
    // The level with the most intervals gives the best median.
    const longest = [...byLevel.values()].reduce(
      (best, list) => (list.length > best.length ? list : best),
      [],
    );
    const usual = median(longest);
    const age = today - day;
    return {
      country: text('admin0_pcode', row) as string,
      operation: text('operation', row) as string,
      assessment_type: text('assessment_type', row) as string,
      operation_status: text('operation_status', row),
      last: dayText(day),
      age_days: age,
      usual_days: usual,
      overdue: usual === null ? null : age > 2 * usual,
    };
  });
}

/** The middle value, or the lower one of two; null if there are no values. */
function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}
