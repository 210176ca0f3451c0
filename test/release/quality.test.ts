import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildDataset, type Ingredients } from '../../lib/release/dataset.ts';
import type { ManifestUnit } from '../../lib/release/manifest.ts';
import { qualityChecks } from '../../lib/release/quality.ts';
import { ingest } from '../../lib/table/ingest.ts';
import { tablesOf } from '../../lib/table/schema.ts';
import { admin0Row, admin2Row } from '../rows.ts';

const schemas = tablesOf('v3');
const listed = {
  operation: 'Flood response',
  operationStatus: 'Active',
  admin0Pcode: 'ATL',
  admin0Name: 'Atlantis',
};

function checksOf(
  level0: Record<string, unknown>[],
  level2: Record<string, unknown>[],
  { units = [], fields = [] }: { units?: ManifestUnit[]; fields?: Parameters<typeof qualityChecks>[2] } = {},
) {
  const ingredients: Ingredients = {
    apiVersion: 'v3',
    staged: { 0: [ingest(schemas.admin0, level0)], 1: [], 2: [ingest(schemas.admin2, level2)] },
    countries: [{ admin0Name: 'Atlantis', admin0Pcode: 'ATL' }],
    operations: [listed],
  };
  const checks = qualityChecks(buildDataset(ingredients), units, fields);
  return new Map(checks.map((check) => [check.name, check]));
}

test('figures without a fault pass every check', () => {
  const checks = checksOf([admin0Row()], [admin2Row()]);
  assert.ok(checks.size >= 7);
  for (const { name, verdict, observed } of checks.values())
    assert.deepEqual([name, verdict, observed], [name, 'pass', 0]);
});

test('levels that disagree are named', () => {
  const check = checksOf([admin0Row({ numPresentIdpInd: 101 })], [admin2Row()]).get(
    'snapshots whose sum differs from level 0',
  );
  assert.deepEqual(
    [check?.observed, check?.verdict, check?.examples],
    [1, 'fail', ['admin2/ATL: Flood response, round 1']],
  );
});

test('operations that the list lacks are named', () => {
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

test('units without an answer are named, units that were not asked for are no fault', () => {
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

test('rows without a figure are counted by level', () => {
  const checks = checksOf(
    [admin0Row()],
    [admin2Row(), admin2Row({ numPresentIdpInd: null, admin2Pcode: 'AT0102' })],
  );
  assert.equal(checks.get('rows of admin0 without a figure of persons present')?.observed, 0);
  assert.equal(checks.get('rows of admin2 without a figure of persons present')?.observed, 1);
});
