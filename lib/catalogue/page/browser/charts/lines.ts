// The line chart over time: one line for each operation and assessment type. A line breaks if two counts are further apart than
// twice the usual interval. A count without a figure is a dashed rule on the time axis, not a zero.
import { axisX, axisY, dot, gridY, line, plot, ruleX, ruleY } from '@observablehq/plot';
import { dateText, monthText, shortNumber, yearText } from '../locale.ts';
import { daySpan } from './days.ts';
import { CLASS, prepareSvg } from './frame.ts';

export interface LinePoint {
  readonly date: Date;
  /** Null is a count without a figure. False is no count: the line breaks, and nothing marks the day. */
  readonly value: number | null | false;
}

export interface LineSeries {
  readonly points: readonly LinePoint[];
  /** The usual interval in days; null with fewer than two counts. */
  readonly usual: number | null;
  /** A CSS colour. */
  readonly color: string;
}

export interface LineOptions {
  readonly width: number;
  readonly height: number;
  /** Index of the line that is drawn in front. */
  readonly chosen: number;
  /** The first and the last day of the time axis. @default those of the lines */
  readonly days?: readonly [Date, Date];
  /** The greatest figure of the axis. @default that of the lines */
  readonly top?: number;
  /** True for a small chart: fewer ticks. @default false */
  readonly isSmall?: boolean;
}

/** A drawn chart; `place` gives the position of a point in pixels. */
export interface LineChart {
  readonly svg: SVGSVGElement;
  place(date: Date, value: number): { x: number; y: number };
}

const MS_PER_DAY = 86_400_000;
const YEARS_FOR_MONTHS = 4;
const MONTHS_FOR_DAYS = 4;

/** A point of a line; points with the same `z` are connected. */
interface LineSegment {
  readonly date: Date;
  readonly value: number;
  readonly z: string;
}

/** Draws the lines on one time axis and one axis of figures, which begins at 0. */
export function lines(series: readonly LineSeries[], options: LineOptions): LineChart {
  const { width, height, chosen, isSmall = false } = options;
  const days = withMargin(options.days ?? daySpan(series));
  const segments = series.map(segmentsOf);
  const missing = series.flatMap(({ points }) => points.filter(({ value }) => value === null));
  const order = [...series.keys()].sort((a, b) => Number(a === chosen) - Number(b === chosen));
  const figureTicks = isSmall ? 3 : 5;
  const chart = plot({
    className: CLASS,
    width,
    height,
    marginLeft: isSmall ? 40 : 52,
    marginRight: isSmall ? 14 : 20,
    marginTop: isSmall ? 8 : 14,
    marginBottom: isSmall ? 20 : 28,
    x: { type: 'utc', domain: days },
    y: { zero: true, nice: true, ...(options.top === undefined ? {} : { domain: [0, options.top || 1] }) },
    marks: [
      gridY({ ticks: figureTicks }),
      axisY({ ticks: figureTicks, tickFormat: shortNumber, tickSize: 0, label: null }),
      axisX({
        ...dateTicks(days, Math.max(2, Math.floor(width / (isSmall ? 65 : 130)))),
        label: null,
        tickSize: isSmall ? 0 : 6,
      }),
      ruleY([0]),
      ruleX(missing, { x: 'date', stroke: 'currentColor', strokeDasharray: '2 3', strokeOpacity: 0.5 }),
      ...order.flatMap((at) =>
        seriesMarks(segments[at] as LineSegment[], series[at] as LineSeries, {
          opacity: at === chosen ? 1 : 0.55,
          weight: isSmall ? 0.65 : at === chosen ? 1 : 0.6,
        }),
      ),
    ],
  });
  const [x, y] = [chart.scale('x'), chart.scale('y')];
  return {
    svg: prepareSvg(chart),
    place: (date, value) => ({ x: x?.apply(date) as number, y: y?.apply(value) as number }),
  };
}

interface Emphasis {
  /** From 0 to 1. */
  readonly opacity: number;
  /** Width of the line; 1 is that of a large chart's chosen line. */
  readonly weight: number;
}

function seriesMarks(segments: readonly LineSegment[], { color }: LineSeries, { opacity, weight }: Emphasis) {
  const shared = { x: 'date', y: 'value' } as const;
  return [
    line(segments, { ...shared, z: 'z', stroke: color, strokeWidth: 2.5 * weight, strokeOpacity: opacity }),
    dot(segments, { ...shared, r: 3 * weight, fill: color, fillOpacity: opacity }),
  ];
}

function segmentsOf({ points, usual }: LineSeries, at: number): LineSegment[] {
  let segment = 0;
  let last: Date | null = null;
  return points.flatMap(({ date, value }) => {
    const days: number = last === null ? 0 : (date.getTime() - last.getTime()) / MS_PER_DAY;
    last = date;
    if (value === null || value === false || (usual !== null && days > 2 * usual)) segment++;
    return value === null || value === false ? [] : [{ date, value, z: `${at}.${segment}` }];
  });
}

/** A single day gets 30 days on both sides. */
function withMargin([first, last]: readonly [Date, Date]): [Date, Date] {
  const margin = first.getTime() === last.getTime() ? 30 * MS_PER_DAY : 0;
  return [new Date(first.getTime() - margin), new Date(last.getTime() + margin)];
}

/** Years on a long axis, months on a shorter one, else days. There are at most as many ticks as years or months. */
function dateTicks([first, last]: readonly [Date, Date], fitting: number) {
  const days = (last.getTime() - first.getTime()) / MS_PER_DAY;
  if (days > 365 * YEARS_FOR_MONTHS)
    return { ticks: Math.min(fitting, Math.floor(days / 365)), tickFormat: yearText };
  if (days > 31 * MONTHS_FOR_DAYS)
    return { ticks: Math.min(fitting, Math.floor(days / 31)), tickFormat: monthText };
  return { ticks: Math.min(fitting, 4), tickFormat: (date: Date) => dateText(date.toISOString()) };
}
