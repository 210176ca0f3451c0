// What each chart of a country shows at the moment, for its download bar.
import type { ChartAreas, ChartSeries } from '../../../charts/country-chart-data.ts';
import { linePicture } from '../../charts/picture.ts';
import type { Shown } from '../../elements/download-bar.ts';
import { fileName } from '../../elements/download-texts.ts';
import { areaLines } from '../areas/chart.ts';
import { operationLine } from '../chart-lines.ts';
import { type Choice, type CountryContext, seriesOf } from '../context.ts';
import { shownSeries } from '../lines.ts';
import { overlapWords } from '../overlaps.ts';
import { scaleWords } from '../panels.ts';
import { areaLabel } from '../words.ts';
import { areaCsv, operationsCsv } from './rows.ts';
import { areaTexts, operationTexts } from './texts.ts';

const NEVER_ADDED = 'Each line is one operation and one kind of assessment.';

/** The large chart of the operations. */
export function linesShown(context: CountryContext, choice: Choice, link: string): Shown {
  const { series, chosen } = shownSeries(context, choice);
  const all = series.map(([one]) => one);
  const lines = all.length === 1 ? [] : [NEVER_ADDED, ...overlapWords(all)];
  return {
    name: nameOf(context, ...seriesNames(all)),
    csv: () => operationsCsv(context, all),
    svg: () =>
      linePicture(context.charts.lines, {
        texts: operationTexts(context, all, { lines, link }),
        lines: series.map(([one, at]) => operationLine(one, at)),
        chosen,
        panels: null,
      }),
  };
}

/** The small charts of all operations. */
export function panelsShown(context: CountryContext, { ownScales }: Choice, link: string): Shown {
  const { series, charts } = context;
  const lines = [`Each chart is one operation and one kind of assessment. ${scaleWords(ownScales)}`];
  return {
    name: nameOf(context, ...seriesNames(series)),
    csv: () => operationsCsv(context, series),
    svg: () =>
      linePicture(charts.lines, {
        texts: operationTexts(context, series, { lines, link }),
        lines: series.map(operationLine),
        chosen: 0,
        panels: ownScales ? 'own' : 'same',
      }),
  };
}

/** The chart of an area. */
export function areaShown(context: CountryContext, choice: Choice, link: string): Shown {
  const series = seriesOf(context, choice);
  const { list } = series.areas as ChartAreas;
  const area = list[choice.area ?? 0] as ChartAreas['list'][number];
  const shown = { series, area, withCountry: choice.withCountry };
  return {
    name: nameOf(context, area[1] ?? areaLabel(area), ...seriesNames([series])),
    csv: () => areaCsv(context, shown),
    svg: () =>
      linePicture(context.charts.lines, {
        texts: areaTexts(context, shown, link),
        lines: areaLines(shown, choice.series),
        chosen: 0,
        panels: null,
      }),
  };
}

const seriesNames = (series: readonly ChartSeries[]): string[] => {
  const [only] = series;
  return only && series.length === 1 ? [only.operation, only.assessment_type] : ['all-operations'];
};

const nameOf = ({ data, picture }: CountryContext, ...parts: readonly string[]): string =>
  fileName(data, picture.country, ...parts);
