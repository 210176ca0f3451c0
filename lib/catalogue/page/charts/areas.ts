// The areas of a country over time, from the table `admin1`. An area is its P-code, or its name if it has none, as in the
// table `snapshots`. Lines of different codes are never joined, although a code may have changed.
import { type Columns, NULL_CODE, numberColumn, stringColumn, valueAt } from '../../../table/columns.ts';
import { dayText } from '../../../table/ingest.ts';
import { compareUtf8 } from '../../../table/sort.ts';
import { countRanges, type RowRange, sumBy } from './breakdowns.ts';
import type { AreaFigure, ChartArea, ChartAreas } from './country-chart-data.ts';
import { keyAt, SERIES_KEYS } from './series.ts';

/** One count at level 1: its areas with their names and persons. */
interface AreaCount {
  readonly date: string;
  readonly round: number;
  readonly areas: ReadonlyMap<string, NamedFigure>;
}

interface NamedFigure {
  readonly name: string | null;
  readonly pcode: string | null;
  readonly idps: number | null;
}

/** Areas of each series over its counts at level 1, by the series' key. */
export function areasOverTime(level: Columns): Map<string, ChartAreas> {
  const countsBySeries = new Map<string, AreaCount[]>();
  const keyOf = areaKeys(level);
  for (const range of countRanges(level)) {
    const series = keyAt(level, SERIES_KEYS, range.start);
    const counts = countsBySeries.get(series) ?? [];
    countsBySeries.set(series, counts);
    counts.push(areaCount(level, range, keyOf));
  }
  return new Map([...countsBySeries].map(([series, counts]) => [series, toChartAreas(counts.sort(byDate))]));
}

const byDate = (a: AreaCount, b: AreaCount): number =>
  a.date === b.date ? a.round - b.round : a.date < b.date ? -1 : 1;

/** A row's area as a text: its P-code, or its name if it has none. */
function areaKeys(level: Columns): (row: number) => string {
  const [pcodes, names] = [stringColumn(level, 'admin1_pcode'), stringColumn(level, 'admin1_name')];
  return (row) =>
    pcodes.codes[row] === NULL_CODE
      ? JSON.stringify([null, valueAt(names, row)])
      : JSON.stringify([valueAt(pcodes, row)]);
}

function areaCount(level: Columns, range: RowRange, keyOf: (row: number) => string): AreaCount {
  const names = stringColumn(level, 'admin1_name');
  const nameByArea = new Map<string, string | null>();
  for (let row = range.start; row < range.end; row++) {
    const [key, name] = [keyOf(row), valueAt(names, row) as string | null];
    nameByArea.set(key, firstName(name, nameByArea.get(key) ?? null));
  }
  const areas = [...sumBy(level, range, keyOf)].map(([key, idps]): [string, NamedFigure] => [
    key,
    { name: nameByArea.get(key) ?? null, pcode: JSON.parse(key)[0], idps },
  ]);
  return {
    date: dayText(Number(numberColumn(level, 'reporting_date').values[range.start])),
    round: Number(numberColumn(level, 'round_number').values[range.start]),
    areas: new Map(areas),
  };
}

/** The first of two names by their UTF-8 bytes. */
const firstName = (name: string | null, other: string | null): string | null =>
  name !== null && (other === null || compareUtf8(name, other) < 0) ? name : other;

function toChartAreas(counts: readonly AreaCount[]): ChartAreas {
  const keys = new Set(counts.flatMap(({ areas }) => [...areas.keys()]));
  return {
    counts: counts.map(({ date, round }) => [date, round]),
    list: [...keys].map((key) => toChartArea(counts, key)).sort(byPersons),
  };
}

function toChartArea(counts: readonly AreaCount[], key: string): ChartArea {
  const figures = counts.map(
    ({ areas }): AreaFigure => areas.get(key)?.idps ?? (areas.has(key) ? null : false),
  );
  const newest = counts.findLast(({ areas }) => areas.has(key))?.areas.get(key) as NamedFigure;
  const { name, pcode } = newest;
  const otherNames = new Map<string | null, number[]>();
  for (const [at, { areas }] of counts.entries()) {
    const found = areas.get(key);
    if (!found || found.name === name) continue;
    otherNames.set(found.name, [...(otherNames.get(found.name) ?? []), at]);
  }
  return otherNames.size === 0 ? [name, pcode, figures] : [name, pcode, figures, [...otherNames]];
}

/** Areas of the newest count first, those with most persons before the others; equal areas by name and P-code. */
const byPersons = (a: ChartArea, b: ChartArea): number =>
  weight(b) - weight(a) || compareUtf8(a[0] ?? '', b[0] ?? '') || compareUtf8(a[1] ?? '', b[1] ?? '');

/** Persons of the newest count; -1 without a figure, -2 if the newest count does not have the area. */
function weight([, , figures]: ChartArea): number {
  const newest = figures.at(-1);
  return newest === false || newest === undefined ? -2 : (newest ?? -1);
}
