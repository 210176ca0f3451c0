// The line of one area over the counts of its operation at level 1.
import type { ChartArea, ChartAreas, ChartSeries } from '../../../charts/country-chart-data.ts';
import type { NamedLine } from '../../charts/picture.ts';
import { makeChartHost } from '../../elements/chart-host.ts';
import { bdi, element } from '../../elements/element.ts';
import { observeWidth } from '../../elements/observe-width.ts';
import { dateText, figureText, numberText } from '../../locale.ts';
import { namedAreaLine, newestOf, onPage, operationLine } from '../chart-lines.ts';
import type { CountryContext } from '../context.ts';
import { chartHeight, pointsOf } from '../large-chart.ts';
import type { ShownArea } from '../take/rows.ts';
import { areaLabel, colorOf, nameAt } from '../words.ts';

export interface AreaChart {
  readonly node: HTMLElement;
  /** Shows another area, by its index. */
  update(at: number, withCountry: boolean): void;
}

/** The lines of an area, and of the whole country beside it if `withCountry`. `at` is the index of the operation in the view. */
export function areaLines({ series, area, withCountry }: ShownArea, at: number): NamedLine[] {
  // Not the colour of any operation, as long as these are few enough for one chart.
  const line = namedAreaLine(series, area, at + AREA_COLOR);
  return withCountry ? [line, { ...operationLine(series, at), label: 'Whole country' }] : [line];
}

const AREA_COLOR = 4;

/** Creates the chart of a series' areas. */
export function areaChart(context: CountryContext, seriesAt: number): AreaChart {
  const series = context.series[seriesAt] as ChartSeries;
  const { list, counts } = series.areas as ChartAreas;
  const [legend, notes] = [element('p', { class: 'legend-line' }), element('div')];
  const readout = element('div', { class: 'area-readout', 'aria-live': 'polite' });
  let area = list[0] as ChartArea;
  let withCountry = false;
  let chosen = counts.length - 1;
  let repaint = (): void => {};
  const chartHost = makeChartHost('Line chart of people present in an area over time', (at) => read(at));
  function read(at: number): void {
    chosen = at;
    chartHost.mark(at);
    readout.replaceChildren(areaReadout(series, area, at));
  }
  observeWidth(chartHost.host, (width) => {
    repaint = () => {
      const lines = areaLines({ series, area, withCountry }, seriesAt);
      const options = { width, height: chartHeight(width), chosen: 0 };
      const { svg, place } = context.charts.lines(lines.map(onPage), options);
      const points = (lines[0] as (typeof lines)[number]).points;
      chartHost.draw(svg, () => pointsOf(points, place));
      legend.replaceChildren(...(withCountry ? lines.map(legendItem) : []));
    };
    repaint();
    read(chosen);
  });
  return {
    node: element('figure', { class: 'area-lines' }, legend, chartHost.host, readout, notes),
    update(at, isWithCountry) {
      area = list[at] ?? area;
      withCountry = isWithCountry;
      notes.replaceChildren(...areaNotes(series, area).map((text) => element('p', { class: 'hint' }, text)));
      repaint();
      read(newestOf(area));
    },
  };
}

function legendItem({ label, color }: NamedLine): HTMLElement {
  const swatch = element('span', { class: 'swatch' });
  swatch.style.background = colorOf(color);
  return element('span', { class: 'legend-item' }, swatch, bdi(label));
}

function areaReadout(series: ChartSeries, area: ChartArea, at: number): HTMLElement {
  const [date = '', round = 0] = series.areas?.counts[at] ?? [];
  const [, pcode, figures] = area;
  const figure = figures[at] ?? null;
  const name = nameAt(area, at) ?? areaLabel(area);
  return element(
    'div',
    {},
    element('p', { class: 'area-figure' }, figure === false ? 'not in this count' : figureText(figure)),
    element('p', {}, element('strong', {}, dateText(date)), `, round ${numberText(round)}`),
    element(
      'p',
      { class: 'area-name' },
      bdi(name),
      pcode === null || pcode === name ? null : element('span', { class: 'code' }, ` ${pcode}`),
    ),
  );
}

/** Sentences about names and codes that changed, and about rows without a place. */
function areaNotes({ areas }: ChartSeries, area: ChartArea): (HTMLElement | string)[] {
  const { counts, list } = areas as ChartAreas;
  const [name, pcode, , otherNames = []] = area;
  const dateOf = (at: number | undefined): string => dateText(counts[at ?? 0]?.[0] ?? '');
  const renamed = otherNames.map(([other, own]) =>
    element(
      'span',
      {},
      other === null ? 'Without a name' : bdi(other),
      ` until ${dateOf(own.at(-1))}: one P-code, one line.`,
    ),
  );
  const twins = list.filter((other) => other !== area && name !== null && other[0] === name);
  const twinWords = twins.map(([, code]) =>
    element(
      'span',
      {},
      `The same name also stands for ${code === null ? 'rows without a P-code' : `the P-code ${code}`}. The lines are not joined: either the code has changed, or these are two areas.`,
    ),
  );
  const unplaced =
    pcode === null && name === null
      ? ['Rows whose area the API does not say. They belong to no line of an area.']
      : [];
  const unnamed =
    pcode === null && name !== null ? ['These rows have no P-code, so their name decides.'] : [];
  return [...renamed, ...twinWords, ...unplaced, ...unnamed];
}
