import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnOf, valueAt } from '../../lib/table/columns.ts';
import { completeLevel, type ListedOperation, statusByOperation, sumOf } from '../../lib/table/complete.ts';
import { tablesOf } from '../../lib/table/schema.ts';
import { admin2Row, ingestRows, reportedOn } from '../rows.ts';

const { admin2 } = tablesOf('v3');

const listed = (operation: string, operationStatus: string | null, admin0Pcode = 'ATL'): ListedOperation => ({
  operation,
  operationStatus,
  admin0Pcode,
  admin0Name: 'Atlantis',
});

function complete(rows: Record<string, unknown>[], operations: ListedOperation[] = []) {
  const { columns, snapshotBounds } = completeLevel(admin2, ingestRows(admin2, rows), operations);
  const values = (name: string) => rows.map((_, row) => valueAt(columnOf(columns, name), row));
  return { columns, snapshots: snapshotBounds, values };
}

test('is_latest follows the latest date, not the highest round', () => {
  const { values } = complete([
    admin2Row({ ...reportedOn('2018-05-31'), roundNumber: 70 }),
    admin2Row({ ...reportedOn('2022-05-31'), roundNumber: 5, admin2Pcode: 'AT0102' }),
    admin2Row({ ...reportedOn('2022-05-31'), roundNumber: 5 }),
  ]);
  assert.deepEqual(values('round_number'), [70, 5, 5]);
  assert.deepEqual(values('is_latest'), [false, true, true]);
});

test('is_latest takes the higher of two rounds on one date', () => {
  const { values } = complete([admin2Row({ roundNumber: 1 }), admin2Row({ roundNumber: 0 })]);
  assert.deepEqual(values('round_number'), [0, 1]);
  assert.deepEqual(values('is_latest'), [false, true]);
});

test('each country, operation and assessment type has its own latest snapshot', () => {
  const { values, snapshots } = complete([
    admin2Row({ ...reportedOn('2020-01-31'), assessmentType: 'SA' }),
    admin2Row({ ...reportedOn('2021-01-31') }),
    admin2Row({ ...reportedOn('2019-01-31'), operation: 'Conflict response' }),
    admin2Row({ ...reportedOn('2010-01-31'), admin0Pcode: 'LEM' }),
  ]);
  assert.deepEqual(values('is_latest'), [true, true, true, true]);
  assert.deepEqual(snapshots, [0, 1, 2, 3, 4]);
});

test('operation_status is taken from the list, null if the operation is not listed', () => {
  const rows = [
    admin2Row(),
    admin2Row({ operation: 'Unlisted' }),
    admin2Row({ admin0Pcode: 'LEM', admin0Name: 'Lemuria' }),
  ];
  const { values } = complete(rows, [
    listed('Flood response', 'Active'),
    listed('Flood response', 'Inactive', 'LEM'),
  ]);
  assert.deepEqual(values('operation'), ['Flood response', 'Unlisted', 'Flood response']);
  assert.deepEqual(values('operation_status'), ['Active', null, 'Inactive']);
});

test('an operation that is listed with two statuses gets null', () => {
  const twice = [
    listed('A', 'Active'),
    listed('A', 'Inactive'),
    listed('B', 'Active'),
    listed('B', 'Active'),
  ];
  assert.deepEqual([...statusByOperation(twice).values()], [null, 'Active']);
});

test('sumOf returns null if one value is null', () => {
  const { columns } = complete([
    admin2Row({ numberMales: 2 }),
    admin2Row({ numberMales: null, admin2Pcode: 'AT0102' }),
  ]);
  assert.equal(sumOf(columns, 'number_males', 0, 2), null);
  assert.equal(sumOf(columns, 'number_males', 0, 1), 2);
  assert.equal(sumOf(columns, 'num_present_idp_ind', 0, 2), 200);
});

test('completeLevel of no rows returns no rows and no snapshots', () => {
  const { columns, snapshots } = complete([]);
  assert.equal(columns.length, 0);
  assert.deepEqual(snapshots, [0]);
});
