// Part of `npm run build`: projects Natural Earth's countries once, so that the browser needs no library for maps. Packages:
// `world-atlas` has Natural Earth 1:50m (public domain), `topojson-client` finds shared borders, `d3-geo` projects, and
// `i18n-iso-countries` knows the codes.
//
// The projection is Equal Earth (2018): it keeps areas, so that land is as fair a background as the circles are. The meridian
// 11° E is in the middle, because the map's edge then cuts no country but Russia's far east, and Pacific islands are on one side.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type GeoPermissibleObjects, geoEqualEarth, geoPath } from 'd3-geo';
import type { MultiPolygon as AreaOfParts, Feature, Polygon, Position } from 'geojson';
import iso from 'i18n-iso-countries';
import { feature, merge, mesh } from 'topojson-client';
import type {
  GeometryCollection,
  MultiPolygon,
  Topology,
  Polygon as TopoPolygon,
} from 'topojson-specification';
import type { MapPoint, WorldShapes } from '../world-shapes.ts';
import { innerPoint } from './inner-point.ts';
import { pathData } from './path-data.ts';

type Shape = (TopoPolygon | MultiPolygon) & { readonly id?: string; readonly properties: { name: string } };
type Atlas = Topology<{ countries: GeometryCollection<{ name: string }> }>;

/** Units of the whole projected world from west to east: half a pixel of a map that is 1,000 pixels wide. */
const WORLD_WIDTH = 2000;
/** What is shown of it: without Antarctica, and without the far north, where nobody is counted. */
const WINDOW = { left: 150, top: 34, width: 1840, height: 840 };

const ANTARCTICA = '010';
const RUSSIA = '643';
const UKRAINE = '804';
/** A place in Crimea. */
const SIMFEROPOL: Position = [34.1, 44.95];
/** Areas with an ISO code and unsettled borders: Western Sahara, of which Natural Earth draws the line of control. */
const UNSETTLED_CODES = ['732'];
/** Kosovo has no ISO code; this one is in use for it. */
const CODES_BY_NAME: Readonly<Record<string, string>> = { Kosovo: 'XKX' };

/** From degrees to units of the map. */
export const projection = geoEqualEarth().rotate([-11, 0]).fitWidth(WORLD_WIDTH, { type: 'Sphere' });
const [shiftX, shiftY] = projection.translate();
projection.translate([shiftX - WINDOW.left, shiftY - WINDOW.top]);

/** Makes the shapes from the installed package. */
export async function buildShapes(): Promise<WorldShapes> {
  const path = fileURLToPath(import.meta.resolve('world-atlas/countries-50m.json'));
  const atlas = JSON.parse(await readFile(path, 'utf8')) as Atlas;
  const shapes = giveCrimeaToUkraine(atlas, atlas.objects.countries.geometries as unknown as Shape[]);
  const countries: GeometryCollection = { type: 'GeometryCollection', geometries: shapes };
  const borders = (isShown: (a: Shape, b: Shape) => boolean) =>
    mesh(atlas, countries, (a, b) => a !== b && isShown(a as Shape, b as Shape));
  const isUnsettled = (a: Shape, b: Shape): boolean => [a, b].some(hasUnsettledBorders);
  const draw = (object: GeoPermissibleObjects): string => pathData(object, projection, WINDOW);
  return {
    width: WINDOW.width,
    height: WINDOW.height,
    land: draw(
      merge(
        atlas,
        shapes.filter(({ id }) => id !== ANTARCTICA),
      ),
    ),
    borders: draw(borders((a, b) => !isUnsettled(a, b))),
    unsettled: draw(borders(isUnsettled)),
    points: pointsOf(atlas, shapes),
  };
}

const hasUnsettledBorders = ({ id }: Shape): boolean => id === undefined || UNSETTLED_CODES.includes(id);

/**
 * Natural Earth draws Crimea as Russia's, since it shows who is in control. The figures are of an organisation of the United
 * Nations, whose General Assembly counts Crimea as Ukraine's (resolution 68/262).
 */
function giveCrimeaToUkraine(atlas: Atlas, shapes: readonly Shape[]): Shape[] {
  const russia = shapes.find(({ id }) => id === RUSSIA) as MultiPolygon;
  const polygons = polygonsOf(atlas, russia as Shape);
  const at = polygons.findIndex((polygon) => isInRing(polygon.coordinates[0] ?? [], SIMFEROPOL));
  if (at < 0) return [...shapes];
  const [crimea] = russia.arcs.slice(at, at + 1);
  return shapes.map((shape) => {
    if (shape.id === RUSSIA) return { ...shape, arcs: russia.arcs.toSpliced(at, 1) } as Shape;
    if (shape.id !== UKRAINE) return shape;
    const own = shape.type === 'Polygon' ? [shape.arcs] : shape.arcs;
    return { ...shape, type: 'MultiPolygon', arcs: [...own, crimea] } as Shape;
  });
}

/** True if a point is inside a ring, in plain degrees: for areas far from poles and from the date line. */
function isInRing(ring: readonly Position[], [x = 0, y = 0]: Position): boolean {
  let isInside = false;
  for (const [at, [x1 = 0, y1 = 0]] of ring.entries()) {
    const [x2 = 0, y2 = 0] = ring[(at + 1) % ring.length] ?? [];
    if (y1 > y !== y2 > y && x < x1 + ((y - y1) * (x2 - x1)) / (y2 - y1)) isInside = !isInside;
  }
  return isInside;
}

function polygonsOf(atlas: Atlas, shape: Shape): Polygon[] {
  const { geometry } = feature(atlas, shape as TopoPolygon) as Feature<Polygon | AreaOfParts>;
  const parts = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  return parts.map((coordinates) => ({ type: 'Polygon', coordinates }));
}

/** A point inside the greatest part of each country. */
function pointsOf(atlas: Atlas, shapes: readonly Shape[]): Record<string, MapPoint> {
  const { area } = geoPath(projection);
  const points = shapes.flatMap((shape) => {
    const code = iso.numericToAlpha3(shape.id ?? '') ?? CODES_BY_NAME[shape.properties.name];
    const [greatest] = polygonsOf(atlas, shape).sort((a, b) => area(b) - area(a));
    return code === undefined || !greatest ? [] : [[code, innerPoint(greatest, projection)] as const];
  });
  return Object.fromEntries(points.sort(([a], [b]) => (a < b ? -1 : 1)));
}
