import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { changesSchema, changesTable } from '../../lib/table/changes.ts';
import { columnOf, valueAt } from '../../lib/table/columns.ts';
import { compareRows, naturalKey } from '../../lib/table/compare.ts';
import { completeLevel } from '../../lib/table/complete.ts';
import { tablesOf } from '../../lib/table/schema.ts';
import { admin2Row, ingestRows, reportedOn } from '../rows.ts';

const { admin2 } = tablesOf('v3');
type Row = Record<string, unknown>;

const complete = (rows: Row[]) => completeLevel(admin2, ingestRows(admin2, rows), []).columns;
const compare = (before: Row[], after: Row[]) => compareRows(admin2, complete(before), complete(after));

/** The changes as texts: `changed 100 > 120`, `added > 5`, `removed 7 >`. */
function changeTexts(before: Row[], after: Row[]): string[] {
  const table = changesTable(admin2, [compare(before, after)]);
  const at = (name: string, row: number) => valueAt(columnOf(table, name), row) ?? '';
  return Array.from({ length: table.length }, (_, row) =>
    `${at('change', row)} ${at('old_num_present_idp_ind', row)} > ${at('new_num_present_idp_ind', row)}`
      .replaceAll(/ +/g, ' ')
      .trim(),
  );
}

test('naturalKey is all columns but measures, labels and id', () => {
  const key = naturalKey(admin2);
  assert.equal(key.length, admin2.columns.length - 6);
  for (const name of [
    'num_present_idp_ind',
    'number_males',
    'number_females',
    'operation_status',
    'is_latest',
    'id',
  ])
    assert.ok(!key.includes(name), name);
});

test('another measure changes a row, another key removes one row and adds one', () => {
  assert.deepEqual(changeTexts([admin2Row()], [admin2Row({ numPresentIdpInd: 120 })]), ['changed 100 > 120']);
  assert.deepEqual(changeTexts([admin2Row()], [admin2Row({ numberMales: null })]), ['changed 100 > 100']);
  assert.deepEqual(changeTexts([admin2Row()], [admin2Row({ displacementReason: 'Conflict' })]), [
    'added > 100',
    'removed 100 >',
  ]);
  assert.deepEqual(
    changeTexts(
      [admin2Row()],
      [admin2Row(), admin2Row({ ...reportedOn('2024-04-30'), numPresentIdpInd: 5 })],
    ),
    ['added > 5'],
  );
});

test('another id, order or label is no change', () => {
  const rows = [admin2Row(), admin2Row({ admin2Pcode: 'AT0102' })];
  const other = [admin2Row({ admin2Pcode: 'AT0102', id: 1 }), admin2Row({ id: 2 })];
  assert.deepEqual(changeTexts(rows, other), []);
  const newer = compare([admin2Row()], [admin2Row(), admin2Row({ ...reportedOn('2025-01-31') })]);
  assert.deepEqual([newer.changes.length, newer.relabelled.length], [1, 1]);
});

test('rows with equal keys: equal rows cancel out, the rest is paired in order', () => {
  const rowsWith = (...list: (number | null)[]) =>
    list.map((numPresentIdpInd) => admin2Row({ numPresentIdpInd }));
  assert.deepEqual(changeTexts(rowsWith(1, 2, 2, 9), rowsWith(2, 3, 9)), ['changed 1 > 3', 'removed 2 >']);
  assert.deepEqual(changeTexts(rowsWith(5), rowsWith(5, 5)), ['added > 5']);
  assert.deepEqual(changeTexts(rowsWith(null, 4), rowsWith(4, 7)), ['changed > 7']);
});

const row = fc.record({
  numPresentIdpInd: fc.option(fc.nat(3)),
  admin2Pcode: fc.constantFrom('AT0101', 'AT0102'),
  roundNumber: fc.nat(1),
});
const rows = fc.array(row, { maxLength: 12 }).map((list) => list.map((overrides) => admin2Row(overrides)));

test('added minus removed is the difference in rows; a table equals itself', () => {
  fc.assert(
    fc.property(rows, rows, (before, after) => {
      const { changes } = compare(before, after);
      const count = (kind: string) => changes.filter(({ change }) => change === kind).length;
      assert.equal(count('added') - count('removed'), after.length - before.length);
      assert.deepEqual(compare(after, after).changes, []);
      const back = compare(after, before).changes;
      assert.deepEqual(
        [count('added'), count('removed'), count('changed')],
        ['removed', 'added', 'changed'].map((kind) => back.filter(({ change }) => change === kind).length),
      );
    }),
  );
});

test('the table of changes has the key and the measures before and after', () => {
  const names = changesSchema(admin2).map(({ name }) => name);
  assert.deepEqual(names, [
    'change',
    ...naturalKey(admin2),
    'old_num_present_idp_ind',
    'new_num_present_idp_ind',
    'old_number_males',
    'new_number_males',
    'old_number_females',
    'new_number_females',
  ]);
});
