// The line chart with its legend and a text about the chosen count.
import type { ChartCount, ChartSeries } from '../../charts/country-chart-data.ts';
import type { Charts } from '../charts/charts.ts';
import { makeChartHost } from '../elements/chart-host.ts';
import { bdi, element } from '../elements/element.ts';
import { observeWidth } from '../freshness/overview.ts';
import { dayOf } from '../locale.ts';
import { colorOf, countReadout, labelOf } from './words.ts';

/** Creates the chart of all series. `onSeries` gets the index of the chosen series, at the start 0. */
export function lineChart(
  charts: Charts,
  series: readonly ChartSeries[],
  onSeries: (at: number) => void,
): HTMLElement {
  let chosen = 0;
  let repaint = (): void => {};
  const readout = element('div', { class: 'readout', 'aria-live': 'polite' });
  const chartHost = makeChartHost('Line chart of people present over time', (at) => show(at));
  const buttons = series.map((line, at) => legendButton(line, at, () => choose(at)));

  const counts = (): readonly ChartCount[] => (series[chosen] as ChartSeries).counts;
  function show(at: number): void {
    chartHost.mark(at);
    readout.replaceChildren(...countReadout(series[chosen] as ChartSeries, at));
  }
  function choose(at: number): void {
    chosen = at;
    for (const [other, button] of buttons.entries())
      button.setAttribute('aria-pressed', String(other === at));
    repaint();
    show(counts().length - 1);
    onSeries(at);
  }
  observeWidth(chartHost.host, (width) => {
    repaint = () => {
      const chartLines = series.map(({ usual_days, counts }, at) => ({
        points: counts.map(([date, , , idps]) => ({ date: dayOf(date), value: idps })),
        usual: usual_days,
        color: colorOf(at),
      }));
      const { svg, height, place } = charts.lines(chartLines, { width, chosen });
      const points = counts().map(([date, , , idps]) =>
        idps === null ? { x: place(dayOf(date), 0).x, y: height - 28 } : place(dayOf(date), idps),
      );
      chartHost.draw(svg, () => points);
    };
    repaint();
    show(Math.max(0, counts().length - 1));
  });
  choose(0);
  return element(
    'figure',
    { class: 'lines' },
    element(
      'div',
      { class: 'legend', role: 'group', 'aria-label': 'Operations: choose one to read it' },
      ...buttons,
    ),
    element('div', { class: 'chart-and-readout' }, chartHost.host, readout),
  );
}

function legendButton(series: ChartSeries, at: number, onClick: () => void): HTMLButtonElement {
  const swatch = element('span', { class: 'swatch' });
  swatch.style.background = colorOf(at);
  const button = element('button', { type: 'button', 'aria-pressed': 'false' }, swatch, bdi(labelOf(series)));
  button.addEventListener('click', onClick);
  return button;
}
