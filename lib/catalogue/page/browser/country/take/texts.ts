// The texts of pictures: what they show, and where it comes from.
import type { ChartSeries } from '../../../charts/country-chart-data.ts';
import type { FrameTexts } from '../../charts/framed.ts';
import { sourceTexts } from '../../elements/download-texts.ts';
import { isolate } from '../../elements/element.ts';
import { dateText, numberText } from '../../locale.ts';
import { namedAreaLine } from '../chart-lines.ts';
import type { CountryContext } from '../context.ts';
import { areaLabel, labelOf } from '../words.ts';
import type { ShownArea } from './rows.ts';

/** Texts of a picture of operations; `lines` says what it shows. */
export const operationTexts = (
  context: CountryContext,
  series: readonly ChartSeries[],
  { lines, link }: { lines: readonly string[]; link: string },
): FrameTexts => {
  const [first] = series;
  const only = first && series.length === 1 ? [isolate(labelOf(first)), newestText(first)] : [];
  return {
    title: `${isolate(context.picture.name)}: people present in displacement`,
    lines: [...only, ...lines],
    ...sourceTexts(context.data, [HOW_TO_READ], link),
  };
};

const newestText = ({ counts }: ChartSeries): string => {
  const [date = '', round = 0, , idps = null] = counts.at(-1) ?? [];
  const figure = idps === null ? 'no figure' : numberText(idps);
  return `Newest count: ${figure} on ${dateText(date)}, round ${numberText(round)}. ${numberText(counts.length)} counts since ${dateText(counts[0]?.[0] ?? date)}.`;
};

/** Texts of a picture of an area. */
export function areaTexts(
  context: CountryContext,
  { series, area, withCountry }: ShownArea,
  link: string,
): FrameTexts {
  const [, pcode] = area;
  const place = isolate(areaLabel(area)) + (pcode === null ? '' : ` (${pcode})`);
  const beside = withCountry ? ' Beside it the line of the whole country, as it was counted.' : '';
  return {
    title: `${isolate(context.picture.name)}, ${place}: people present in displacement`,
    lines: [
      `${isolate(labelOf(series))}. Counts at level 1, by date.${beside}`,
      `Newest count: ${namedAreaLine(series, area, 0).newest}.`,
    ],
    ...sourceTexts(context.data, [HOW_TO_READ], link),
  };
}

const HOW_TO_READ =
  'A broken line is a gap between counts; a dashed rule is a count without a figure. Figures of different operations, kinds of assessment or dates must not be added.';
