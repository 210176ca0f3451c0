import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnOf, valueAt } from '../../lib/table/columns.ts';
import { completeLevel } from '../../lib/table/complete.ts';
import { dayNumber } from '../../lib/table/ingest.ts';
import { tablesOf } from '../../lib/table/schema.ts';
import { snapshotsTable } from '../../lib/table/snapshots.ts';
import { admin0Row, admin2Row, ingestRows, reportedOn } from '../rows.ts';

const schemas = tablesOf('v3');

function snapshots(level0: Record<string, unknown>[], level2: Record<string, unknown>[]) {
  const complete = (table: 'admin0' | 'admin2', rows: Record<string, unknown>[]) =>
    completeLevel(schemas[table], ingestRows(schemas[table], rows), []);
  const table = snapshotsTable(schemas.snapshots, [
    complete('admin0', level0),
    undefined,
    complete('admin2', level2),
  ]);
  return Array.from({ length: table.length }, (_, row) =>
    Object.fromEntries(
      schemas.snapshots.columns.map(({ name }) => [name, valueAt(columnOf(table, name), row)]),
    ),
  );
}

test('a snapshot adds up reasons and origins, and counts areas and rows', () => {
  const [row] = snapshots(
    [],
    [
      admin2Row(),
      admin2Row({ displacementReason: 'Conflict', numPresentIdpInd: 5, numberMales: 2, numberFemales: 3 }),
      admin2Row({
        admin2Name: 'Hill',
        admin2Pcode: 'AT0102',
        numPresentIdpInd: 1,
        numberMales: 1,
        numberFemales: 0,
      }),
    ],
  );
  assert.deepEqual(row, {
    level: 2,
    admin0_pcode: 'ATL',
    operation: 'Flood response',
    assessment_type: 'BA',
    reporting_date: dayNumber('2024-03-31'),
    round_number: 1,
    admin0_name: 'Atlantis',
    operation_status: null,
    areas: 2,
    rows: 3,
    idps: 106,
    males: 51,
    females: 55,
    is_latest: true,
    days_since_previous: null,
    levels_agree: null,
  });
});

test('levels_agree is true, false, or null if level 0 has no such snapshot', () => {
  const level2 = [
    admin2Row(),
    admin2Row({ ...reportedOn('2024-04-30') }),
    admin2Row({ ...reportedOn('2024-05-31') }),
  ];
  const level0 = [admin0Row(), admin0Row({ ...reportedOn('2024-04-30'), numPresentIdpInd: 101 })];
  const agree = snapshots(level0, level2).map((row) => [row.level, row.levels_agree]);
  assert.deepEqual(agree, [
    [0, true],
    [0, true],
    [2, true],
    [2, false],
    [2, null],
  ]);
});

test('a null in one row makes the sum and levels_agree null', () => {
  const rows = snapshots(
    [admin0Row()],
    [admin2Row({ numPresentIdpInd: null }), admin2Row({ admin2Pcode: 'AT0102', numberMales: null })],
  );
  assert.equal(rows[1]?.idps, null);
  assert.equal(rows[1]?.males, null);
  assert.equal(rows[1]?.females, 104);
  assert.equal(rows[1]?.levels_agree, null);
});

test('days_since_previous counts within one series', () => {
  const rows = snapshots(
    [
      admin0Row({ ...reportedOn('2024-01-31') }),
      admin0Row({ ...reportedOn('2024-03-01') }),
      admin0Row({ ...reportedOn('2024-03-01'), roundNumber: 2 }),
      admin0Row({ ...reportedOn('2024-03-02'), assessmentType: 'SA' }),
    ],
    [],
  );
  assert.deepEqual(
    rows.map((row) => row.days_since_previous),
    [null, 30, 0, null],
  );
});

test('areas are counted by P-code, or by name in rows without a P-code', () => {
  const [row] = snapshots(
    [],
    [
      admin2Row({ admin2Name: 'Harbour' }),
      admin2Row({ admin2Name: 'Harbor' }),
      admin2Row({ admin2Name: 'Isle', admin2Pcode: 'Not available' }),
      admin2Row({ admin2Name: 'Not available', admin2Pcode: 'Not available' }),
    ],
  );
  assert.equal(row?.areas, 2);
});

test('a sum beyond 32 bits is exact', () => {
  const rows = Array.from({ length: 3 }, (_, at) =>
    admin2Row({ numPresentIdpInd: 2_147_483_647, admin2Pcode: `AT010${at}` }),
  );
  assert.equal(snapshots([], rows)[0]?.idps, 6_442_450_941);
});

test('a snapshot with two spellings of a country takes the one that sorts first', () => {
  const rows = snapshots([], [admin2Row({ admin0Name: 'Étoile' }), admin2Row({ admin0Name: 'Zembla' })]);
  assert.equal(rows[0]?.admin0_name, 'Zembla');
});
