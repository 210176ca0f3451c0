// Areas over time: what becomes of missing figures, missing areas, new names and rows without a place.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areasOverTime } from '../../../lib/catalogue/page/charts/areas.ts';
import type { ChartAreas } from '../../../lib/catalogue/page/charts/country-chart-data.ts';
import { createColumn } from '../../../lib/table/columns.ts';
import { dayNumber } from '../../../lib/table/ingest.ts';

type Row = readonly [date: string, pcode: string | null, name: string | null, idps: number | null];

/** The areas of one series with these rows; the rounds are numbered by date. */
function areasOf(rows: readonly Row[]): ChartAreas {
  const dates = [...new Set(rows.map(([date]) => date))].sort();
  const column = (type: 'string' | 'int32' | 'date', of: (row: Row) => string | number | null) =>
    createColumn(type, rows.map(of));
  const byName = new Map([
    ['admin0_pcode', column('string', () => 'AAA')],
    ['operation', column('string', () => 'Flood')],
    ['assessment_type', column('string', () => 'BA')],
    ['reporting_date', column('date', ([date]) => dayNumber(date))],
    ['round_number', column('int32', ([date]) => dates.indexOf(date) + 1)],
    ['admin1_pcode', column('string', ([, pcode]) => pcode)],
    ['admin1_name', column('string', ([, , name]) => name)],
    ['num_present_idp_ind', column('int32', ([, , , idps]) => idps)],
  ]);
  const [areas] = areasOverTime({ length: rows.length, byName }).values();
  assert.ok(areas);
  return areas;
}

test('an area that a count does not have is false, one without a figure is null, and 0 is 0', () => {
  const { counts, list } = areasOf([
    ['2026-01-01', 'N', 'North', 5],
    ['2026-01-01', 'S', 'South', 0],
    ['2026-02-01', 'N', 'North', null],
    ['2026-02-01', 'N', 'North', 7],
    ['2026-03-01', 'N', 'North', 2],
    ['2026-03-01', 'N', 'North', 3],
  ]);
  assert.deepEqual(counts, [
    ['2026-01-01', 1],
    ['2026-02-01', 2],
    ['2026-03-01', 3],
  ]);
  assert.deepEqual(list, [
    ['North', 'N', [5, null, 5]],
    ['South', 'S', [0, false, false]],
  ]);
});

test('areas with one P-code are one area under any name; without one, the name decides', () => {
  const { list } = areasOf([
    ['2026-01-01', 'N', 'Old', 5],
    ['2026-01-01', null, 'New', 4],
    ['2026-01-01', null, null, 3],
    ['2026-02-01', 'N', 'New', 6],
    ['2026-02-01', null, 'Other', 2],
    ['2026-02-01', null, null, 1],
  ]);
  assert.deepEqual(list, [
    ['New', 'N', [5, 6], [['Old', [0]]]],
    ['Other', null, [false, 2]],
    [null, null, [3, 1]],
    ['New', null, [4, false]],
  ]);
});

test('a P-code without a name in its newest count keeps its earlier name as another name', () => {
  const { list } = areasOf([
    ['2026-01-01', 'N', 'North', 5],
    ['2026-02-01', 'N', null, 6],
  ]);
  assert.deepEqual(list, [[null, 'N', [5, 6], [['North', [0]]]]]);
});
