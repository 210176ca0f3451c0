// The dot plot: one dot for each operation, placed by age and piled up so that dots do not overlap. The axis is logarithmic, so
// that both weeks and years can be told apart.
import { axisX, dodgeY, dot, gridX, plot } from '@observablehq/plot';
import { CLASS, centreOf, prepareSvg } from './frame.ts';

export interface DotPoint {
  /** Days, at least 1. */
  readonly days: number;
  readonly isOverdue: boolean;
}

export interface DotOptions {
  readonly width: number;
  /** The lowest and the greatest age on the axis, in days. */
  readonly span: readonly [number, number];
  readonly withAxis: boolean;
}

/** A drawn chart; `place` gives a dot's centre and works only after the chart is in the page. */
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

/** Draws the chart, as high as its highest pile of dots: the first drawing measures, the second one is returned. */
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
    // Plot writes its own tick labels on a logarithmic axis. So the axis is linear and its values are logarithms.
    x: { type: 'linear', domain: span.map(Math.log10), axis: null },
    color: { type: 'identity' },
    marks: [
      gridX(ticks.map(Math.log10)),
      withAxis
        ? axisX(ticks.map(Math.log10), { tickFormat: (_, at) => words(ticks[at]), tickSize: 0, label: null })
        : null,
      dot(points, {
        ...dodgeY({ x: ({ days }: DotPoint) => Math.log10(days), anchor: 'bottom', padding: 1, r: RADIUS }),
        // Overdue dots are also filled: colour must not be the only difference.
        fill: ({ isOverdue }: DotPoint) => (isOverdue ? 'var(--bad)' : 'var(--paper)'),
        stroke: ({ isOverdue }: DotPoint) => (isOverdue ? 'var(--bad)' : 'var(--accent)'),
      }),
    ],
  });
  return prepareSvg(chart);
}

/** Ages with a tick; on a narrow axis only every second one. */
const ticksIn = ([least, most]: DotOptions['span'], width: number): number[] =>
  TICKS.map(([days]) => days)
    .filter((days) => days >= least && days <= most)
    .filter((_, at) => width > 600 || at % 2 === 0);

const words = (days: number | undefined): string => TICKS.find(([tick]) => tick === days)?.[1] ?? '';
