// The shapes of the map, as the build makes them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { buildShapes, projection } from '../../../../lib/catalogue/page/world/shapes/build-shapes.ts';
import type { MapPoint } from '../../../../lib/catalogue/page/world/world-shapes.ts';
import { COUNTRIES } from '../../../../lib/simulator/world/countries.ts';

const shapes = await buildShapes();

/** The lines of a path of `pathData`, in units of the map. It shares no code with the writer. */
function linesOf(path: string): MapPoint[][] {
  return [...path.matchAll(/M(-?\d+),(-?\d+)l([^Mz]*)/g)].map(([, x, y, steps = '']) => {
    const numbers = (steps.match(/-?\d+/g) ?? []).map(Number);
    const points: [number, number][] = [[Number(x), Number(y)]];
    for (let at = 0; at < numbers.length; at += 2) {
      const [lastX, lastY] = points.at(-1) as [number, number];
      points.push([lastX + (numbers[at] as number), lastY + (numbers[at + 1] as number)]);
    }
    return points;
  });
}

const place = (longitude: number, latitude: number): MapPoint =>
  projection([longitude, latitude]) as MapPoint;

/** How many segments of lines a straight way crosses. */
function crossings(lines: readonly MapPoint[][], [from, to]: readonly [MapPoint, MapPoint]): number {
  const side = ([ax, ay]: MapPoint, [bx, by]: MapPoint, [x, y]: MapPoint) =>
    Math.sign((bx - ax) * (y - ay) - (by - ay) * (x - ax));
  const segments = lines.flatMap((line) =>
    line.slice(1).map((end, at) => [line[at] as MapPoint, end] as const),
  );
  return segments.filter(
    ([a, b]) => side(from, to, a) !== side(from, to, b) && side(a, b, from) !== side(a, b, to),
  ).length;
}

/** Rings end where they begin; a path leaves that line to `z`. */
const closed = (ring: MapPoint[]): MapPoint[] => [...ring, ring[0] as MapPoint];

const [land, borders, unsettled] = [shapes.land, shapes.borders, shapes.unsettled].map(linesOf) as [
  MapPoint[][],
  MapPoint[][],
  MapPoint[][],
];
const isOnLand = (point: MapPoint) =>
  crossings(land.map(closed), [point, [point[0] + 0.137, -5000]]) % 2 === 1;

test('every country that the API lists has a point on the map', () => {
  for (const { iso3, name } of COUNTRIES) {
    const [x, y] = shapes.points[iso3] ?? [-1, -1];
    assert.ok(x > 0 && x < shapes.width && y > 0 && y < shapes.height, name);
  }
});

/** True on land, and on a coast that the short path cuts off. */
const isNearLand = ([x, y]: MapPoint) =>
  [-3, 0, 3].some((dx) => [-3, 0, 3].some((dy) => isOnLand([x + dx, y + dy])));

test('the points of countries are on land', () => {
  // Islands that are smaller than two pixels are left out of the land.
  const tiny = ['ATG', 'DMA', 'GRD', 'VCT', 'MDV', 'MHL', 'FSM', 'TON', 'BHS'];
  const large = COUNTRIES.filter(({ iso3 }) => !tiny.includes(iso3));
  const atSea = large.filter(({ iso3 }) => !isNearLand(shapes.points[iso3] as MapPoint));
  assert.deepEqual(
    atSea.map(({ name }) => name),
    [],
  );
  assert.equal(isOnLand(place(-30, 0)), false);
});

test('points lie in their own country: a way between neighbours crosses one border', () => {
  const between = (a: string, b: string) =>
    crossings(borders, [shapes.points[a] as MapPoint, shapes.points[b] as MapPoint]);
  for (const [a, b] of ['SDN TCD', 'SDN SSD', 'AFG PAK', 'COD ZMB', 'NER NGA', 'MLI BFA'].map((pair) =>
    pair.split(' '),
  ))
    assert.equal(between(a as string, b as string) % 2, 1, `${a} ${b}`);
});

test('no border divides Crimea from Ukraine, and Western Sahara is dotted', () => {
  // Two ways over the isthmus and the narrows beside it.
  for (const north of [place(33.7, 46.6), place(34.6, 46.6)])
    assert.equal(crossings([...borders, ...unsettled], [place(34.1, 45.4), north]), 0);
  const toMorocco = [shapes.points.ESH as MapPoint, place(-7, 32)] as const;
  assert.equal(crossings(borders, toMorocco), 0);
  assert.equal(crossings(unsettled, toMorocco) % 2, 1);
});

test('the projection keeps areas: a degree square at 60° N is half as large as at the equator', () => {
  const area = (latitude: number) => {
    const [[x1, y1], [x2, y2], [x3, y3], [x4, y4]] = [
      place(20, latitude),
      place(21, latitude),
      place(21, latitude + 1),
      place(20, latitude + 1),
    ] as [MapPoint, MapPoint, MapPoint, MapPoint];
    return Math.abs((x1 - x3) * (y2 - y4) - (x2 - x4) * (y1 - y3)) / 2;
  };
  const expected = Math.cos((60.5 * Math.PI) / 180) / Math.cos((0.5 * Math.PI) / 180);
  assert.ok(Math.abs(area(60) / area(0) - expected) < 0.005, `${area(60) / area(0)} ${expected}`);
});

test('the shapes take less than 25 kB compressed', () => {
  assert.ok(gzipSync(JSON.stringify(shapes)).length < 25_000);
});
