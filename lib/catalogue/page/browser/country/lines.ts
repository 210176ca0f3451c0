// The line chart with its legend and the words on the count that is pointed at.
import type { ChartCount, ChartSeries } from '../../charts/country-chart-data.ts';
import type { Charts } from '../charts/charts.ts';
import { bdi, element } from '../elements/element.ts';
import { makeChartHost } from '../elements/stage.ts';
import { observeWidth } from '../freshness/overview.ts';
import { dayOf } from '../locale.ts';
import { colorOf, countReadout, labelOf } from './words.ts';

/** The chart of all series; `onSeries` is told which one is looked at, first of all the first. */
export function lineChart(
  charts: Charts,
  series: readonly ChartSeries[],
  onSeries: (at: number) => void,
): HTMLElement {
  let chosen = 0;
  let repaint = (): void => {};
  const readout = element('div', { class: 'readout', 'aria-live': 'polite' });
  const stage = makeChartHost('Line chart of people present over time', (at) => show(at));
  const buttons = series.map((one, at) => legendButton(one, at, () => choose(at)));

  const counts = (): readonly ChartCount[] => (series[chosen] as ChartSeries).counts;
  function show(at: number): void {
    stage.mark(at);
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
  observeWidth(stage.host, (width) => {
    repaint = () => {
      const drawn = series.map(({ usual_days, counts }, at) => ({
        points: counts.map(([date, , , idps]) => ({ date: dayOf(date), value: idps })),
        usual: usual_days,
        color: colorOf(at),
      }));
      const { svg, height, place } = charts.lines(drawn, { width, chosen });
      const places = counts().map(([date, , , idps]) =>
        idps === null ? { x: place(dayOf(date), 0).x, y: height - 28 } : place(dayOf(date), idps),
      );
      stage.draw(svg, () => places);
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
    element('div', { class: 'chart-and-readout' }, stage.host, readout),
  );
}

function legendButton(series: ChartSeries, at: number, onClick: () => void): HTMLButtonElement {
  const swatch = element('span', { class: 'swatch' });
  swatch.style.background = colorOf(at);
  const button = element('button', { type: 'button', 'aria-pressed': 'false' }, swatch, bdi(labelOf(series)));
  button.addEventListener('click', onClick);
  return button;
}
