// Makes the charts of one country from its tables. So a reader can find every number of the page in the files.
import { computeFreshness } from '../../../make/quality/freshness.ts';
import type { Columns } from '../../../table/columns.ts';
import { dayNumber } from '../../../table/ingest.ts';
import { LEVEL_TABLES, type LevelTable } from '../../../table/schema.ts';
import type { NewestCount } from '../input.ts';
import { areasOverTime } from './areas.ts';
import { type PersonsByReason, reasonsByCount } from './breakdowns.ts';
import type { ChartAreas, ChartCount, ChartSeries, CountryChartData } from './country-chart-data.ts';
import { type CountSeries, seriesOf } from './series.ts';

/** The charts of a country, the newest count of each series, and the days of its first and last count. */
export interface CountryCharts {
  readonly data: CountryChartData;
  readonly newest: readonly NewestCount[];
  readonly from: string;
  readonly to: string;
}

/** The tables that charts are made of. A level that no count is shown at may be missing. */
export interface ChartTables {
  readonly country: string;
  readonly snapshots: Columns;
  readonly levels: ReadonlyMap<LevelTable, Columns>;
}

/** Makes the charts of a country; null if it has no counts. */
export function countryCharts({ country, snapshots, levels }: ChartTables): CountryCharts | null {
  const series = seriesOf(snapshots);
  const last = series.at(-1);
  if (!last) return null;
  const usualDays = usualDaysBySeries(snapshots);
  const breakdowns = breakDown(levels, shownLevels(series));
  const days = series.flatMap(({ counts }) => counts.map(({ date }) => date)).sort();
  return {
    data: {
      country,
      name: last.name,
      series: series.map((one) => toChartSeries(one, breakdowns, usualDays(one))),
    },
    newest: series.map((one) => toNewestCount(one, usualDays(one))),
    from: days[0] as string,
    to: days.at(-1) as string,
  };
}

/** The level tables of which the charts of a country show counts or areas. */
export function shownTables(snapshots: Columns): LevelTable[] {
  const shown = shownLevels(seriesOf(snapshots));
  return LEVEL_TABLES.filter((table, level) => table === 'admin1' || shown.has(level));
}

const shownLevels = (series: readonly CountSeries[]): ReadonlySet<number> =>
  new Set(series.flatMap(({ counts }) => counts.map(({ level }) => level)));

type NamedSeries = Pick<CountSeries, 'country' | 'operation' | 'assessment_type'>;

export const seriesKey = ({ country, operation, assessment_type }: NamedSeries): string =>
  JSON.stringify([country, operation, assessment_type]);

/** The usual interval of a series, as in `status` and `quality.json`. It does not depend on today, so today is 0. */
function usualDaysBySeries(snapshots: Columns): (series: NamedSeries) => number | null {
  const days = new Map(computeFreshness(snapshots, 0).map((one) => [seriesKey(one), one.usual_days]));
  return (series) => days.get(seriesKey(series)) ?? null;
}

interface Breakdowns {
  readonly reasons: readonly Map<string, PersonsByReason>[];
  readonly areas: ReadonlyMap<string, ChartAreas>;
}

function breakDown(levels: ReadonlyMap<LevelTable, Columns>, shown: ReadonlySet<number>): Breakdowns {
  const reasons = LEVEL_TABLES.map((table, level) => {
    const rows = levels.get(table);
    return rows && shown.has(level) ? reasonsByCount(rows) : new Map<string, PersonsByReason>();
  });
  const rows = levels.get('admin1');
  return { reasons, areas: rows ? areasOverTime(rows) : new Map() };
}

function toNewestCount({ counts, ...series }: CountSeries, usualDays: number | null): NewestCount {
  const { date, round, level, idps } = counts.at(-1) as CountSeries['counts'][number];
  return { ...series, date, round, level, idps, usual_days: usualDays };
}

function toChartSeries(
  series: CountSeries,
  { reasons, areas }: Breakdowns,
  usualDays: number | null,
): ChartSeries {
  const { country, operation, assessment_type, status, counts } = series;
  const reasonList: (string | null)[] = [];
  const indexOf = (reason: string | null): number => {
    if (!reasonList.includes(reason)) reasonList.push(reason);
    return reasonList.indexOf(reason);
  };
  const chartCounts = counts.map(({ date, round, level, idps, males, females }): ChartCount => {
    const key = JSON.stringify([country, operation, assessment_type, dayNumber(date), round]);
    const byReason = (reasons[level]?.get(key) ?? []).map(([reason, sum]) => [indexOf(reason), sum] as const);
    return [date, round, level, idps, males, females, byReason];
  });
  return {
    operation,
    assessment_type,
    status,
    usual_days: usualDays,
    reasons: reasonList,
    counts: chartCounts,
    areas: areas.get(seriesKey(series)) ?? null,
  };
}
