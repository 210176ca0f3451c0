// The charts' own bundle: what needs a plotting library, loaded when a chart is asked for.
import { type DotChart, type DotOptions, type DotPoint, dots } from './dots.ts';
import { type LineChart, type LineSeries, lines } from './lines.ts';

export interface Charts {
  lines(series: readonly LineSeries[], options: { width: number; chosen: number }): LineChart;
  dots(points: readonly DotPoint[], options: DotOptions): DotChart;
}

globalThis.dtmCharts = { lines, dots };
