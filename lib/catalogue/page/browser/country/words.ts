// Names and colours of lines and areas, and the description of one count: date, round, figure and reasons.
import type { ChartArea, ChartCount, ChartSeries } from '../../charts/country-chart-data.ts';
import { bdi, element } from '../elements/element.ts';
import { dateText, daysSince, figureText, numberText } from '../locale.ts';

/** Number of line colours in the style sheet. With more series than colours, the colours repeat. */
const COLORS = 8;

export const colorOf = (at: number): string => `var(--line-${at % COLORS})`;
export const labelOf = ({ operation, assessment_type }: ChartSeries): string =>
  `${operation} (${assessment_type})`;

export const NO_REASON = 'no reason given';

/** The name of an area: without one its P-code, and without both what its rows are. */
export const areaLabel = ([name, pcode]: ChartArea): string => name ?? pcode ?? 'not placed in any area';

/** The area's name in a count. */
export const nameAt = ([name, , , otherNames = []]: ChartArea, at: number): string | null =>
  (otherNames.find(([, counts]) => counts.includes(at)) ?? [name])[0];

/** Reasons of a count with their figures, the greatest first. */
export const reasonsOf = (
  { reasons }: ChartSeries,
  [, , , , , , byReason]: ChartCount,
): [string, number | null][] =>
  byReason
    .map(([at, idps]): [string, number | null] => [reasons[at] ?? NO_REASON, idps])
    .sort(([, a], [, b]) => (b ?? -1) - (a ?? -1));

/** True if the newest count is older than twice the usual interval. */
export const isOverdue = ({ counts, usual_days }: ChartSeries): boolean =>
  usual_days !== null && daysSince(counts.at(-1)?.[0] ?? '') > 2 * usual_days;

/** The mark of an overdue series, as in the table of freshness; null if it is not overdue. */
export const overdueTag = (series: ChartSeries): HTMLElement | null =>
  isOverdue(series)
    ? element('span', { class: series.status === 'Active' ? 'tag bad' : 'tag' }, 'overdue')
    : null;

/** The text about the chosen count. */
export function countReadout(series: ChartSeries, at: number): HTMLElement[] {
  const count = series.counts[at] as ChartCount;
  const [date, round, level, idps] = count;
  const about = [
    element('p', { class: 'readout-figure' }, figureText(idps)),
    element(
      'p',
      {},
      element('strong', {}, dateText(date)),
      `, round ${numberText(round)}`,
      level === 0 ? null : `, added up from level ${level}`,
      ...(at === series.counts.length - 1 ? [' ', overdueTag(series)] : []),
    ),
    element('p', { class: 'readout-name' }, bdi(labelOf(series))),
    gapWords(series, at),
  ];
  const reasons = reasonList(reasonsOf(series, count));
  return [element('div', {}, ...about), reasons].filter((part) => part !== null);
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
