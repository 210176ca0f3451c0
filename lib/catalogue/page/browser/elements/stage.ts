// A chart that can be read with a pointer and with the keyboard: the nearest point is marked, and its words stand below.
import { element } from './element.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface ChartHost {
  readonly host: HTMLElement;
  /** Puts a chart on the stage with the places of its points, in the order in which the arrow keys go. */
  draw(svg: SVGSVGElement, places: () => readonly (Point | null)[]): void;
  /** Marks a point. */
  mark(at: number): void;
}

const KEYS: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowRight: (at, last) => Math.min(last, at + 1),
  ArrowLeft: (at) => Math.max(0, at - 1),
  Home: () => 0,
  End: (_, last) => last,
};

/** A stage; `onChoose` is told which point a person went to, and marks it. */
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
    const to = KEYS[event.key]?.(chosen, points().length - 1);
    if (to === undefined) return;
    event.preventDefault();
    onChoose(to);
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
    draw: (svg, found) => {
      points = found;
      svg.append(ring);
      host.replaceChildren(svg);
    },
    mark,
  };
}

/** The nearest point, sideways first: people follow a line along time. */
function nearest(places: readonly (Point | null)[], to: Point): number | undefined {
  let best: { at: number; distance: number } | undefined;
  for (const [at, place] of places.entries()) {
    if (!place) continue;
    const distance = Math.hypot(2 * (place.x - to.x), place.y - to.y);
    if (!best || distance < best.distance) best = { at, distance };
  }
  return best?.at;
}
