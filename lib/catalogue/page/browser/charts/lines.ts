// The line chart over time: one line for each operation and assessment type. A line breaks if two counts are further apart than
// twice the usual interval. A count without a figure is a dashed rule on the time axis, not a zero.
import { axisX, axisY, dot, gridY, line, plot, ruleX, ruleY } from '@observablehq/plot';
import { monthText, shortNumber, yearText } from '../locale.ts';
import { CLASS, prepareSvg } from './frame.ts';

export interface LinePoint {
  readonly date: Date;
  readonly value: number | null;
}

export interface LineSeries {
  readonly points: readonly LinePoint[];
  /** The usual interval in days; null with fewer than two counts. */
  readonly usual: number | null;
  /** A CSS colour. */
  readonly color: string;
}

/** A drawn chart; `place` gives the position of a point in pixels. */
export interface LineChart {
  readonly svg: SVGSVGElement;
  readonly height: number;
  place(date: Date, value: number): { x: number; y: number };
}

const MS_PER_DAY = 86_400_000;
const YEARS_FOR_MONTHS = 4;

/** A point of a line; points with the same `z` are connected. */
interface LineSegment {
  readonly date: Date;
  readonly value: number;
  readonly z: string;
}

export function lines(
  series: readonly LineSeries[],
  { width, chosen }: { width: number; chosen: number },
): LineChart {
  const height = width < 500 ? 280 : 360;
  const segments = series.map(segmentsOf);
  const missing = series.flatMap(({ points }) => points.filter(({ value }) => value === null));
  const order = [...series.keys()].sort((a, b) => Number(a === chosen) - Number(b === chosen));
  const chart = plot({
    className: CLASS,
    width,
    height,
    marginLeft: 52,
    marginRight: 16,
    marginBottom: 28,
    x: { type: 'utc', ...spanOf(series) },
    y: { zero: true, nice: true },
    marks: [
      gridY({ ticks: 5 }),
      axisY({ ticks: 5, tickFormat: shortNumber, tickSize: 0, label: null }),
      axisX({ ticks: Math.max(2, Math.floor(width / 110)), tickFormat: dateFormat(series), label: null }),
      ruleY([0]),
      ruleX(missing, { x: 'date', stroke: 'currentColor', strokeDasharray: '2 3', strokeOpacity: 0.5 }),
      ...order.flatMap((at) =>
        seriesMarks(segments[at] as LineSegment[], series[at] as LineSeries, at === chosen),
      ),
    ],
  });
  const [x, y] = [chart.scale('x'), chart.scale('y')];
  return {
    svg: prepareSvg(chart),
    height,
    place: (date, value) => ({ x: x?.apply(date) as number, y: y?.apply(value) as number }),
  };
}

function seriesMarks(segments: readonly LineSegment[], { color }: LineSeries, isChosen: boolean) {
  const opacity = isChosen ? 1 : 0.55;
  const shared = { x: 'date', y: 'value' } as const;
  return [
    line(segments, {
      ...shared,
      z: 'z',
      stroke: color,
      strokeWidth: isChosen ? 2.5 : 1.5,
      strokeOpacity: opacity,
    }),
    dot(segments, { ...shared, r: isChosen ? 3 : 2, fill: color, fillOpacity: opacity }),
  ];
}

function segmentsOf({ points, usual }: LineSeries, at: number): LineSegment[] {
  let segment = 0;
  let last: Date | null = null;
  return points.flatMap(({ date, value }) => {
    const days: number = last === null ? 0 : (date.getTime() - last.getTime()) / MS_PER_DAY;
    last = date;
    if (value === null || (usual !== null && days > 2 * usual)) segment++;
    return value === null ? [] : [{ date, value, z: `${at}.${segment}` }];
  });
}

/** The range of the time axis; a single day gets 30 days on both sides. */
function spanOf(series: readonly LineSeries[]): { domain?: [Date, Date] } {
  const times = series.flatMap(({ points }) => points.map(({ date }) => date.getTime()));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const margin = first === last ? 30 * MS_PER_DAY : 0;
  return { domain: [new Date(first - margin), new Date(last + margin)] };
}

function dateFormat(series: readonly LineSeries[]): (date: Date) => string {
  const times = series.flatMap(({ points }) => points.map(({ date }) => date.getTime()));
  const years = (Math.max(...times) - Math.min(...times)) / MS_PER_DAY / 365;
  return years > YEARS_FOR_MONTHS ? yearText : monthText;
}
