// Part of `npm run build`: finds where a country's circle stands.
import { type GeoProjection, geoContains, geoPath } from 'd3-geo';
import type { Polygon } from 'geojson';
import type { MapPoint } from '../world-shapes.ts';

/** Points that are tried along each side of a polygon's box. */
const STEPS = 24;

/** The centre of a polygon if it is inside of it, else the inner point that is farthest from its edge. In whole units. */
export function innerPoint(polygon: Polygon, projection: GeoProjection): MapPoint {
  const path = geoPath(projection);
  const isInside = (point: MapPoint): boolean => {
    const place = projection.invert?.([...point]);
    return place != null && geoContains(polygon, place);
  };
  const centre = path.centroid(polygon);
  const best = isInside(centre) ? centre : farthestFromEdge(polygon, projection, isInside);
  return [Math.round(best[0]), Math.round(best[1])];
}

function farthestFromEdge(
  polygon: Polygon,
  projection: GeoProjection,
  isInside: (point: MapPoint) => boolean,
): MapPoint {
  const edge = polygon.coordinates.flat().flatMap(([x = 0, y = 0]) => {
    const point = projection([x, y]);
    return point ? [point] : [];
  });
  const [[left, top], [right, bottom]] = geoPath(projection).bounds(polygon);
  let best: { point: MapPoint; distance: number } = { point: edge[0] ?? [left, top], distance: -1 };
  for (let step = 0; step < STEPS ** 2; step++) {
    const point: MapPoint = [
      left + ((right - left) * ((step % STEPS) + 0.5)) / STEPS,
      top + ((bottom - top) * (Math.floor(step / STEPS) + 0.5)) / STEPS,
    ];
    const distance = Math.min(...edge.map(([x, y]) => Math.hypot(x - point[0], y - point[1])));
    if (distance > best.distance && isInside(point)) best = { point, distance };
  }
  return best.point;
}
