// The lines of a country's charts: of an operation, and of an area.
import type { ChartArea, ChartAreas, ChartSeries } from '../../charts/country-chart-data.ts';
import type { LineSeries } from '../charts/lines.ts';
import type { NamedLine } from '../charts/picture.ts';
import { isolate } from '../elements/element.ts';
import { dateText, dayOf, figureText } from '../locale.ts';
import { areaLabel, colorOf, labelOf } from './words.ts';

type Line = Omit<LineSeries, 'color'>;

const seriesLine = ({ usual_days, counts }: ChartSeries): Line => ({
  points: counts.map(([date, , , idps]) => ({ date: dayOf(date), value: idps })),
  usual: usual_days,
});

const areaLine = ({ usual_days }: ChartSeries, { counts }: ChartAreas, [, , figures]: ChartArea): Line => ({
  points: counts.map(([date], at) => ({ date: dayOf(date), value: figures[at] ?? null })),
  usual: usual_days,
});

/** An operation's line, for the page or for a picture; `at` is its index in the view. */
export const operationLine = (series: ChartSeries, at: number): NamedLine => ({
  ...seriesLine(series),
  label: isolate(labelOf(series)),
  newest: newestWords(series.counts.at(-1)?.[3] ?? null, series.counts.at(-1)?.[0] ?? ''),
  color: at,
});

/** A line of an area of a series, with the number of its colour. */
export function namedAreaLine(series: ChartSeries, area: ChartArea, color: number): NamedLine {
  const areas = series.areas as ChartAreas;
  const newest = newestOf(area);
  const [date = ''] = areas.counts[newest] ?? [];
  return {
    ...areaLine(series, areas, area),
    label: isolate(areaLabel(area)),
    newest: newestWords((area[2][newest] ?? null) as number | null, date),
    color,
  };
}

/** Index of the newest count that has the area. */
export const newestOf = ([, , figures]: ChartArea): number =>
  figures.findLastIndex((figure) => figure !== false);

const newestWords = (idps: number | null, date: string): string => `${figureText(idps)} on ${dateText(date)}`;

/** A line in the colours of the page. */
export const onPage = ({ color, ...line }: NamedLine): LineSeries => ({ ...line, color: colorOf(color) });
