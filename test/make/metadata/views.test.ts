// The views over rows written by hand: they hold cases that a sample world may not have.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { viewsOf } from '../../../lib/make/metadata/views.ts';
import { duckdb } from '../../setting.ts';

type Row = Record<string, unknown>;

const VIEWS = viewsOf('v3', (table) => `"${table}"`)
  .map(({ name, query }) => `CREATE VIEW "${name}" AS ${query};`)
  .join('\n');

const day = (text: string) => `DATE '${text}'`;

/** A row of `snapshots`; `newest` says if it is the newest of its level, `days` counts from the one before. */
const snapshot = (
  level: number,
  operation: string,
  date: string,
  [round, idps, newest, days]: [number, number | null, boolean, number | null],
) => `(${level}, 'HTI', '${operation}', 'BA', ${day(date)}, ${round}, 'Haiti', 'Active', 1, 1, ${idps}, NULL, NULL,
  ${newest}, ${days}, NULL)`;

const SNAPSHOTS = [
  // Rounds that go down, and two rounds on one date.
  snapshot(0, 'backwards', '2020-01-01', [70, 100, false, null]),
  snapshot(0, 'backwards', '2022-01-01', [4, 150, false, 731]),
  snapshot(0, 'backwards', '2022-01-01', [5, 140, true, 0]),
  // One level has a newer snapshot than the others.
  snapshot(0, 'ahead', '2020-01-01', [9, 10, true, null]),
  snapshot(1, 'ahead', '2020-01-01', [9, 10, false, null]),
  snapshot(1, 'ahead', '2021-01-01', [1, 30, true, 366]),
  // Level 2 has more intervals, so it gives the usual one: the lower of the two in the middle.
  snapshot(0, 'often', '2023-01-01', [1, 5, false, null]),
  snapshot(0, 'often', '2024-01-01', [2, null, true, 365]),
  snapshot(2, 'often', '2023-01-01', [1, 5, false, null]),
  snapshot(2, 'often', '2023-01-11', [2, 6, false, 10]),
  snapshot(2, 'often', '2023-01-31', [3, 7, true, 20]),
].join(',\n');

const LEVEL_COLUMNS = `operation_status VARCHAR, assessment_type VARCHAR, reporting_date DATE, round_number INTEGER,
  displacement_reason VARCHAR, num_present_idp_ind INTEGER, number_males INTEGER, number_females INTEGER, is_latest BOOLEAN`;

const area = (
  pcode: string | null,
  name: string | null,
  [reason, present, males]: [string, number, number | null],
) => {
  const columns = [pcode, name].map((value) => (value === null ? 'NULL' : `'${value}'`)).join(', ');
  return `('HTI', 'Haiti', ${columns}, 'op', 'Active', 'BA', ${day('2024-01-01')}, 1, '${reason}', ${present}, ${males}, 1, true)`;
};

const ROWS = [
  area('HT01', 'Ouest', ['Conflict', 5, 2]),
  area('HT01', 'Ouest dept', ['Disaster', 7, null]),
  area(null, 'Nord', ['Conflict', 11, 3]),
  area(null, 'Sud', ['Conflict', 13, 4]),
  area(null, null, ['Conflict', 17, 5]),
].join(',\n');

const TABLES = `
CREATE TABLE snapshots (level INTEGER, admin0_pcode VARCHAR, operation VARCHAR, assessment_type VARCHAR, reporting_date DATE,
  round_number INTEGER, admin0_name VARCHAR, operation_status VARCHAR, areas INTEGER, "rows" INTEGER, idps BIGINT, males BIGINT,
  females BIGINT, is_latest BOOLEAN, days_since_previous INTEGER, levels_agree BOOLEAN);
INSERT INTO snapshots VALUES ${SNAPSHOTS};
CREATE TABLE admin0 (admin0_pcode VARCHAR, admin0_name VARCHAR, operation VARCHAR, ${LEVEL_COLUMNS});
CREATE TABLE admin1 (admin0_pcode VARCHAR, admin0_name VARCHAR, admin1_pcode VARCHAR, admin1_name VARCHAR, operation VARCHAR,
  ${LEVEL_COLUMNS});
CREATE TABLE admin2 (admin0_pcode VARCHAR, admin0_name VARCHAR, admin1_pcode VARCHAR, admin1_name VARCHAR,
  admin2_pcode VARCHAR, admin2_name VARCHAR, operation VARCHAR, ${LEVEL_COLUMNS});
INSERT INTO admin1 VALUES ${ROWS};`;

const queryViews = async (query: string): Promise<unknown[][]> =>
  (await duckdb(`${TABLES}\n${VIEWS}\n${query}`)).map((row: Row) => Object.values(row));

test('latest_snapshots takes the latest date, then the highest round, of any level', async () => {
  const rows = await queryViews(
    'SELECT operation, reporting_date, round_number, level FROM latest_snapshots ORDER BY 1',
  );
  assert.deepEqual(rows, [
    ['ahead', '2021-01-01', 1, 1],
    ['backwards', '2022-01-01', 5, 0],
    ['often', '2024-01-01', 2, 0],
  ]);
});

test('operation_series goes by date, then round, at the lowest level of each snapshot', async () => {
  const rows =
    await queryViews(`SELECT operation, reporting_date, round_number, level, days_since_previous, change_since_previous
    FROM operation_series ORDER BY 1, 2, 3`);
  assert.deepEqual(rows, [
    ['ahead', '2020-01-01', 9, 0, null, null],
    ['ahead', '2021-01-01', 1, 1, '366', '20'],
    ['backwards', '2020-01-01', 70, 0, null, null],
    ['backwards', '2022-01-01', 4, 0, '731', '50'],
    ['backwards', '2022-01-01', 5, 0, '0', '-10'],
    ['often', '2023-01-01', 1, 0, null, null],
    ['often', '2023-01-11', 2, 2, '10', '1'],
    ['often', '2023-01-31', 3, 2, '20', '1'],
    ['often', '2024-01-01', 2, 0, '335', null],
  ]);
});

test('operation_freshness takes the lower median at the level with most intervals', async () => {
  const rows = await queryViews(
    'SELECT operation, last_date, usual_days, overdue FROM operation_freshness ORDER BY 1',
  );
  assert.deepEqual(rows, [
    ['ahead', '2021-01-01', 366, true],
    ['backwards', '2022-01-01', 731, true],
    ['often', '2024-01-01', 10, true],
  ]);
});

test('admin1_totals groups by P-code, else by name; a missing figure gives a null sum', async () => {
  const rows =
    await queryViews(`SELECT admin1_pcode, admin1_name, "rows"::INTEGER, idps, males, females FROM admin1_totals
    ORDER BY 1, 2`);
  assert.deepEqual(rows, [
    ['HT01', 'Ouest', 2, '12', null, '2'],
    [null, 'Nord', 1, '11', '3', '1'],
    [null, 'Sud', 1, '13', '4', '1'],
    [null, null, 1, '17', '5', '1'],
  ]);
});
