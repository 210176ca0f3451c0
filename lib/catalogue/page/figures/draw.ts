// What the page shows of a release's figures, from its tables, so that every number on the page is one that a reader finds
// in the files.

import { freshness } from '../../../build/quality/freshness.ts';
import { type Columns, strings, valueAt } from '../../../table/columns.ts';
import { dayNumber } from '../../../table/ingest.ts';
import { LEVEL_TABLES } from '../../../table/schema.ts';
import type { TableReader } from '../../published-rows.ts';
import type { NewestCount } from '../input.ts';
import type { Count, CountryPicture, Series } from './country-figures.ts';
import { type CountSeries, seriesOf } from './series.ts';
import { newestAreas, type Reasons, reasonsByCount } from './splits.ts';

/** The newest count of every series, and the pictures of all countries that have counts. */
export interface Pictures {
  readonly newest: readonly NewestCount[];
  /** By code, as the API's country list has them. */
  readonly names: Readonly<Record<string, string>>;
  readonly countries: readonly CountryPicture[];
  /** Days of the first and the last count; null without any. */
  readonly days: { readonly from: string | null; readonly to: string | null };
}

/** Draws from a release's tables. @throws what reading one does */
export async function picturesOf(readTable: TableReader): Promise<Pictures> {
  const snapshots = await readTable('snapshots');
  const usual = usualDays(snapshots);
  const series = seriesOf(snapshots);
  const splits = await readSplits(readTable, series);
  const newest = series.map((one) => newestOf(one, usual(one)));
  const drawn = series.map((one) => drawnSeries(one, splits, usual(one)));
  const byCountry = Map.groupBy(series.keys(), (at) => (series[at] as CountSeries).country);
  const countries = [...byCountry].map(([country, own]) => {
    const places = [...own];
    return {
      country,
      name: series[places.at(-1) as number]?.name ?? country,
      series: places.map((at) => drawn[at] as Series),
    };
  });
  return {
    newest: newest.sort(byName),
    names: listedNames(await readTable('countries')),
    countries,
    days: daysOf(series),
  };
}

function daysOf(series: readonly CountSeries[]): Pictures['days'] {
  const days = series.flatMap(({ counts }) => counts.map(({ date }) => date)).sort();
  return { from: days[0] ?? null, to: days.at(-1) ?? null };
}

function listedNames(countries: Columns): Record<string, string> {
  const [codes, names] = [strings(countries, 'admin0_pcode'), strings(countries, 'admin0_name')];
  const pairs = Array.from({ length: countries.length }, (_, row) => [
    valueAt(codes, row),
    valueAt(names, row),
  ]);
  return Object.fromEntries(pairs);
}

type NamedSeries = Pick<CountSeries, 'country' | 'operation' | 'assessment_type'>;

const seriesKey = ({ country, operation, assessment_type }: NamedSeries): string =>
  JSON.stringify([country, operation, assessment_type]);

/** The usual interval of a series, as `status` and `quality.json` have it; today does not matter to it. */
function usualDays(snapshots: Columns): (series: NamedSeries) => number | null {
  const days = new Map(freshness(snapshots, 0).map((one) => [seriesKey(one), one.usual_days]));
  return (series) => days.get(seriesKey(series)) ?? null;
}

interface Splits {
  readonly reasons: readonly Map<string, Reasons>[];
  readonly areas: ReturnType<typeof newestAreas>;
}

/** Only the levels that counts are shown at, one table at a time in memory. */
async function readSplits(readTable: TableReader, series: readonly CountSeries[]): Promise<Splits> {
  const levels = new Set(series.flatMap(({ counts }) => counts.map(({ level }) => level)));
  const reasons: Map<string, Reasons>[] = [];
  let areas: Splits['areas'] = new Map();
  for (const [level, table] of LEVEL_TABLES.entries()) {
    const isShown = levels.has(level);
    const columns = isShown || level === 1 ? await readTable(table) : null;
    reasons.push(columns && isShown ? reasonsByCount(columns) : new Map());
    if (columns && level === 1) areas = newestAreas(columns);
  }
  return { reasons, areas };
}

function newestOf({ counts, ...series }: CountSeries, usual: number | null): NewestCount {
  const { date, round, level, idps } = counts.at(-1) as CountSeries['counts'][number];
  return { ...series, date, round, level, idps, usual_days: usual };
}

function drawnSeries(series: CountSeries, { reasons, areas }: Splits, usual: number | null): Series {
  const { country, operation, assessment_type, status, counts } = series;
  const known: (string | null)[] = [];
  const indexOf = (reason: string | null): number => {
    if (!known.includes(reason)) known.push(reason);
    return known.indexOf(reason);
  };
  const drawn = counts.map(({ date, round, level, idps, males, females }): Count => {
    const key = JSON.stringify([country, operation, assessment_type, dayNumber(date), round]);
    const split = (reasons[level]?.get(key) ?? []).map(([reason, sum]) => [indexOf(reason), sum] as const);
    return [date, round, level, idps, males, females, split];
  });
  return {
    operation,
    assessment_type,
    status,
    usual_days: usual,
    reasons: known,
    counts: drawn,
    areas: areas.get(seriesKey(series)) ?? null,
  };
}

const byName = (a: NewestCount, b: NewestCount): number =>
  a.name.localeCompare(b.name, 'en') || (seriesKey(a) < seriesKey(b) ? -1 : 1);
