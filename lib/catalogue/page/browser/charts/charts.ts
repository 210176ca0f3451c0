// The charts, a bundle of its own because the plotting library is large. It is loaded when a chart becomes visible.
import { type DotChart, type DotOptions, type DotPoint, dots } from './dots.ts';
import { type LineChart, type LineSeries, lines } from './lines.ts';

export interface Charts {
  lines(series: readonly LineSeries[], options: { width: number; chosen: number }): LineChart;
  dots(points: readonly DotPoint[], options: DotOptions): DotChart;
}

globalThis.dtmCharts = { lines, dots };
