// Change logs add up: what follows from the logs between two releases is what a comparison of their rows finds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addNet, applyNet, type NetRows, reverse, withoutLabels } from '../../../lib/read/since/net-rows.ts';
import { changesSchema, changesTable } from '../../../lib/table/changes.ts';
import { type Columns, columnOf, emptyColumns, take, valueAt } from '../../../lib/table/columns.ts';
import { compareRows } from '../../../lib/table/compare.ts';
import { completeLevel } from '../../../lib/table/complete.ts';
import { tablesOf } from '../../../lib/table/schema.ts';
import { admin2Row, ingestRows, reportedOn } from '../../rows.ts';

const { admin2 } = tablesOf('v3');

/** Few distinct values, so that keys repeat and rows come, go and return. */
const anyRow = fc.record({
  operation: fc.constantFrom('Flood', 'Drought'),
  reportingDate: fc.constantFrom('2024-03-31', '2024-06-30'),
  admin2Pcode: fc.constantFrom('AT0101', 'AT0102', 'Not available'),
  displacementReason: fc.constantFrom('Conflict', null),
  numPresentIdpInd: fc.constantFrom(1, 2, 3, null),
  numberMales: fc.constantFrom(1, null),
  id: fc.nat(5),
});

const anyTable = fc.array(anyRow, { maxLength: 12 }).map((rows) => {
  const sent = rows.map(({ reportingDate, ...row }) => admin2Row({ ...row, ...reportedOn(reportingDate) }));
  return completeLevel(admin2, ingestRows(admin2, sent), []).columns;
});

/** What the change log between two tables says: the rows that left, and those that came. */
function logOf(before: Columns, after: Columns): NetRows {
  const { rows, changes } = compareRows(admin2, before, after);
  const side = (which: 'before' | 'after'): Columns =>
    withoutLabels(admin2, take(rows, Uint32Array.from(changes.flatMap((change) => change[which] ?? []))));
  return { gone: side('before'), come: side('after') };
}

const nothing: NetRows = { gone: emptyColumns(admin2.columns), come: emptyColumns(admin2.columns) };

/** Rows as plain values by the columns of the table of changes, or of the table itself without labels and ids. */
const valuesOf = (names: readonly string[], rows: Columns): unknown[][] =>
  Array.from({ length: rows.length }, (_, row) => names.map((name) => valueAt(columnOf(rows, name), row)));

const ROW = admin2.columns.map(({ name }) => name).filter((name) => !['id', 'is_latest'].includes(name));
const CHANGE = changesSchema(admin2).map(({ name }) => name);

const changesBetween = (before: Columns, after: Columns): unknown[][] =>
  valuesOf(CHANGE, changesTable(admin2, [compareRows(admin2, before, after)]));

test('the sum of the logs from A over B to C is the comparison of A with C', () => {
  fc.assert(
    fc.property(fc.array(anyTable, { minLength: 2, maxLength: 5 }), (tables) => {
      const logs = tables.slice(1).map((after, at) => logOf(tables[at] as Columns, after));
      const sum = logs.reduce((so, log) => addNet(admin2, so, log), nothing);
      const [first, last] = [tables[0] as Columns, tables.at(-1) as Columns];
      assert.deepEqual(changesBetween(sum.gone, sum.come), changesBetween(first, last));
    }),
    { numRuns: 300 },
  );
});

test('the logs applied to A give C, and undone from C give A', () => {
  fc.assert(
    fc.property(anyTable, anyTable, anyTable, (a, b, c) => {
      const sum = addNet(admin2, logOf(a, b), logOf(b, c));
      const there = applyNet(admin2, withoutLabels(admin2, a), sum);
      const back = applyNet(admin2, withoutLabels(admin2, c), reverse(sum));
      assert.deepEqual(valuesOf(ROW, there as Columns), valuesOf(ROW, c));
      assert.deepEqual(valuesOf(ROW, back as Columns), valuesOf(ROW, a));
    }),
    { numRuns: 300 },
  );
});

test('a row that is added and removed again leaves nothing, and one that changed twice its first and last value', () => {
  const tableOf = (...idps: number[]): Columns =>
    completeLevel(
      admin2,
      ingestRows(
        admin2,
        idps.map((numPresentIdpInd) => admin2Row({ numPresentIdpInd })),
      ),
      [],
    ).columns;
  const addedThenRemoved = addNet(admin2, logOf(tableOf(), tableOf(5)), logOf(tableOf(5), tableOf()));
  assert.deepEqual([addedThenRemoved.gone.length, addedThenRemoved.come.length], [0, 0]);
  const { gone, come } = addNet(admin2, logOf(tableOf(5), tableOf(6)), logOf(tableOf(6), tableOf(9)));
  assert.deepEqual(valuesOf(['num_present_idp_ind'], gone), [[5]]);
  assert.deepEqual(valuesOf(['num_present_idp_ind'], come), [[9]]);
});

test('a log that is not one of these rows is not applied', () => {
  const one = completeLevel(admin2, ingestRows(admin2, [admin2Row()]), []).columns;
  const other = completeLevel(admin2, ingestRows(admin2, [admin2Row({ roundNumber: 9 })]), []).columns;
  assert.equal(applyNet(admin2, withoutLabels(admin2, one), logOf(other, one)), null);
});
