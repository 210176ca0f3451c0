import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { type Columns, columnOf, createColumn, valueAt } from '../../lib/table/columns.ts';
import { groupStarts, isSorted, sortColumns, utf8Ranks } from '../../lib/table/sort.ts';

type Row = readonly [string | null, number | null, number];

const columnsOf = (rows: readonly Row[]): Columns => ({
  length: rows.length,
  byName: new Map([
    [
      'name',
      createColumn(
        'string',
        rows.map(([name]) => name),
      ),
    ],
    [
      'people',
      createColumn(
        'int32',
        rows.map(([, people]) => people),
      ),
    ],
    [
      'sum',
      createColumn(
        'int64',
        rows.map(([, , sum]) => sum),
      ),
    ],
  ]),
});

const rowsOf = (columns: Columns) =>
  Array.from({ length: columns.length }, (_, row) =>
    ['name', 'people', 'sum'].map((name) => valueAt(columnOf(columns, name), row)),
  );

/** The published order as a simple comparison: strings by UTF-8 bytes, null last. */
function compareRows(a: Row, b: Row): number {
  for (const at of [0, 1, 2] as const) {
    const [x, y] = [a[at], b[at]];
    if (x === y) continue;
    if (x === null) return 1;
    if (y === null) return -1;
    const order =
      typeof x === 'string' ? Buffer.compare(Buffer.from(x), Buffer.from(y as string)) : x - Number(y);
    if (order !== 0) return order;
  }
  return 0;
}

const row = fc.tuple(
  fc.option(fc.string({ unit: 'grapheme', maxLength: 3 })),
  fc.option(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer())),
  fc.oneof(fc.integer({ min: 0, max: 2 }), fc.maxSafeInteger()),
);

test('sortColumns puts any rows into the published order', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 60 }), (rows) => {
      const sorted = rowsOf(sortColumns(columnsOf(rows), ['name', 'people', 'sum']));
      assert.deepEqual(sorted, [...rows].sort(compareRows));
    }),
  );
});

test('sortColumns sorts the full range of 32 bits, null last', () => {
  const rows: Row[] = [2_147_483_647, null, -2_147_483_648, 0].map((people) => ['a', people, 0]);
  const people = rowsOf(sortColumns(columnsOf(rows), ['people'])).map((one) => one[1]);
  assert.deepEqual(people, [-2_147_483_648, 0, 2_147_483_647, null]);
});

test('utf8Ranks ranks strings by UTF-8 bytes, not by UTF-16 units', () => {
  const values = ['\u{1F3D5}', '\uFB01', 'é', 'z'];
  assert.ok((values[0] as string) < (values[1] as string));
  assert.deepEqual([...utf8Ranks(values)], [3, 2, 1, 0]);
  assert.deepEqual([...utf8Ranks(['b', 'a', 'b'])], [1, 0, 1]);
});

test('groupStarts returns the rows at which a key changes', () => {
  const rows: Row[] = [
    ['a', 1, 0],
    ['a', 1, 0],
    ['a', 2, 0],
    ['b', 2, 0],
  ];
  assert.deepEqual(groupStarts(columnsOf(rows), ['name']), [0, 3]);
  assert.deepEqual(groupStarts(columnsOf(rows), ['name', 'people']), [0, 2, 3]);
  assert.deepEqual(groupStarts(columnsOf([]), ['name']), []);
});

test('isSorted is true only for rows in the published order, and sorted rows are not copied', () => {
  const by = ['name', 'people', 'sum'];
  fc.assert(
    fc.property(fc.array(row, { maxLength: 6 }), (rows) => {
      const columns = columnsOf(rows);
      const sorted = sortColumns(columns, by);
      assert.equal(isSorted(sorted, by), true);
      assert.equal(sortColumns(sorted, by), sorted);
      assert.equal(isSorted(columns, by), isDeepStrictEqual(rowsOf(columns), rowsOf(sorted)));
    }),
  );
});
