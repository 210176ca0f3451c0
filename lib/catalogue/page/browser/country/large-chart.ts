// Size and points of the large charts. The style sheet reserves the same height, so nothing moves when a chart is drawn.
import type { LineChart, LinePoint } from '../charts/lines.ts';
import type { Point } from '../elements/chart-host.ts';

/** Height of a large chart in pixels, by its width. */
export const chartHeight = (width: number): number => (width < 500 ? 300 : 440);

/** Positions of the points. One without a figure is on the axis of dates. */
export const pointsOf = (points: readonly LinePoint[], place: LineChart['place']): Point[] =>
  points.map(({ date, value }) => place(date, value || 0));
