// The view of one country: the line chart, the table of counts, and a breakdown of the newest count.
import type { ChartSeries, CountryChartData } from '../../charts/country-chart-data.ts';
import type { Charts } from '../charts/charts.ts';
import { bdi, element } from '../elements/element.ts';
import { numberText } from '../locale.ts';
import { countDetails } from './detail.ts';
import { downloads } from './downloads.ts';
import { historyTable } from './history.ts';
import { lineChart } from './lines.ts';

/** Puts the series with the newest count first: most readers look for it. */
const newestFirst = (series: readonly ChartSeries[]): ChartSeries[] =>
  series.toSorted((a, b) => ((a.counts.at(-1)?.[0] ?? '') < (b.counts.at(-1)?.[0] ?? '') ? 1 : -1));

/** Creates the view of a country. */
export function countryView(picture: CountryChartData, charts: Charts): HTMLElement {
  const series = newestFirst(picture.series);
  const details = element('div', { class: 'details-of-series' });
  const chart = lineChart(charts, series, (at) =>
    details.replaceChildren(...countDetails(series[at] as ChartSeries)),
  );
  return element(
    'div',
    { class: 'country', 'data-country': picture.country },
    element('h3', {}, bdi(picture.name), ' ', element('span', { class: 'code' }, picture.country)),
    downloads(picture.country),
    series.length > 1
      ? element(
          'p',
          { class: 'never' },
          `${numberText(series.length)} lines that must not be added: they count the same people in different ways.`,
        )
      : null,
    chart,
    historyTable(series),
    details,
  );
}
