// Groups a release's counts into series: one for each country, operation and assessment type. Each count is taken at the
// lowest level that has it, as in the view `operation_series`.
import { type Columns, numberColumn, stringColumn, valueAt } from '../../../table/columns.ts';
import { dayText } from '../../../table/ingest.ts';

/** The row of the table `snapshots` that was chosen for a count. */
export interface SeriesCount {
  readonly date: string;
  readonly round: number;
  readonly level: number;
  readonly idps: number | null;
  readonly males: number | null;
  readonly females: number | null;
}

export interface CountSeries {
  readonly country: string;
  readonly name: string;
  readonly operation: string;
  readonly assessment_type: string;
  readonly status: string | null;
  /** Sorted by date, then round; at least one. */
  readonly counts: SeriesCount[];
}

export const SERIES_KEYS = ['admin0_pcode', 'operation', 'assessment_type'] as const;
export const COUNT_KEYS = [...SERIES_KEYS, 'reporting_date', 'round_number'] as const;

/** The series of the table `snapshots`, sorted by key: country, operation, assessment type. */
export function seriesOf(snapshots: Columns): CountSeries[] {
  const seriesByKey = new Map<string, { rows: Map<string, number> }>();
  for (let row = 0; row < snapshots.length; row++) {
    const key = keyAt(snapshots, SERIES_KEYS, row);
    const series = seriesByKey.get(key) ?? { rows: new Map() };
    seriesByKey.set(key, series);
    const count = keyAt(snapshots, COUNT_KEYS, row);
    // Rows are sorted by level first, so the first row of a count has the lowest level.
    if (!series.rows.has(count)) series.rows.set(count, row);
  }
  return [...seriesByKey]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { rows }]) => createSeries(snapshots, [...rows.values()]));
}

/** A row's values of the key columns, as a map key. */
export function keyAt(columns: Columns, keys: readonly string[], row: number): string {
  return JSON.stringify(keys.map((key) => valueAt(columns.byName.get(key) as never, row)));
}

function createSeries(snapshots: Columns, rows: readonly number[]): CountSeries {
  const counts = rows
    .map((row) => countAt(snapshots, row))
    .sort((a, b) => (a.date === b.date ? a.round - b.round : a.date < b.date ? -1 : 1));
  const text = (name: string, row: number) => valueAt(stringColumn(snapshots, name), row) as string;
  const newest = rows.reduce((best, row) => (isLater(snapshots, row, best) ? row : best));
  return {
    country: text('admin0_pcode', newest),
    name: text('admin0_name', newest),
    operation: text('operation', newest),
    assessment_type: text('assessment_type', newest),
    status: text('operation_status', newest) as string | null,
    counts,
  };
}

function isLater(snapshots: Columns, row: number, than: number): boolean {
  const [dates, rounds] = [
    numberColumn(snapshots, 'reporting_date'),
    numberColumn(snapshots, 'round_number'),
  ];
  const difference = Number(dates.values[row]) - Number(dates.values[than]);
  return difference > 0 || (difference === 0 && Number(rounds.values[row]) > Number(rounds.values[than]));
}

function countAt(snapshots: Columns, row: number): SeriesCount {
  const numberAt = (name: string) =>
    snapshots.byName.has(name) ? (valueAt(numberColumn(snapshots, name), row) as number | null) : null;
  return {
    date: dayText(numberAt('reporting_date') as number),
    round: numberAt('round_number') as number,
    level: numberAt('level') as number,
    idps: numberAt('idps'),
    males: numberAt('males'),
    females: numberAt('females'),
  };
}
