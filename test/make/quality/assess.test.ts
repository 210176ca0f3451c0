import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeBaseline } from '../../../lib/catalogue/baseline.ts';
import { assessQuality } from '../../../lib/make/quality/assess.ts';
import type { FieldCounts } from '../../../lib/make/quality/coverage.ts';
import type { Baseline } from '../../../lib/make/quality/guards.ts';
import { findRowFaults, rowChecks } from '../../../lib/make/quality/row-checks.ts';
import type { ManifestUnit } from '../../../lib/release/manifest.ts';
import { dayNumber } from '../../../lib/table/ingest.ts';
import { LEVEL_TABLES, tablesOf } from '../../../lib/table/schema.ts';
import { admin0Row, admin2Row, reportedOn } from '../../rows.ts';
import { buildTables, type Rows } from '../build-tables.ts';

const schemas = tablesOf('v3');
const listed = {
  operation: 'Flood response',
  operationStatus: 'Active',
  admin0Pcode: 'ATL',
  admin0Name: 'Atlantis',
};

interface More {
  readonly units?: readonly ManifestUnit[];
  readonly fields?: readonly FieldCounts[];
  readonly baseline?: Baseline;
  readonly claimedAt?: string;
}

function checksOf(
  admin0: Rows,
  admin2: Rows,
  {
    units = [],
    fields = [],
    baseline = computeBaseline([]),
    claimedAt = '2024-05-01T05:00:00.000Z',
  }: More = {},
) {
  const { byCountry, snapshots, operations } = buildTables({
    levels: { admin0, admin2 },
    countries: [{ admin0Name: 'Atlantis', admin0Pcode: 'ATL' }],
    operations: [listed],
  });
  const checksOfRows = LEVEL_TABLES.flatMap((table) => {
    const rows = byCountry.flatMap(({ levels }) => levels.get(table) ?? []);
    const today = dayNumber(claimedAt);
    return rowChecks(
      schemas[table],
      rows.map((columns) => findRowFaults(schemas[table], columns, today)),
    );
  });
  const rows = { admin0: admin0.length, admin1: 0, admin2: admin2.length };
  const counts = { ...rows, snapshots: snapshots.length, countries: 1, operations: 1 };
  const guarded = { rows: counts, units, keys: new Map(), baseline };
  const { checks } = assessQuality({
    ...{ guarded, snapshots, operations, fields, claimedAt },
    rowChecks: checksOfRows,
  });
  return new Map(checks.map((check) => [check.name, check]));
}

test('rows without faults pass every check', () => {
  const checks = checksOf([admin0Row()], [admin2Row()]);
  assert.ok(checks.size >= 25, String(checks.size));
  for (const { name, verdict, observed } of checks.values())
    assert.deepEqual([name, verdict, observed], [name, 'pass', 0]);
});

test('a snapshot whose levels have different sums is named', () => {
  const check = checksOf([admin0Row({ numPresentIdpInd: 101 })], [admin2Row()]).get(
    'snapshots whose sum differs from level 0',
  );
  assert.deepEqual(
    [check?.observed, check?.verdict, check?.examples],
    [1, 'fail', ['admin2/ATL: Flood response, round 1']],
  );
});

test('operations missing from the operation list are named', () => {
  const rows = ['Unlisted', 'Flood response', 'Unlisted'].map((operation, round) =>
    admin0Row({ operation, roundNumber: round }),
  );
  const check = checksOf(rows, []).get('operations missing from the operation list');
  assert.deepEqual([check?.observed, check?.examples], [1, ['ATL: Unlisted']]);
});

test('unknown and missing fields are counted over all units', () => {
  const fields = [
    { unknown: { quality: 2 }, missing: { admin2Name: 1 } },
    { unknown: { quality: 3, source: 1 }, missing: {} },
  ];
  const checks = checksOf([], [], { fields });
  const drift = checks.get('fields that the schema does not know (left out)');
  assert.deepEqual([drift?.observed, drift?.examples], [6, ['quality: 5 rows', 'source: 1 rows']]);
  assert.equal(checks.get('fields missing from rows (null)')?.observed, 1);
});

test('failed and carried units are named as unanswered, absent units are not', () => {
  const unit = {
    level: 1,
    country: 'ATL',
    rows: 0,
    fetched_at: null,
    raw_sha256: null,
    raw_bytes: null,
    reason: null,
    from: null,
  };
  const units = (['failed', 'carried', 'absent', 'ok', 'empty'] as const).map((status) => ({
    ...unit,
    status,
  })) as ManifestUnit[];
  const check = checksOf([], [], { units }).get('units without an answer');
  assert.deepEqual([check?.observed, check?.examples], [2, ['admin1/ATL', 'admin1/ATL']]);
});

test('rows without a count of persons are counted by level', () => {
  const checks = checksOf(
    [admin0Row()],
    [admin2Row(), admin2Row({ numPresentIdpInd: null, admin2Pcode: 'AT0102' })],
  );
  assert.equal(checks.get('rows of admin0 without a figure of persons present')?.observed, 0);
  assert.equal(checks.get('rows of admin2 without a figure of persons present')?.observed, 1);
});

test('rows dated in the future, before 1990, or in a wrong year or month are counted', () => {
  const checks = checksOf(
    [],
    [
      admin2Row({ ...reportedOn('2024-05-02') }),
      admin2Row({ ...reportedOn('1989-12-31') }),
      admin2Row({ ...reportedOn('2024-05-01'), monthReportingDate: 4 }),
      admin2Row({ ...reportedOn('2024-04-30'), yearReportingDate: 2023 }),
      admin2Row({ ...reportedOn('1990-01-01') }),
    ],
  );
  const observed = (name: string) => checks.get(`rows of admin2 ${name}`)?.observed;
  assert.equal(observed('dated in the future'), 1);
  assert.equal(observed('dated before 1990'), 1);
  assert.equal(observed('whose year or month is not that of their date'), 2);
  assert.deepEqual(checks.get('rows of admin2 dated in the future')?.examples, [
    'ATL: Flood response, 2024-05-02',
  ]);
});

test('rows with equal keys and rows with negative figures are counted', () => {
  const rows = [
    admin2Row(),
    admin2Row({ numPresentIdpInd: -1, numberMales: null }),
    admin2Row({ roundNumber: 2 }),
  ];
  const checks = checksOf([], rows);
  assert.equal(checks.get('rows of admin2 that share all but their figures with another')?.observed, 1);
  assert.equal(checks.get('rows of admin2 with fewer than no persons')?.observed, 1);
});

test('males and females may differ from the total in 1 percent of rows, not in 2', () => {
  const rows = Array.from({ length: 100 }, (_, at) => admin2Row({ admin2Pcode: `AT${at}` }));
  const name = 'rows of admin2 where males and females are not all persons';
  const withWrongSum = (count: number) =>
    rows.map((row, index) => (index < count ? { ...row, numberMales: 47 } : row));
  const withoutSexes = admin2Row({ numberMales: null, numberFemales: null, admin2Pcode: 'ATX' });
  const [one, two] = [1, 2].map((count) => checksOf([], [...withWrongSum(count), withoutSexes]).get(name));
  assert.deepEqual([one?.observed, one?.verdict], [1, 'pass']);
  assert.deepEqual([two?.observed, two?.verdict], [2, 'fail']);
});

test('an unknown assessment type is named', () => {
  const rows = ['BA', 'SA', 'ETT', 'FM', 'XX'].map((assessmentType) => admin2Row({ assessmentType }));
  assert.deepEqual(checksOf([], rows).get('assessment types never seen before')?.examples, ['XX']);
});

test('an active operation is judged overdue on the day of the claim', () => {
  const rows = ['2024-01-01', '2024-01-31', '2024-03-01'].map((day) => admin0Row(reportedOn(day)));
  const checkAt = (claimedAt: string) =>
    checksOf(rows, [], { claimedAt }).get('active operations that are overdue');
  assert.equal(checkAt('2024-04-30T23:59:59.000Z')?.observed, 0);
  const late = checkAt('2024-05-01T00:00:00.000Z');
  assert.deepEqual(
    [late?.observed, late?.examples],
    [1, ['ATL: Flood response, 61 days old, usually every 30']],
  );
});

test('lost rows and lost countries have the consequence "refused unless accepted"', () => {
  const unit = {
    level: 0,
    country: 'LEM',
    status: 'ok',
    rows: 3,
    fetched_at: null,
    raw_sha256: null,
  } as const;
  const before = {
    release: '2024-04-30.1',
    schema_version: '1.0.0',
    tables: [{ name: 'admin0', rows: 4, columns: [] }],
    coverage: { units: [{ ...unit, raw_bytes: null, reason: null, from: null }] },
    quality: { failed: [] },
  };
  const checks = checksOf([admin0Row()], [], { baseline: computeBaseline([before]) });
  const lost = checks.get('rows of admin0 lost against the recent releases');
  assert.deepEqual(
    [lost?.observed, lost?.threshold, lost?.verdict, lost?.consequence],
    [75, 20, 'fail', 'refused unless accepted'],
  );
  assert.deepEqual(checks.get('countries that lost all their rows')?.examples, ['LEM lost all its rows']);
});
