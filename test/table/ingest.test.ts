import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnOf, valueAt } from '../../lib/table/columns.ts';
import { apiColumns, dayNumber, dayText } from '../../lib/table/ingest.ts';
import { tablesOf } from '../../lib/table/schema.ts';
import { admin2Row, ingestRows } from '../rows.ts';

const { admin2, admin0 } = tablesOf('v3');

function ingested(...rows: Record<string, unknown>[]): Record<string, unknown>[] {
  const columns = ingestRows(admin2, rows);
  return rows.map((_, row) =>
    Object.fromEntries(apiColumns(admin2).map(({ name }) => [name, valueAt(columnOf(columns, name), row)])),
  );
}

test('ingest puts every field of a row into its column', () => {
  assert.deepEqual(ingested(admin2Row()), [
    {
      admin0_name: 'Atlantis',
      admin0_pcode: 'ATL',
      admin1_name: 'North',
      admin1_pcode: 'AT01',
      admin2_name: 'Harbour',
      admin2_pcode: 'AT0101',
      operation: 'Flood response',
      assessment_type: 'BA',
      reporting_date: dayNumber('2024-03-31'),
      year_reporting_date: 2024,
      month_reporting_date: 3,
      round_number: 1,
      displacement_reason: 'Natural disaster',
      num_present_idp_ind: 100,
      number_males: 48,
      number_females: 52,
      idp_origin_admin1_name: null,
      idp_origin_admin1_pcode: null,
      id: 7,
    },
  ]);
});

test('"Not available" and "" become null in areas and origins only', () => {
  const [row] = ingested(
    admin2Row({
      admin1Name: '',
      admin2Pcode: 'Not available',
      operation: 'Not available',
      displacementReason: '',
    }),
  );
  assert.equal(row?.admin1_name, null);
  assert.equal(row?.admin2_pcode, null);
  assert.equal(row?.operation, 'Not available');
  assert.equal(row?.displacement_reason, '');
});

test('null and missing fields become null, zero stays zero', () => {
  const { admin2Name: _, ...without } = admin2Row({
    numberMales: null,
    numPresentIdpInd: 0,
    displacementReason: null,
  });
  const rows = ingested(without, admin2Row({ numberMales: 5 }));
  assert.equal(rows[0]?.admin2_name, null);
  assert.equal(rows[0]?.number_males, null);
  assert.equal(rows[0]?.num_present_idp_ind, 0);
  assert.equal(rows[0]?.displacement_reason, null);
  assert.equal(rows[1]?.number_males, 5);
});

test('nulls between values stay in their rows', () => {
  const rows = ingested(
    ...['Conflict', null, 'Conflict', 'conflict'].map((displacementReason) =>
      admin2Row({ displacementReason }),
    ),
  );
  assert.deepEqual(
    rows.map((row) => row.displacement_reason),
    ['Conflict', null, 'Conflict', 'conflict'],
  );
});

test('ingest of no rows returns all columns without values', () => {
  const columns = ingestRows(admin0, []);
  assert.equal(columns.length, 0);
  assert.equal(columns.byName.size, apiColumns(admin0).length);
});

test('dayNumber and dayText convert leap days and dates before 1970', () => {
  for (const day of ['1969-12-31', '1970-01-01', '2024-02-29', '0001-01-01', '9999-12-31'])
    assert.equal(dayText(dayNumber(day)), day);
  assert.equal(dayNumber('1970-01-02T00:00:00'), 1);
  assert.equal(dayNumber('1969-12-31'), -1);
});
