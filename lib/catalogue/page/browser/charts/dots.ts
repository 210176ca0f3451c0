// Dots along age that do not cover each other: one an operation. Age is on a logarithmic axis, so that weeks and years
// are both told apart.
import { axisX, dodgeY, dot, gridX, plot } from '@observablehq/plot';
import { CLASS, centreOf, prepareSvg } from './frame.ts';

export interface DotPoint {
  /** Days, at least 1. */
  readonly days: number;
  readonly isOverdue: boolean;
}

export interface DotOptions {
  readonly width: number;
  /** The least and the greatest age on the axis, in days. */
  readonly span: readonly [number, number];
  readonly withAxis: boolean;
}

/** A drawn chart; a dot's middle is known once the chart is in the page. */
export interface DotChart {
  readonly svg: SVGSVGElement;
  place(at: number): { x: number; y: number };
}

const RADIUS = 3.5;
const AXIS = 24;
const TICKS: readonly (readonly [days: number, words: string])[] = [
  [1, '1 day'],
  [7, '1 week'],
  [30, '1 month'],
  [91, '3 months'],
  [365, '1 year'],
  [1096, '3 years'],
  [3653, '10 years'],
];

/** The chart, as high as its highest pile of dots. */
export function dots(points: readonly DotPoint[], options: DotOptions): DotChart {
  const maxHeight = points.length * (2 * RADIUS + 1) + 2 * RADIUS;
  const tops = circlesOf(plotDots(points, options, maxHeight)).map((circle) => circle.cy.baseVal.value);
  const height = Math.ceil(maxHeight - Math.min(...tops)) + 2 * RADIUS;
  const svg = plotDots(points, options, height);
  const circles = circlesOf(svg);
  return { svg, place: (at) => centreOf(circles[at] as Element) };
}

const circlesOf = (svg: SVGSVGElement): SVGCircleElement[] => [...svg.querySelectorAll('circle')];

function plotDots(
  points: readonly DotPoint[],
  { width, span, withAxis }: DotOptions,
  height: number,
): SVGSVGElement {
  const bottom = withAxis ? AXIS : 4;
  const ticks = ticksIn(span, width);
  const chart = plot({
    className: CLASS,
    width,
    height: height + bottom,
    marginLeft: 24,
    marginRight: 24,
    marginTop: 0,
    marginBottom: bottom,
    // Plot words the ticks of a logarithmic axis itself: the axis is linear, and what lies on it is logarithms.
    x: { type: 'linear', domain: span.map(Math.log10), axis: null },
    color: { type: 'identity' },
    marks: [
      gridX(ticks.map(Math.log10)),
      withAxis
        ? axisX(ticks.map(Math.log10), { tickFormat: (_, at) => words(ticks[at]), tickSize: 0, label: null })
        : null,
      dot(points, {
        ...dodgeY({ x: ({ days }: DotPoint) => Math.log10(days), anchor: 'bottom', padding: 1, r: RADIUS }),
        // Filled or not, so that colour is not all that tells them apart.
        fill: ({ isOverdue }: DotPoint) => (isOverdue ? 'var(--bad)' : 'var(--paper)'),
        stroke: ({ isOverdue }: DotPoint) => (isOverdue ? 'var(--bad)' : 'var(--accent)'),
      }),
    ],
  });
  return prepareSvg(chart);
}

/** The ages that the axis names: every other one where it is narrow. */
const ticksIn = ([least, most]: DotOptions['span'], width: number): number[] =>
  TICKS.map(([days]) => days)
    .filter((days) => days >= least && days <= most)
    .filter((_, at) => width > 600 || at % 2 === 0);

const words = (days: number | undefined): string => TICKS.find(([one]) => one === days)?.[1] ?? '';
