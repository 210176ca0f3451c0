// Draws land, borders, circles and labels.
import type { WorldShapes } from '../../world/world-shapes.ts';
import type { Circle, MapCount } from './circle.ts';
import { labels } from './labels.ts';
import { sizesInCorner } from './legend.ts';
import type { CircleScale } from './scale.ts';
import { svg } from './svg.ts';

/** Radius of the circle of a count without a figure. */
const HOLLOW_RADIUS = 5;
/** Smaller circles are pale without dashes: their outline is too short for them. */
const MIN_DASHED_RADIUS = 5;

/** Draws the map. `circles` has the order of `counts`, without countries that the map has no place for. */
export function drawWorld(
  shapes: WorldShapes,
  counts: readonly MapCount[],
  { width, scale }: { width: number; scale: CircleScale },
): { svg: SVGSVGElement; circles: Circle[] } {
  const zoom = width / shapes.width;
  const circles = counts.flatMap((count): Circle[] => {
    const point = shapes.points[count.code];
    if (!point) return [];
    const r = count.idps === null ? HOLLOW_RADIUS : scale.radius(count.idps);
    return [{ count, x: point[0] * zoom, y: point[1] * zoom, r }];
  });
  const height = Math.round(shapes.height * zoom);
  const drawing = svg(
    'svg',
    { class: 'chart world-map', width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' },
    svg(
      'g',
      { transform: `scale(${zoom})` },
      svg('path', { class: 'land', d: shapes.land }),
      svg('path', { class: 'border', d: shapes.borders }),
      svg('path', { class: 'border unsettled', d: shapes.unsettled }),
    ),
    // Great circles first, so that small ones lie on top of them and can be reached.
    ...circles.toSorted((a, b) => b.r - a.r).map(drawCircle),
    ...labels(circles, { width, height }),
    ...[sizesInCorner(scale, { width, height })].filter((sizes) => sizes !== null),
  );
  return { svg: drawing, circles };
}

const drawCircle = ({ count, x, y, r }: Circle): SVGCircleElement =>
  svg('circle', {
    class: `count${count.isLate ? ' late' : ''}${r < MIN_DASHED_RADIUS ? ' small' : ''}${count.idps === null ? ' hollow' : ''}`,
    'data-code': count.code,
    cx: x.toFixed(1),
    cy: y.toFixed(1),
    r: r.toFixed(2),
  });
