// A line's name and colour, and the description of one count: date, round, figure and reasons.
import type { ChartCount, ChartSeries } from '../../charts/country-chart-data.ts';
import { bdi, element } from '../elements/element.ts';
import { dateText, figureText, numberText } from '../locale.ts';

/** Number of line colours in the style sheet. With more series than colours, the colours repeat. */
const COLORS = 8;

export const colorOf = (at: number): string => `var(--line-${at % COLORS})`;
export const labelOf = ({ operation, assessment_type }: ChartSeries): string =>
  `${operation} (${assessment_type})`;

export const NO_REASON = 'no reason given';

/** Reasons of a count with their figures, the greatest first. */
export const reasonsOf = (
  { reasons }: ChartSeries,
  [, , , , , , byReason]: ChartCount,
): [string, number | null][] =>
  byReason
    .map(([at, idps]): [string, number | null] => [reasons[at] ?? NO_REASON, idps])
    .sort(([, a], [, b]) => (b ?? -1) - (a ?? -1));

/** The text beside the chart about the chosen count. */
export function countReadout(series: ChartSeries, at: number): HTMLElement[] {
  const count = series.counts[at] as ChartCount;
  const [date, round, level, idps] = count;
  return [
    element('p', { class: 'readout-figure' }, figureText(idps)),
    element(
      'p',
      {},
      element('strong', {}, dateText(date)),
      `, round ${numberText(round)}`,
      level === 0 ? null : `, added up from level ${level}`,
    ),
    element('p', { class: 'readout-name' }, bdi(`${series.operation} (${series.assessment_type})`)),
    gapWords(series, at),
    reasonList(reasonsOf(series, count)),
  ].filter((part) => part !== null);
}

function gapWords({ counts, usual_days }: ChartSeries, at: number): HTMLElement | null {
  const [now, before] = [counts[at], counts[at - 1]];
  if (!now || !before || usual_days === null) return null;
  const days = Math.round((Date.parse(now[0]) - Date.parse(before[0])) / 86_400_000);
  return days > 2 * usual_days
    ? element(
        'p',
        { class: 'hint' },
        `${numberText(days)} days after the count before: a gap, not a straight line.`,
      )
    : null;
}

const reasonList = (reasons: readonly [string, number | null][]): HTMLElement | null =>
  reasons.length === 0
    ? null
    : element(
        'ul',
        { class: 'reasons' },
        ...reasons.map(([reason, idps]) =>
          element('li', {}, bdi(reason), ' ', element('span', { class: 'n' }, figureText(idps))),
        ),
      );
