// The charts, a bundle of its own because the plotting library is large. It is loaded when a chart becomes visible.
import { type DotChart, type DotOptions, type DotPoint, dots } from './dots.ts';
import { type LineChart, type LineOptions, type LineSeries, lines } from './lines.ts';

export interface Charts {
  lines(series: readonly LineSeries[], options: LineOptions): LineChart;
  dots(points: readonly DotPoint[], options: DotOptions): DotChart;
}

declare global {
  var dtmCharts: Charts | undefined;
}

globalThis.dtmCharts = { lines, dots };
