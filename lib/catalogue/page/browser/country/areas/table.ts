// The counts of one area as a table, behind its line.
import type { ChartArea, ChartSeries } from '../../../charts/country-chart-data.ts';
import { bdi, element } from '../../elements/element.ts';
import { dateText, figureText, numberText } from '../../locale.ts';
import { areaLabel, nameAt } from '../words.ts';

/** Creates a `<details>` element with the table, the newest count first; a count without the area has no row. */
export function areaHistory({ areas }: ChartSeries, area: ChartArea): HTMLElement {
  const [, , figures] = area;
  const rows = [...(areas?.counts ?? []).entries()].filter(([at]) => figures[at] !== false).reverse();
  const details = element(
    'details',
    { class: 'area-history' },
    element('summary', {}, `These ${numberText(rows.length)} counts of the area as a table`),
  );
  // Most readers never open it, so the table is created when it opens.
  const fill = (): void => details.append(table(area, rows));
  details.addEventListener('toggle', fill, { once: true });
  return details;
}

type CountRow = readonly [at: number, count: readonly [date: string, round: number]];

function table(area: ChartArea, rows: readonly CountRow[]): HTMLElement {
  const heads = ['Date', 'Round', 'People present', 'Area'];
  const head = heads.map((text, at) =>
    element('th', { scope: 'col', class: at === 1 || at === 2 ? 'n' : '' }, text),
  );
  const body = rows.map(([at, [date, round]]) => {
    const figure = (area[2][at] ?? null) as number | null;
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, dateText(date)),
      element('td', { class: 'n' }, numberText(round)),
      element('td', { class: figure === null ? 'n none' : 'n' }, figureText(figure)),
      element('td', {}, bdi(nameAt(area, at) ?? areaLabel(area))),
    );
  });
  return element(
    'div',
    { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': 'Every count of the area' },
    element(
      'table',
      {},
      element('caption', {}, 'Every count of the area, the newest first. Dates must not be added.'),
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...body),
    ),
  );
}
