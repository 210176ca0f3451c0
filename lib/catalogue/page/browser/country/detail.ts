// Breaks the newest count of the chosen series down by reason and sex.
import type { ChartCount, ChartSeries } from '../../charts/country-chart-data.ts';
import { barTable } from '../elements/bars.ts';
import { bdi, element } from '../elements/element.ts';
import { dateText, numberText } from '../locale.ts';
import { labelOf, reasonsOf } from './words.ts';

/** The breakdowns of a series' newest count, each a ranked table with bars. */
export function countDetails(series: ChartSeries): HTMLElement[] {
  const newest = series.counts.at(-1) as ChartCount;
  const [date] = newest;
  return [
    element('h4', {}, 'The newest count of ', bdi(labelOf(series)), `, ${dateText(date)}`),
    element('div', { class: 'parts' }, reasons(series, newest), sexes(newest)),
  ];
}

function reasons(series: ChartSeries, newest: ChartCount): HTMLElement {
  const byReason = reasonsOf(series, newest);
  if (byReason.length === 0) return emptySection('Reasons', 'The rows of this count say no reasons.');
  const bars = byReason.map(([label, value]) => ({ label, value }));
  return element(
    'section',
    {},
    element('h5', {}, 'Reasons'),
    barTable('By reason, as sent', 'Reason', bars, 12),
  );
}

function sexes([, , , idps, males, females]: ChartCount): HTMLElement {
  if (males === null || females === null)
    return emptySection(
      'Males and females',
      'Not collected for every row of this count, so there is no sum.',
    );
  const section = element(
    'section',
    {},
    element('h5', {}, 'Males and females'),
    barTable('By sex', 'Sex', [
      { label: 'Females', value: females },
      { label: 'Males', value: males },
    ]),
  );
  if (idps !== null && males + females !== idps)
    section.append(
      element(
        'p',
        { class: 'hint' },
        `Together ${numberText(males + females)}, of ${numberText(idps)} present: as sent.`,
      ),
    );
  return section;
}

const emptySection = (title: string, words: string): HTMLElement =>
  element('section', {}, element('h5', {}, title), element('p', { class: 'none' }, words));
