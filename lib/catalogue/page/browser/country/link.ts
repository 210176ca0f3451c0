// A link to what is shown: `#country=SDN&operation=...&type=BA&area=SD01`. It names things as the files do, so it finds them
// again in a later release. What a release does not have any more falls back, with a sentence for the reader.
import type { ChartArea, ChartCount } from '../../charts/country-chart-data.ts';
import { shorten } from '../elements/link.ts';
import { areasOf, type Choice, type CountryContext, hasPanels, NO_CHOICE, seriesOf } from './context.ts';

/** Writes the hash of a choice. It leaves out what a new view shows anyway. */
export function writeHash(context: CountryContext, choice: Choice): string {
  const { series, count, area } = choice;
  const params = new URLSearchParams({ country: context.picture.country });
  if (series !== 0 || count !== null || area !== null) setSeries(params, context, choice);
  if (area !== null) setArea(params, context, choice);
  if (choice.withCountry) params.set('beside', 'country');
  if (choice.ownScales) params.set('scale', 'own');
  return `#${params}`;
}

/** The charts that have a link of their own. */
export type ChartName = 'panels' | 'lines' | 'area';

/** Writes the hash of a chart: it names all that the chart shows, so a later release shows the same operation and area. */
export function writeChartHash(context: CountryContext, choice: Choice, chart: ChartName): string {
  const params = new URLSearchParams({ country: context.picture.country });
  if (chart === 'panels') params.set('scale', choice.ownScales ? 'own' : 'same');
  else setSeries(params, context, choice);
  if (chart === 'area') {
    setArea(params, context, choice);
    if (choice.withCountry) params.set('beside', 'country');
  }
  return `#${params}`;
}

function setSeries(params: URLSearchParams, context: CountryContext, choice: Choice): void {
  const { operation, assessment_type, counts } = seriesOf(context, choice);
  params.set('operation', operation);
  params.set('type', assessment_type);
  const count = choice.count === null ? undefined : counts[choice.count];
  if (!count) return;
  params.set('date', count[0]);
  params.set('round', String(count[1]));
}

function setArea(params: URLSearchParams, context: CountryContext, choice: Choice): void {
  const area = areasOf(context, choice)?.list[choice.area ?? 0];
  if (area) for (const [name, value] of areaParams(area)) params.set(name, value);
}

/** The P-code, or the name of an area without one; an empty name stands for rows that are placed in no area. */
const areaParams = ([name, pcode]: ChartArea): [string, string][] =>
  pcode === null ? [['area-name', name ?? '']] : [['area', pcode]];

/** What a link chooses, and a sentence for each part that this release does not have. */
export interface ReadLink {
  readonly choice: Choice;
  readonly notices: readonly string[];
}

/** Reads a hash, which may be old or made by hand. */
export function readHash(context: CountryContext, hash: string): ReadLink {
  const params = new URLSearchParams(hash.slice(1));
  const notices: string[] = [];
  const series = findSeries(context, params, notices);
  const found = { ...NO_CHOICE, series };
  return {
    choice: {
      series,
      count: findCount(seriesOf(context, found).counts, params, notices),
      area: findArea(areasOf(context, found)?.list ?? [], params, notices),
      withCountry: isSet(params, ['beside', 'country'], notices),
      ownScales: isSet(params, ['scale', 'own', 'same'], notices) && hasPanels(context),
    },
    notices,
  };
}

function findSeries({ series, picture }: CountryContext, params: URLSearchParams, notices: string[]): number {
  const [operation, type] = [params.get('operation'), params.get('type')];
  if (operation === null && type === null) return 0;
  const at = series.findIndex(
    (one) =>
      (operation === null || one.operation.toWellFormed() === operation) &&
      (type === null || one.assessment_type.toWellFormed() === type),
  );
  if (at >= 0) return at;
  const wanted = [operation, type === null ? null : `(${type})`].filter((part) => part !== null).join(' ');
  notices.push(
    `This release has no operation ${shorten(wanted)} for ${picture.country}. Another one is shown.`,
  );
  return 0;
}

function findCount(counts: readonly ChartCount[], params: URLSearchParams, notices: string[]): number | null {
  const [date, round] = [params.get('date'), params.get('round')];
  if (date === null) return null;
  const at = counts.findIndex((count) => count[0] === date && (round === null || String(count[1]) === round));
  if (at >= 0) return at;
  const wanted = shorten(round === null ? date : `${date}, round ${round}`);
  notices.push(`This release has no count of ${wanted} there. The newest one is shown.`);
  return null;
}

function findArea(list: readonly ChartArea[], params: URLSearchParams, notices: string[]): number | null {
  const wanted = params.has('area') ? 'area' : params.has('area-name') ? 'area-name' : null;
  if (wanted === null) return null;
  const value = params.get(wanted) ?? '';
  const at = list.findIndex((area) =>
    areaParams(area).some(([name, own]) => name === wanted && own.toWellFormed() === value),
  );
  if (at >= 0) return at;
  notices.push(`This release has no area ${shorten(value)} there. Another one is shown.`);
  return null;
}

/** True if a parameter has the first of its known values. */
function isSet(
  params: URLSearchParams,
  [name = '', ...known]: readonly string[],
  notices: string[],
): boolean {
  const value = params.get(name);
  if (value !== null && !known.includes(value))
    notices.push(
      `The link's ${name} is ${shorten(value)}, which this page does not know: ${known.join(' or ')}.`,
    );
  return value === known[0];
}
