// An element that holds a chart and marks one of its points. The user moves the mark with a pointer or the arrow keys.
import { element } from './element.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface ChartHost {
  readonly host: HTMLElement;
  /** Shows a chart. `points` gives the positions of its points, in the order of the arrow keys; null has no position. */
  draw(svg: SVGSVGElement, points: () => readonly (Point | null)[]): void;
  /** Puts the ring round a point. */
  mark(at: number): void;
}

const KEYS: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowRight: (at, last) => Math.min(last, at + 1),
  ArrowLeft: (at) => Math.max(0, at - 1),
  Home: () => 0,
  End: (_, last) => last,
};

/** Creates the element. `onChoose` gets the index of the point that the user moved to; it must call `mark`. */
export function makeChartHost(label: string, onChoose: (at: number) => void): ChartHost {
  const host = element('div', {
    class: 'stage',
    tabindex: 0,
    role: 'group',
    'aria-label': `${label}. Arrow keys go from point to point.`,
  });
  const ring = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
  ring.setAttribute('class', 'ring');
  ring.setAttribute('r', '7');
  ring.toggleAttribute('hidden', true);
  let points: () => readonly (Point | null)[] = () => [];
  let chosen = 0;
  const mark = (at: number): void => {
    chosen = at;
    const point = points()[at];
    ring.toggleAttribute('hidden', !point);
    ring.setAttribute('cx', String(point?.x ?? 0));
    ring.setAttribute('cy', String(point?.y ?? 0));
  };
  host.addEventListener('keydown', (event) => {
    const next = KEYS[event.key]?.(chosen, points().length - 1);
    if (next === undefined) return;
    event.preventDefault();
    onChoose(next);
  });
  const follow = (event: PointerEvent): void => {
    const box = host.querySelector('svg')?.getBoundingClientRect();
    const at = box && nearest(points(), { x: event.clientX - box.left, y: event.clientY - box.top });
    if (at !== undefined && at !== chosen) onChoose(at);
  };
  host.addEventListener('pointermove', follow);
  host.addEventListener('pointerdown', follow);
  return {
    host,
    draw: (svg, chartPoints) => {
      points = chartPoints;
      svg.append(ring);
      host.replaceChildren(svg);
    },
    mark,
  };
}

/** Index of the nearest point. A horizontal distance counts twice, because people follow a line along the time axis. */
function nearest(points: readonly (Point | null)[], to: Point): number | undefined {
  let best: { at: number; distance: number } | undefined;
  for (const [at, point] of points.entries()) {
    if (!point) continue;
    const distance = Math.hypot(2 * (point.x - to.x), point.y - to.y);
    if (!best || distance < best.distance) best = { at, distance };
  }
  return best?.at;
}
