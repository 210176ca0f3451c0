// The table with every count of every series of a country.
import type { ChartCount, ChartSeries } from '../../charts/country-chart-data.ts';
import { bdi, element } from '../elements/element.ts';
import { dateText, figureText, numberText } from '../locale.ts';
import { labelOf, reasonsOf } from './words.ts';

/** Creates a `<details>` element with the table. */
export function historyTable(series: readonly ChartSeries[]): HTMLElement {
  const total = series.reduce((sum, { counts }) => sum + counts.length, 0);
  const details = element(
    'details',
    { class: 'history' },
    element('summary', {}, `These ${numberText(total)} counts as a table`),
  );
  // The table has some hundred rows and most readers never open it, so it is created when it opens.
  details.addEventListener('toggle', () => details.append(table(series)), { once: true });
  return details;
}

function table(series: readonly ChartSeries[]): HTMLElement {
  const heads = ['Operation', 'Date', 'Round', 'People present', 'Males', 'Females', 'By reason'];
  return element(
    'div',
    { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': 'Every count' },
    element(
      'table',
      {},
      element(
        'caption',
        {},
        'Every count, the newest first. Rows of different operations or dates must not be added.',
      ),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ...heads.map((head, at) => element('th', { scope: 'col', class: isNumber(at) ? 'n' : '' }, head)),
        ),
      ),
      element(
        'tbody',
        {},
        ...series.flatMap((line) => line.counts.toReversed().map((count) => countRow(line, count))),
      ),
    ),
  );
}

const isNumber = (column: number): boolean => column >= 2 && column <= 5;

function countRow(series: ChartSeries, count: ChartCount): HTMLElement {
  const [date, round, level, idps, males, females] = count;
  const byReason = reasonsOf(series, count).map(([reason, sum]) => `${reason}: ${figureText(sum)}`);
  return element(
    'tr',
    { 'data-date': date },
    element(
      'th',
      { scope: 'row' },
      bdi(labelOf(series)),
      level === 0 ? null : element('span', { class: 'hint' }, ` level ${level}`),
    ),
    element('td', {}, dateText(date)),
    element('td', { class: 'n' }, numberText(round)),
    ...[idps, males, females].map((figure) =>
      element('td', { class: figure === null ? 'n none' : 'n' }, figureText(figure)),
    ),
    element('td', { class: 'name' }, bdi(byReason.join(' · '))),
  );
}
