// The element that holds the map. The reader goes from circle to circle with a pointer or with keys.
import { element } from '../elements/element.ts';
import type { Circle } from './circle.ts';
import { svg } from './svg.ts';

export interface Stage {
  readonly host: HTMLElement;
  /** Says how many countries there are, for screen readers. */
  describe(countries: number): void;
  draw(map: SVGSVGElement, circles: readonly Circle[]): void;
  /** Puts the ring round a circle, without a report; null removes it. */
  mark(at: number | null): void;
}

export interface StageOptions {
  /** A circle was marked; null if none is any more. */
  onMark(at: number | null): void;
  /** The reader chose a circle. */
  onOpen(at: number): void;
}

/** A circle is also hit by pointers that are so many pixels beside it, so that each has at least 24 pixels. */
const REACH = 12;

const KEYS: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowRight: (at, last) => Math.min(last, at + 1),
  ArrowDown: (at, last) => Math.min(last, at + 1),
  ArrowLeft: (at) => Math.max(0, at - 1),
  ArrowUp: (at) => Math.max(0, at - 1),
  Home: () => 0,
  End: (_, last) => last,
};

/** Creates the element. */
export function makeStage({ onMark, onOpen }: StageOptions): Stage {
  const host = element('div', { class: 'stage map-stage', tabindex: 0, role: 'group' });
  const ring = markRing();
  let circles: readonly Circle[] = [];
  let marked: number | null = null;
  const mark = (at: number | null): void => {
    if (at === marked) return;
    marked = at;
    ring.surround(at === null ? undefined : circles[at]);
    host.toggleAttribute('data-pointing', at !== null);
    onMark(at);
  };
  const open = (): void => {
    if (marked !== null) onOpen(marked);
  };
  startPointer(host, (x, y) => mark(circleAt(circles, x, y)));
  host.addEventListener('pointerleave', () => mark(null));
  host.addEventListener('blur', () => mark(null));
  host.addEventListener('click', open);
  startKeys(host, { open, mark, next: (key) => nextMark(key, marked, circles.length - 1) });
  return {
    host,
    mark: (at) => ring.surround(at === null ? undefined : circles[at]),
    describe: (countries) => host.setAttribute('aria-label', describeMap(countries)),
    draw: (map, next) => {
      mark(null);
      circles = next;
      map.append(ring.node);
      host.replaceChildren(map);
    },
  };
}

const describeMap = (countries: number): string =>
  `Map of the newest counts of ${countries} countries. Arrow keys go from country to country, the greatest figure first; Enter opens one. The table below has the same figures.`;

/** The ring round the marked circle. */
function markRing(): { node: SVGCircleElement; surround(circle: Circle | undefined): void } {
  const node = svg('circle', { class: 'ring', hidden: '' });
  return {
    node,
    surround: (circle) => {
      node.toggleAttribute('hidden', !circle);
      for (const [name, value] of Object.entries({ cx: circle?.x, cy: circle?.y, r: (circle?.r ?? 0) + 3 }))
        node.setAttribute(name, String(value ?? 0));
    },
  };
}

/** Calls `call` with the place of the pointer inside of the element, also before a click. */
function startPointer(host: HTMLElement, call: (x: number, y: number) => void): void {
  const follow = ({ clientX, clientY }: MouseEvent): void => {
    const box = host.getBoundingClientRect();
    call(clientX - box.left, clientY - box.top);
  };
  host.addEventListener('pointermove', follow);
  host.addEventListener('pointerdown', follow);
}

/** The circle that a key leads to: the first one if none is marked; undefined for any other key. */
const nextMark = (key: string, marked: number | null, last: number): number | undefined =>
  last < 0 ? undefined : KEYS[key]?.(marked ?? -1, last);

interface KeyActions {
  next(key: string): number | undefined;
  mark(at: number | null): void;
  open(): void;
}

function startKeys(host: HTMLElement, { next, mark, open }: KeyActions): void {
  host.addEventListener('keydown', (event) => {
    const at = next(event.key);
    if (at === undefined && event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    if (at === undefined) open();
    else mark(at);
  });
  // Also if the pointer shows the text: it must not hide what is below.
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') mark(null);
  });
}

/** Index of the smallest circle under a point, else of the nearest circle within reach; null if there is none. */
function circleAt(circles: readonly Circle[], x: number, y: number): number | null {
  let best: { at: number; isUnder: boolean; order: number } | null = null;
  for (const [at, circle] of circles.entries()) {
    const distance = Math.hypot(circle.x - x, circle.y - y) - circle.r;
    if (distance > REACH) continue;
    const isUnder = distance <= 0;
    const order = isUnder ? circle.r : distance;
    if (!best || (isUnder !== best.isUnder ? isUnder : order < best.order)) best = { at, isUnder, order };
  }
  return best?.at ?? null;
}
