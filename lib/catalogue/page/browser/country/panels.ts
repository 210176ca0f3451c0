// Small charts of all operations of a country on one time axis. Each is a button that shows it large.
import type { ChartSeries } from '../../charts/country-chart-data.ts';
import { daySpan } from '../charts/days.ts';
import { bdi, element } from '../elements/element.ts';
import { observeWidth } from '../elements/observe-width.ts';
import { dateText, figureText } from '../locale.ts';
import { onPage, operationLine } from './chart-lines.ts';
import type { Choice, CountryContext } from './context.ts';
import { labelOf, overdueTag } from './words.ts';

const PANEL_HEIGHT = 110;

export interface PanelCalls {
  readonly onSeries: (at: number) => void;
  readonly onScales: (ownScales: boolean) => void;
}

export interface Panels {
  readonly node: HTMLElement;
  /** Shows another choice. */
  update(choice: Choice): void;
}

/** Creates the panels. With one scale for all, heights can be compared; with their own, a small operation has a shape too. */
export function panels(context: CountryContext, { onSeries, onScales }: PanelCalls): Panels {
  const all = context.series.map((one, at) => panel(one, () => onSeries(at)));
  const words = element('p', { class: 'hint' });
  const [same, own] = [false, true].map((isOwn) => {
    const button = element('button', { type: 'button' }, isOwn ? 'Own scales' : 'Same scale');
    button.addEventListener('click', () => onScales(isOwn));
    return button;
  }) as [HTMLButtonElement, HTMLButtonElement];
  let isOwn: boolean | undefined;
  const update = ({ series, ownScales }: Choice): void => {
    for (const [at, { button }] of all.entries()) button.setAttribute('aria-pressed', String(at === series));
    if (isOwn === ownScales) return;
    isOwn = ownScales;
    same.setAttribute('aria-pressed', String(!ownScales));
    own.setAttribute('aria-pressed', String(ownScales));
    words.textContent = scaleWords(ownScales);
    drawAll(context, all, ownScales);
  };
  const node = element(
    'figure',
    { class: 'panels' },
    element(
      'div',
      { class: 'panels-head' },
      element('figcaption', {}, `All ${all.length} operations on one time axis. Choose one to read it.`),
      element(
        'div',
        { class: 'switch', role: 'group', 'aria-label': 'Scale of the small charts' },
        same,
        own,
      ),
    ),
    words,
    element(
      'div',
      { class: 'panel-grid', role: 'group', 'aria-label': 'Operations: choose one to read it' },
      ...all.map(({ button }) => button),
    ),
  );
  return { node, update };
}

/** Says which scale is on. */
export const scaleWords = (ownScales: boolean): string =>
  ownScales
    ? 'Each chart has its own scale: compare the shapes, not the heights.'
    : 'All charts have the same scale: their heights can be compared.';

interface Panel {
  readonly button: HTMLButtonElement;
  readonly host: HTMLElement;
  paint: (width: number) => void;
}

function panel(series: ChartSeries, onClick: () => void): Panel {
  const [date = '', , , idps = null] = series.counts.at(-1) ?? [];
  const host = element('span', { class: 'panel-chart' });
  const button = element(
    'button',
    { type: 'button', class: 'panel', 'aria-pressed': 'false' },
    element('span', { class: 'panel-name' }, bdi(labelOf(series))),
    element(
      'span',
      { class: 'panel-newest' },
      element('strong', {}, figureText(idps)),
      ` ${dateText(date)} `,
      overdueTag(series),
    ),
    host,
  );
  button.addEventListener('click', onClick);
  const created: Panel = { button, host, paint: () => {} };
  observeWidth(host, (width) => created.paint(width));
  return created;
}

function drawAll({ charts, series }: CountryContext, all: readonly Panel[], ownScales: boolean): void {
  const lines = series.map((one, at) => onPage(operationLine(one, at)));
  const points = lines.flatMap((line) => line.points);
  const days = daySpan(lines);
  const top = ownScales ? {} : { top: Math.max(...points.map(({ value }) => value || 0)) };
  for (const [at, one] of all.entries()) {
    one.paint = (width) => {
      const line = lines[at] as (typeof lines)[number];
      const options = { width, height: PANEL_HEIGHT, chosen: 0, days, isSmall: true, ...top };
      one.host.replaceChildren(charts.lines([line], options).svg);
    };
    if (one.host.clientWidth > 0) one.paint(Math.floor(one.host.clientWidth));
  }
}
