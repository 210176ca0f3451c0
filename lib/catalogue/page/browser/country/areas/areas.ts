// The first-level areas of an operation: those of its newest count as bars, and one of them over time.
import type { ChartArea, ChartAreas } from '../../../charts/country-chart-data.ts';
import { barTable } from '../../elements/bars.ts';
import { bdi, element, isolate } from '../../elements/element.ts';
import { dateText, numberText } from '../../locale.ts';
import { areasOf, type Choice, type CountryContext, seriesOf } from '../context.ts';
import { areaLabel, labelOf } from '../words.ts';
import { areaChart } from './chart.ts';
import { areaHistory } from './table.ts';

export interface AreaCalls {
  readonly onArea: (at: number) => void;
  readonly onWithCountry: (withCountry: boolean) => void;
}

export interface CountryAreas {
  readonly node: HTMLElement;
  /** Shows another choice. */
  update(choice: Choice): void;
  /** The bar under the chart. */
  readonly foot: HTMLElement;
}

/** Creates the section; it follows the chosen operation. */
export function countryAreas(context: CountryContext, calls: AreaCalls): CountryAreas {
  const node = element('section', { class: 'areas', 'aria-label': 'Areas' });
  const foot = element('div');
  let shown: ((choice: Choice) => void) | undefined;
  let series: number | undefined;
  let last = '';
  const update = (choice: Choice): void => {
    if (series !== choice.series) {
      series = choice.series;
      const areas = areasOf(context, choice);
      shown = areas ? areaParts(context, { choice, areas, calls, node, foot }) : undefined;
      if (!areas)
        node.replaceChildren(
          title(context, choice),
          element('p', { class: 'none' }, 'No figures by first-level area for this operation.'),
        );
    }
    // Reading another count of the operation leaves the area as it is.
    const next = JSON.stringify([choice.series, choice.area, choice.withCountry]);
    if (next !== last) shown?.(choice);
    last = next;
  };
  return { node, update, foot };
}

const title = (context: CountryContext, choice: Choice): HTMLElement =>
  element('h4', {}, 'Areas of ', bdi(labelOf(seriesOf(context, choice))));

interface AreaParts {
  readonly choice: Choice;
  readonly areas: ChartAreas;
  readonly calls: AreaCalls;
  readonly node: HTMLElement;
  readonly foot: HTMLElement;
}

/** Fills the section. Returns what shows another area. */
function areaParts(
  context: CountryContext,
  { choice, areas, calls, node, foot }: AreaParts,
): (choice: Choice) => void {
  const series = seriesOf(context, choice);
  const chooser = areaChooser(areas.list, calls.onArea);
  const beside = element('input', { type: 'checkbox' });
  beside.addEventListener('change', () => calls.onWithCountry(beside.checked));
  const chart = areaChart(context, choice.series);
  const history = element('div');
  const table = areaTable(series.counts.at(-1)?.[0] ?? '', areas, (at) => {
    calls.onArea(at);
    chart.node.scrollIntoView({ block: 'nearest' });
  });
  node.replaceChildren(
    title(context, choice),
    element(
      'div',
      { class: 'area-chooser' },
      element('label', {}, 'Area ', chooser),
      element('label', { class: 'beside' }, beside, ' Beside it the line of the whole country'),
    ),
    element('div', { class: 'areas-grid' }, element('div', {}, chart.node, foot, history), table),
  );
  let shownArea: number | undefined;
  return (next) => {
    const at = next.area ?? 0;
    chooser.value = String(at);
    beside.checked = next.withCountry;
    for (const button of table.querySelectorAll<HTMLElement>('button[data-at]'))
      button.setAttribute('aria-pressed', String(button.dataset.at === String(at)));
    chart.update(at, next.withCountry);
    if (shownArea !== at) history.replaceChildren(areaHistory(series, areas.list[at] as ChartArea));
    shownArea = at;
  };
}

/** A list of all areas, also those that the newest count does not have. */
function areaChooser(list: readonly ChartArea[], onArea: (at: number) => void): HTMLSelectElement {
  const options = list.map((area, at) => {
    const [name, pcode, figures] = area;
    const code = pcode === null || name === null ? '' : ` (${pcode})`;
    const isGone = figures.at(-1) === false;
    return element(
      'option',
      { value: at },
      `${isolate(areaLabel(area))}${code}${isGone ? ', not in the newest count' : ''}`,
    );
  });
  const select = element('select', {}, ...options);
  select.addEventListener('change', () => onArea(Number(select.value)));
  return select;
}

function areaTable(
  newestDate: string,
  { counts, list }: ChartAreas,
  onArea: (at: number) => void,
): HTMLElement {
  const [date = '', round = 0] = counts.at(-1) ?? [];
  const bars = list.flatMap((area, at) => {
    const [name, pcode, figures] = area;
    const value = figures.at(-1) ?? null;
    const hint = name === null ? null : pcode;
    return value === false ? [] : [{ label: areaLabel(area), hint, value, choose: () => onArea(at), at }];
  });
  return element(
    'div',
    {},
    date === newestDate
      ? null
      : element('p', { class: 'hint' }, `Level 1 was last counted on ${dateText(date)}.`),
    barTable(`By first-level area, ${dateText(date)}, round ${numberText(round)}`, 'Area', bars),
  );
}
