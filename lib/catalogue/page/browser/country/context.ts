// What the parts of a country's view share: its data, the release, and what the reader has chosen.
import type {
  ChartArea,
  ChartAreas,
  ChartSeries,
  CountryChartData,
} from '../../charts/country-chart-data.ts';
import type { PageData } from '../../charts/page-data.ts';
import { chooseCounts, DEFAULT_RULE } from '../../world/choose-counts.ts';
import type { Charts } from '../charts/charts.ts';

/** More series than these are drawn as small panels, because their lines would hide each other. */
const MAX_LINES = 4;

export interface CountryContext {
  readonly data: PageData;
  readonly charts: Charts;
  readonly picture: CountryChartData;
  /** The series that stands for the country on the map comes first, then those with newer counts. */
  readonly series: readonly ChartSeries[];
}

/** What is chosen in the view of a country. A link holds it. */
export interface Choice {
  /** Index of the series. */
  readonly series: number;
  /** Index of a count of the series; null for the newest. */
  readonly count: number | null;
  /** Index of an area of the series; null for the one with most persons. */
  readonly area: number | null;
  /** True if the line of the whole country is beside that of the area. */
  readonly withCountry: boolean;
  /** True if each panel has its own scale. */
  readonly ownScales: boolean;
}

/** How a choice enters the browser's history: as a new entry, or in place of the last one. */
export type Entry = 'push' | 'replace';

export const NO_CHOICE: Choice = { series: 0, count: null, area: null, withCountry: false, ownScales: false };

/** Creates the context of a country. */
export function createContext(data: PageData, charts: Charts, picture: CountryChartData): CountryContext {
  return { data, charts, picture, series: sortSeries(picture, data.day ?? '') };
}

/** Sorts the series. A country shows the same count here as on the map, as long as the reader chooses no other rule there. */
function sortSeries({ country, name, series }: CountryChartData, day: string): ChartSeries[] {
  const newestCounts = series.map((one) => {
    const [date = '', , , idps = null] = one.counts.at(-1) ?? [];
    return { ...one, country, name, date, idps, one };
  });
  const [onMap] = chooseCounts(newestCounts, { rule: DEFAULT_RULE, day });
  return newestCounts
    .toSorted(
      (a, b) => Number(b === onMap) - Number(a === onMap) || (a.date < b.date ? 1 : a.date > b.date ? -1 : 0),
    )
    .map(({ one }) => one);
}

/** True if the operations are drawn as panels. */
export const hasPanels = ({ series }: CountryContext): boolean => series.length > MAX_LINES;

/** The chosen series. */
export const seriesOf = ({ series }: CountryContext, choice: Choice): ChartSeries =>
  series[choice.series] as ChartSeries;

/** The areas of the chosen series; null if level 1 has no count. */
export const areasOf = (context: CountryContext, choice: Choice): ChartAreas | null =>
  seriesOf(context, choice).areas;

/** Index of the count that is read: the chosen one, or the newest. */
export const countIndex = (context: CountryContext, choice: Choice): number =>
  choice.count ?? seriesOf(context, choice).counts.length - 1;

/** Index of the chosen area among the areas of another series; null if it has no such area, or none was chosen. */
export function sameArea(context: CountryContext, choice: Choice, series: number): number | null {
  const area = choice.area === null ? undefined : areasOf(context, choice)?.list[choice.area];
  if (!area) return null;
  const isSame = ([name, pcode]: ChartArea): boolean =>
    pcode === area[1] && (pcode !== null || name === area[0]);
  const at = context.series[series]?.areas?.list.findIndex(isSame) ?? -1;
  return at < 0 ? null : at;
}
