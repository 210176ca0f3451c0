import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiVersion, Level } from '../../lib/dtm/endpoints.ts';
import { COUNTRIES } from '../../lib/simulator/world/countries.ts';
import { OPERATIONS } from '../../lib/simulator/world/operations.ts';
import type { Row } from '../../lib/simulator/world/rows.ts';
import { createWorld } from '../../lib/simulator/world/world.ts';
import { assertSame } from '../assert-same.ts';
import { allRows, grouped, keyOf, NATURAL_KEY, SNAPSHOT } from './world-rows.ts';

const levels = [0, 1, 2] as const;
const large = levels.map((level) => allRows(1, 0.3, level));
const fullV2 = levels.map((level) => allRows(1, 0.1, level, 'v2'));

const people = (rows: readonly Row[]) =>
  rows.reduce((sum, row) => sum + Number(row.numPresentIdpInd ?? 0), 0);

/** The total of each snapshot. */
function totals(rows: readonly Row[]): Map<string, number> {
  return new Map([...grouped(rows, SNAPSHOT)].map(([key, group]) => [key, people(group)]));
}

test('the world has 53 countries and 100 to 120 operations', () => {
  assert.equal(COUNTRIES.length, 53);
  assert.equal(new Set(COUNTRIES.map((country) => country.iso3)).size, 53);
  assert.ok(COUNTRIES.every(({ iso3, iso2 }) => /^[A-Z]{3}$/.test(iso3) && /^[A-Z]{2}$/.test(iso2)));
  assert.ok(OPERATIONS.length >= 100 && OPERATIONS.length <= 120, String(OPERATIONS.length));
  const codes = new Set(COUNTRIES.map((country) => country.iso3));
  assert.ok(OPERATIONS.every((operation) => codes.has(operation.iso3)));
});

test('every line of the table of operations is valid', () => {
  for (const o of OPERATIONS) {
    assert.match(o.from, /^20[12]\d-(0[1-9]|1[0-2])$/, o.name);
    assert.ok(o.from <= o.to && o.to <= '2026-10', o.name);
    assert.ok(o.peak > 0 && o.monthsBetweenRounds > 0 && o.coverage > 0 && o.coverage <= 1, o.name);
    assert.ok(o.name.trim() !== '' && ['Active', 'Inactive'].includes(o.status), o.name);
  }
  assert.equal(new Set(OPERATIONS.map((o) => `${o.iso3} ${o.name}`)).size, OPERATIONS.length);
});

test('the operation list is sorted and has no duplicates', () => {
  const list = createWorld(1, 1).operationList();
  assert.equal(new Set(list.map((row) => keyOf(row, ['operation', 'admin0Pcode']))).size, list.length);
  const names = list.map((row) => String(row.operation).toLowerCase());
  assert.deepEqual(names, names.toSorted());
});

const SCALES: readonly (readonly [scale: number, least: number, most: number])[] = [
  [0.003, 300, 1_000],
  [0.05, 8_000, 12_000],
  [0.3, 48_000, 72_000],
];

for (const [scale, least, most] of SCALES) {
  test(`scale ${scale} has ${least} to ${most} rows`, () => {
    const rows = levels.reduce<number>((sum, level) => sum + allRows(1, scale, level).length, 0);
    assert.ok(rows >= least && rows <= most, String(rows));
  });
}

test('scale 1 has about 200,000 rows, most of them at admin2', () => {
  const world = createWorld(1, 1);
  const count = (level: Level) =>
    world.countries.reduce((sum, { iso3 }) => sum + world.rows('v3', level, iso3).length, 0);
  const [admin0 = 0, admin1 = 0, admin2 = 0] = levels.map(count);
  const all = admin0 + admin1 + admin2;
  assert.ok(all > 180_000 && all < 230_000, String(all));
  assert.ok(admin0 < admin1 && admin1 < admin2);
});

test('scale 10 has about ten times the rows of scale 1 at admin2', () => {
  const rows = (scale: number) => createWorld(1, scale).rows('v3', 2, 'ETH').length;
  const ratio = rows(10) / rows(1);
  assert.ok(ratio > 8 && ratio < 13, String(ratio));
});

test('an invalid scale is refused, and the error names it', () => {
  for (const scale of [0, -1, Number.NaN, 51]) {
    assert.throws(() => createWorld(1, scale), new RegExp(`scale: ${scale} is not`));
  }
});

test('the same seed gives the same rows in any order of requests', () => {
  const forward = createWorld(7, 0.05);
  const backward = createWorld(7, 0.05);
  const first = forward.countries.map(({ iso3 }) => forward.rows('v3', 1, iso3));
  const last = backward.countries.toReversed().map(({ iso3 }) => backward.rows('v3', 1, iso3));
  assertSame(first, last.reverse());
});

test('another seed gives other counts and places', () => {
  const [one, two] = [allRows(1, 0.05, 2), allRows(2, 0.05, 2)];
  const places = new Set(one.map((row) => row.admin2Name));
  assert.notEqual(people(one), people(two));
  assert.ok(two.some((row) => !places.has(row.admin2Name ?? null)));
});

test('the three levels have the same total in every snapshot', () => {
  const [admin0 = [], admin1 = [], admin2 = []] = large;
  const expected = totals(admin0);
  assert.ok(expected.size > 900, String(expected.size));
  for (const rows of [admin1, admin2]) {
    const finer = totals(rows);
    for (const [key, sum] of finer) assert.equal(sum, expected.get(key), key);
    const unpublished = [...expected.keys()].filter((key) => !finer.has(key));
    assert.ok(
      unpublished.every((key) => /^(DMA|GRD|VCT)\|/.test(key)),
      unpublished[0],
    );
  }
});

test('v2 has the totals of v3, without reasons and origins', () => {
  for (const level of levels) {
    assert.deepEqual(totals(fullV2[level] ?? []), totals(allRows(1, 0.1, level)));
    assert.equal(new Set(fullV2[level]?.map((row) => keyOf(row, NATURAL_KEY))).size, fullV2[level]?.length);
  }
});

for (const [version, rowsOfLevels] of [
  ['v3', large],
  ['v2', fullV2],
] as [ApiVersion, Row[][]][]) {
  test(`${version}: no two rows of a level have the same natural key`, () => {
    for (const rows of rowsOfLevels) {
      assert.equal(new Set(rows.map((row) => keyOf(row, NATURAL_KEY))).size, rows.length);
    }
  });
}

test('rows are sorted by reporting date, and none is later than October 2026', () => {
  const world = createWorld(1, 0.3);
  for (const { iso3 } of world.countries) {
    const dates = world.rows('v3', 2, iso3).map((row) => String(row.reportingDate));
    assert.deepEqual(dates, dates.toSorted(), iso3);
    assert.ok((dates.at(-1) ?? '') <= '2026-10-31T00:00:00', iso3);
  }
});

test('dates are at midnight, year and month match them, counts are 0 or more', () => {
  for (const row of large[2] ?? []) {
    const date = String(row.reportingDate);
    assert.equal(new Date(`${date}Z`).toISOString(), `${date}.000Z`);
    assert.equal(date.slice(10), 'T00:00:00');
    assert.equal(
      `${row.yearReportingDate}-${String(row.monthReportingDate).padStart(2, '0')}`,
      date.slice(0, 7),
    );
    for (const field of ['numPresentIdpInd', 'numberMales', 'numberFemales']) {
      const value = row[field];
      assert.ok(value === null || (Number.isInteger(value) && Number(value) >= 0), `${field} ${value}`);
    }
  }
});

test('46 to 50 percent of the people are male', () => {
  const rowsWithSex = large[0]?.filter((row) => row.numberMales !== null) ?? [];
  const males = rowsWithSex.reduce((sum, row) => sum + Number(row.numberMales), 0);
  const share = males / people(rowsWithSex);
  assert.ok(share > 0.46 && share < 0.5, String(share));
});

test('less than 6 percent of the steps in a series more than double or halve it', () => {
  const series = Map.groupBy([...totals(large[0] ?? [])], ([key]) => key.split('|').slice(0, 3).join('|'));
  let steps = 0;
  let jumps = 0;
  for (const points of series.values()) {
    for (let i = 1; i < points.length; i++) {
      const ratio = (points[i]?.[1] ?? 1) / (points[i - 1]?.[1] || 1);
      steps++;
      if (ratio > 2 || ratio < 0.5) jumps++;
    }
  }
  assert.ok(jumps / steps < 0.06, `${jumps} of ${steps}`);
});

test('the rows of a country are the same after it left the cache', () => {
  const world = createWorld(1, 0.05);
  const first = world.rows('v3', 0, 'AFG');
  for (const { iso3 } of world.countries) world.rows('v3', 0, iso3);
  assert.deepEqual(world.rows('v3', 0, 'AFG'), first);
});
