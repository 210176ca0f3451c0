// Reads the chart data from a release's tables. So a reader can find every number of the page in the files.
import { computeFreshness } from '../../../make/quality/freshness.ts';
import { type Columns, stringColumn, valueAt } from '../../../table/columns.ts';
import { dayNumber } from '../../../table/ingest.ts';
import { LEVEL_TABLES } from '../../../table/schema.ts';
import type { TableReader } from '../../published-rows.ts';
import type { NewestCount } from '../input.ts';
import { newestAreas, type PersonsByReason, reasonsByCount } from './breakdowns.ts';
import type { ChartCount, ChartSeries, CountryChartData } from './country-chart-data.ts';
import { type CountSeries, seriesOf } from './series.ts';

/** The newest count of every series, and the chart data of all countries that have counts. */
export interface ReleaseChartData {
  readonly newest: readonly NewestCount[];
  /** Country names by code, from the API's country list. */
  readonly names: Readonly<Record<string, string>>;
  readonly countries: readonly CountryChartData[];
  /** Days of the first and the last count; null without counts. */
  readonly days: { readonly from: string | null; readonly to: string | null };
}

/** Reads the chart data. @throws what `readTable` throws */
export async function readChartData(readTable: TableReader): Promise<ReleaseChartData> {
  const snapshots = await readTable('snapshots');
  const usualDays = usualDaysBySeries(snapshots);
  const series = seriesOf(snapshots);
  const breakdowns = await readBreakdowns(readTable, series);
  const newest = series.map((one) => toNewestCount(one, usualDays(one)));
  const chartSeries = series.map((one) => toChartSeries(one, breakdowns, usualDays(one)));
  const byCountry = Map.groupBy(series.keys(), (at) => (series[at] as CountSeries).country);
  const countries = [...byCountry].map(([country, indexes]) => {
    const seriesIndexes = [...indexes];
    return {
      country,
      name: series[seriesIndexes.at(-1) as number]?.name ?? country,
      series: seriesIndexes.map((at) => chartSeries[at] as ChartSeries),
    };
  });
  return {
    newest: newest.sort(byName),
    names: listedNames(await readTable('countries')),
    countries,
    days: dateRange(series),
  };
}

function dateRange(series: readonly CountSeries[]): ReleaseChartData['days'] {
  const days = series.flatMap(({ counts }) => counts.map(({ date }) => date)).sort();
  return { from: days[0] ?? null, to: days.at(-1) ?? null };
}

function listedNames(countries: Columns): Record<string, string> {
  const [codes, names] = [stringColumn(countries, 'admin0_pcode'), stringColumn(countries, 'admin0_name')];
  const pairs = Array.from({ length: countries.length }, (_, row) => [
    valueAt(codes, row),
    valueAt(names, row),
  ]);
  return Object.fromEntries(pairs);
}

type NamedSeries = Pick<CountSeries, 'country' | 'operation' | 'assessment_type'>;

const seriesKey = ({ country, operation, assessment_type }: NamedSeries): string =>
  JSON.stringify([country, operation, assessment_type]);

/** The usual interval of a series, as in `status` and `quality.json`. It does not depend on today, so today is 0. */
function usualDaysBySeries(snapshots: Columns): (series: NamedSeries) => number | null {
  const days = new Map(computeFreshness(snapshots, 0).map((one) => [seriesKey(one), one.usual_days]));
  return (series) => days.get(seriesKey(series)) ?? null;
}

interface Breakdowns {
  readonly reasons: readonly Map<string, PersonsByReason>[];
  readonly areas: ReturnType<typeof newestAreas>;
}

/** Reads only the levels at which counts are shown, and keeps one table at a time in memory. */
async function readBreakdowns(readTable: TableReader, series: readonly CountSeries[]): Promise<Breakdowns> {
  const levels = new Set(series.flatMap(({ counts }) => counts.map(({ level }) => level)));
  const reasons: Map<string, PersonsByReason>[] = [];
  let areas: Breakdowns['areas'] = new Map();
  for (const [level, table] of LEVEL_TABLES.entries()) {
    const isShown = levels.has(level);
    const columns = isShown || level === 1 ? await readTable(table) : null;
    reasons.push(columns && isShown ? reasonsByCount(columns) : new Map());
    if (columns && level === 1) areas = newestAreas(columns);
  }
  return { reasons, areas };
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

const byName = (a: NewestCount, b: NewestCount): number =>
  a.name.localeCompare(b.name, 'en') || (seriesKey(a) < seriesKey(b) ? -1 : 1);
