// The large line chart with its legend and a text about the chosen count.
import type { ChartCount, ChartSeries } from '../../charts/country-chart-data.ts';
import { makeChartHost } from '../elements/chart-host.ts';
import { bdi, element } from '../elements/element.ts';
import { observeWidth } from '../elements/observe-width.ts';
import { dayOf } from '../locale.ts';
import { onPage, operationLine } from './chart-lines.ts';
import { type Choice, type CountryContext, countIndex, hasPanels, seriesOf } from './context.ts';
import { chartHeight, pointsOf } from './large-chart.ts';
import { overlapWords } from './overlaps.ts';
import { colorOf, countReadout, labelOf } from './words.ts';

export interface LineCalls {
  readonly onSeries: (at: number) => void;
  readonly onCount: (at: number) => void;
}

export interface CountryLines {
  readonly node: HTMLElement;
  /** Shows another choice. */
  update(choice: Choice): void;
}

/** Creates the chart: of all series, or of the chosen one if the others are drawn as panels. */
export function countryLines(context: CountryContext, { onSeries, onCount }: LineCalls): CountryLines {
  let choice: Choice | undefined;
  let repaint = (): void => {};
  const readout = element('div', { class: 'readout', 'aria-live': 'polite' });
  const chartHost = makeChartHost('Line chart of people present over time', (at) => onCount(at));
  const buttons = hasPanels(context)
    ? []
    : context.series.map((line, at) => legendButton(line, at, () => onSeries(at)));
  const read = (): void => {
    if (!choice) return;
    const at = countIndex(context, choice);
    chartHost.mark(at);
    readout.replaceChildren(...countReadout(seriesOf(context, choice), at));
  };
  observeWidth(chartHost.host, (width) => {
    repaint = () => {
      if (!choice) return;
      const height = chartHeight(width);
      const { series, chosen } = shownSeries(context, choice);
      const lines = series.map(([one, at]) => onPage(operationLine(one, at)));
      const { svg, place } = context.charts.lines(lines, { width, height, chosen });
      const counts = seriesOf(context, choice).counts;
      const points = counts.map(([date, , , idps]: ChartCount) => ({ date: dayOf(date), value: idps }));
      chartHost.draw(svg, () => pointsOf(points, place));
    };
    repaint();
    read();
  });
  const update = (next: Choice): void => {
    const isSame = choice?.series === next.series;
    choice = next;
    for (const [at, button] of buttons.entries())
      button.setAttribute('aria-pressed', String(at === next.series));
    if (!isSame) repaint();
    read();
  };
  const legend = { class: 'legend', role: 'group', 'aria-label': 'Operations: choose one to read it' };
  const node = element(
    'figure',
    { class: 'lines' },
    buttons.length === 0 ? null : element('div', legend, ...buttons),
    ...(hasPanels(context) ? [] : overlapWords(context.series)).map((words) =>
      element('p', { class: 'hint overlap' }, words),
    ),
    chartHost.host,
    readout,
  );
  return { node, update };
}

/** The series that the large chart shows, each with its index, and the index of the chosen one among them. */
export function shownSeries(
  context: CountryContext,
  choice: Choice,
): { series: readonly (readonly [ChartSeries, number])[]; chosen: number } {
  if (hasPanels(context)) return { series: [[seriesOf(context, choice), choice.series]], chosen: 0 };
  return { series: context.series.map((one, at) => [one, at] as const), chosen: choice.series };
}

function legendButton(series: ChartSeries, at: number, onClick: () => void): HTMLButtonElement {
  const swatch = element('span', { class: 'swatch' });
  swatch.style.background = colorOf(at);
  const button = element('button', { type: 'button', 'aria-pressed': 'false' }, swatch, bdi(labelOf(series)));
  button.addEventListener('click', onClick);
  return button;
}
