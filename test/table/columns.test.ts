import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Columns,
  columnOf,
  concat,
  createColumn,
  numberColumn,
  slice,
  stringColumn,
  take,
  valueAt,
} from '../../lib/table/columns.ts';
import type { ColumnSchema } from '../../lib/table/definitions.ts';

const SCHEMA = [
  { name: 'area', type: 'string', nullable: true, description: '' },
  { name: 'people', type: 'int32', nullable: true, description: '' },
  { name: 'sum', type: 'int64', nullable: true, description: '' },
  { name: 'latest', type: 'boolean', nullable: false, description: '' },
] as const satisfies ColumnSchema[];

function columnsOf(rows: readonly (readonly (string | number | boolean | null)[])[]): Columns {
  const byName = new Map(
    SCHEMA.map(({ name, type }, at) => [
      name,
      createColumn(
        type,
        rows.map((row) => row[at] ?? null),
      ),
    ]),
  );
  return { length: rows.length, byName };
}

const rowsOf = (columns: Columns) =>
  Array.from({ length: columns.length }, (_, row) =>
    SCHEMA.map(({ name }) => valueAt(columnOf(columns, name), row)),
  );

const ROWS = [
  ['Ouest', 12, 5_000_000_000, true],
  [null, null, null, false],
  ['', 0, 0, true],
  ['Ouest', -1, 1, false],
] as const;

test('createColumn keeps every value, also null and the empty string', () => {
  assert.deepEqual(rowsOf(columnsOf(ROWS)), ROWS);
});

test('slice returns the rows from start to end (exclusive)', () => {
  assert.deepEqual(rowsOf(slice(columnsOf(ROWS), 1, 3)), ROWS.slice(1, 3));
});

test('take returns the rows in the given order', () => {
  assert.deepEqual(rowsOf(take(columnsOf(ROWS), Uint32Array.of(3, 0, 1))), [ROWS[3], ROWS[0], ROWS[1]]);
});

test('concat joins parts with different dictionaries', () => {
  const parts = [columnsOf(ROWS.slice(2)), columnsOf([]), columnsOf(ROWS.slice(0, 2))];
  const joined = concat(SCHEMA, parts);
  assert.deepEqual(rowsOf(joined), [...ROWS.slice(2), ...ROWS.slice(0, 2)]);
  assert.deepEqual(stringColumn(joined, 'area').values, ['', 'Ouest']);
});

test('the error names a column that is missing or of another type', () => {
  const columns = columnsOf(ROWS);
  assert.throws(() => columnOf(columns, 'areas'), /no column areas/);
  assert.throws(() => stringColumn(columns, 'people'), /people is int32/);
  assert.throws(() => numberColumn(columns, 'area'), /area is a string column/);
});
