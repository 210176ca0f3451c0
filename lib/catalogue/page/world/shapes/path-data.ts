// Part of `npm run build`: writes shapes as short SVG paths. Coordinates are whole numbers, each relative to the one before.
import { type GeoPermissibleObjects, type GeoProjection, geoStream } from 'd3-geo';
import type { MapPoint, WorldShapes } from '../world-shapes.ts';

/** A point that is nearer than this to the one before is left out, in units of the map. */
const MIN_STEP = 2.2;

/** The attribute `d` of an object's lines or rings. Those outside of the map, and those without an extent, are left out. */
export function pathData(
  object: GeoPermissibleObjects,
  projection: GeoProjection,
  { width, height }: Pick<WorldShapes, 'width' | 'height'>,
): string {
  const isShown = ([x, y]: MapPoint): boolean => x >= 0 && x <= width && y >= 0 && y <= height;
  return linesOf(object, projection)
    .filter(({ points }) => points.some(isShown))
    .map(({ points, isRing }) => lineData(thinOut(points), isRing))
    .join('');
}

interface Line {
  readonly points: MapPoint[];
  readonly isRing: boolean;
}

function linesOf(object: GeoPermissibleObjects, projection: GeoProjection): Line[] {
  const lines: Line[] = [];
  let isRing = false;
  const sink = {
    point: (x: number, y: number) => lines.at(-1)?.points.push([x, y]),
    lineStart: () => lines.push({ points: [], isRing }),
    lineEnd: () => {},
    polygonStart: () => {
      isRing = true;
    },
    polygonEnd: () => {
      isRing = false;
    },
  };
  geoStream(object, projection.stream(sink as never));
  return lines;
}

/** Rounds the points, and leaves out those that are close to the one before. Both ends stay. */
function thinOut(points: readonly MapPoint[]): MapPoint[] {
  const kept: MapPoint[] = [];
  for (const [at, [x, y]] of points.entries()) {
    const last = kept.at(-1);
    const isEnd = at === 0 || at === points.length - 1;
    if (last && Math.hypot(x - last[0], y - last[1]) < (isEnd ? 0.5 : MIN_STEP)) continue;
    kept.push([Math.round(x), Math.round(y)]);
  }
  return kept;
}

function lineData(points: readonly MapPoint[], isRing: boolean): string {
  if (points.length < (isRing ? 3 : 2)) return '';
  const [[x0, y0]] = points as [MapPoint];
  const steps = points.slice(1).map(([x, y], at) => {
    const [beforeX, beforeY] = points[at] as MapPoint;
    return `${x - beforeX},${y - beforeY}`;
  });
  return `M${x0},${y0}l${steps.join(' ').replaceAll(/[ ,]-/g, '-')}${isRing ? 'z' : ''}`;
}
