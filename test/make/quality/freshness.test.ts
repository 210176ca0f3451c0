import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeFreshness } from '../../../lib/make/quality/freshness.ts';
import { completeLevel } from '../../../lib/table/complete.ts';
import { dayNumber } from '../../../lib/table/ingest.ts';
import { tablesOf } from '../../../lib/table/schema.ts';
import { snapshotsTable } from '../../../lib/table/snapshots.ts';
import { admin0Row, admin2Row, ingestRows, reportedOn } from '../../rows.ts';

const schemas = tablesOf('v3');
const operations = [
  { operation: 'Flood response', operationStatus: 'Active', admin0Pcode: 'ATL', admin0Name: 'Atlantis' },
];

function freshnessOf(level0: Record<string, unknown>[], level2: Record<string, unknown>[], today: string) {
  const complete = (table: 'admin0' | 'admin2', rows: Record<string, unknown>[]) =>
    completeLevel(schemas[table], ingestRows(schemas[table], rows), operations);
  const levels = [complete('admin0', level0), undefined, complete('admin2', level2)];
  return computeFreshness(snapshotsTable(schemas.snapshots, levels), dayNumber(today));
}

test('an operation is overdue if it is older than twice its usual interval', () => {
  const rows = ['2024-01-31', '2024-03-01', '2024-03-31', '2024-07-29'].map((day) =>
    admin0Row(reportedOn(day)),
  );
  const [onTime] = freshnessOf(rows, [], '2024-09-27');
  assert.deepEqual(onTime, {
    country: 'ATL',
    operation: 'Flood response',
    assessment_type: 'BA',
    operation_status: 'Active',
    last: '2024-07-29',
    age_days: 60,
    usual_days: 30,
    overdue: false,
  });
  const [late] = freshnessOf(rows, [], '2024-09-28');
  assert.deepEqual([late?.age_days, late?.overdue], [61, true]);
});

test('age comes from the newest snapshot, interval from the level with most snapshots', () => {
  const daily = ['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-10'].map((day) =>
    admin2Row(reportedOn(day)),
  );
  const [found, ...others] = freshnessOf([admin0Row(reportedOn('2024-01-01'))], daily, '2024-01-12');
  assert.deepEqual(
    [found?.last, found?.usual_days, found?.age_days, found?.overdue],
    ['2024-01-10', 1, 2, false],
  );
  assert.deepEqual(others, []);
});

test('each assessment type has its own interval, null with only one snapshot', () => {
  const rows = [
    admin0Row(reportedOn('2024-01-01')),
    admin0Row({ ...reportedOn('2024-02-01'), assessmentType: 'SA' }),
  ];
  const found = freshnessOf(rows, [], '2025-01-01');
  assert.deepEqual(
    found.map(({ assessment_type, usual_days, overdue }) => [assessment_type, usual_days, overdue]),
    [
      ['BA', null, null],
      ['SA', null, null],
    ],
  );
});
