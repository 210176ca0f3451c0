// Exports recorded answers of the real API, and compares every value with what DuckDB reads from the published files.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ApiVersion } from '../lib/dtm/endpoints.ts';
import { LEVEL_TABLES, type LevelTable, tablesOf } from '../lib/table/schema.ts';
import { duckdb, exportInto, readCsv, recordedFolder, simulator, temporaryFolder } from './setting.ts';

const EXPECTED = {
  v3: { rows: { admin0: 170, admin1: 291, admin2: 1529 }, persons: 19_949_275 },
  v2: { rows: { admin0: 82, admin1: 141, admin2: 878 }, persons: 16_475_863 },
};
const COUNTRIES = ['HTI', 'TCD'];

type Row = Record<string, unknown>;

/** The table row that the contract requires for a recorded row: values as texts, null for no value. */
function expectedRow(version: ApiVersion, table: LevelTable, row: Row): Row {
  const columns = tablesOf(version)[table].columns.filter(({ field }) => field !== undefined);
  return Object.fromEntries(
    columns.map(({ name, field = '' }) => {
      const value = row[field] ?? null;
      const isAreaOrOrigin = /^(idp_origin_)?admin[12]_/.test(name);
      if (isAreaOrOrigin && (value === 'Not available' || value === '')) return [name, null];
      if (name === 'reporting_date') return [name, String(value).slice(0, 10)];
      return [name, value === null ? null : String(value)];
    }),
  );
}

const asText = (rows: readonly Row[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

for (const version of ['v3', 'v2'] as const) {
  test(`${version}: Parquet and CSV files have every value of the recorded answers`, async (t) => {
    const answers = recordedFolder(t, version);
    if (answers === null) return;
    const { url } = await simulator(t, { answers });
    const folder = await temporaryFolder(t);
    const outcome = await exportInto({ folder, url, version, countries: COUNTRIES });
    assert.equal(outcome.outcome, 'published', outcome.reason ?? '');
    assert.deepEqual(outcome.rows, EXPECTED[version].rows);
    const release = join(folder, 'releases', outcome.release as string);
    for (const table of LEVEL_TABLES) {
      const sent: Row[] = [];
      for (const country of COUNTRIES) {
        const body = await readFile(join(answers, `${table}-${country}.json`), 'utf8');
        sent.push(...(JSON.parse(body) as { result: Row[] }).result);
      }
      const expected = asText(sent.map((row) => expectedRow(version, table, row)));
      const columns = Object.keys(expectedRow(version, table, {}));
      const text = columns.map((name) => `CAST(${name} AS VARCHAR) AS ${name}`).join(', ');
      const sources = [
        `'${release}/tables/${table}/${table}.parquet'`,
        `'${release}/parquet/${table}/*/*.parquet'`,
        readCsv(`${release}/csv/${table}.csv.gz`),
        readCsv(`${release}/csv/${table}/*/*.csv.gz`),
      ];
      for (const source of sources)
        assert.deepEqual(asText(await duckdb(`SELECT ${text} FROM ${source}`)), expected, source);
      const [sum] = await duckdb(
        `SELECT CAST(sum(num_present_idp_ind) AS INTEGER) AS persons FROM ${sources[0]}`,
      );
      assert.equal(sum?.persons, EXPECTED[version].persons);
    }
  });
}

test('recorded answers: levels agree, sums are right, and is_latest is the newest', async (t) => {
  const answers = recordedFolder(t, 'v3');
  if (answers === null) return;
  const { url } = await simulator(t, { answers });
  const folder = await temporaryFolder(t);
  const { release } = await exportInto({ folder, url, countries: COUNTRIES });
  const tables = `${folder}/releases/${release}/tables`;
  const agree = await duckdb(`SELECT DISTINCT levels_agree FROM '${tables}/snapshots/snapshots.parquet'`);
  assert.deepEqual(agree, [{ levels_agree: true }]);
  const key = 'admin0_pcode, operation, assessment_type';
  for (const table of LEVEL_TABLES) {
    const wrong = await duckdb(`
      SELECT count(*)::INTEGER AS wrong FROM (
        SELECT is_latest, dense_rank() OVER (PARTITION BY ${key} ORDER BY reporting_date DESC, round_number DESC) = 1 AS newest
        FROM '${tables}/${table}/${table}.parquet') WHERE is_latest <> newest`);
    assert.deepEqual(wrong, [{ wrong: 0 }]);
    const sums = await duckdb(`
      WITH summed AS (
        SELECT ${key}, reporting_date, round_number, count(*) AS n, sum(num_present_idp_ind) AS persons,
          CASE WHEN count(number_males) = count(*) THEN sum(number_males) END AS males
        FROM '${tables}/${table}/${table}.parquet' GROUP BY ALL)
      SELECT count(*)::INTEGER AS differing FROM summed FULL JOIN
        (FROM '${tables}/snapshots/snapshots.parquet' WHERE level = ${table.slice(5)}) AS s
        USING (${key}, reporting_date, round_number)
      WHERE persons IS DISTINCT FROM idps OR n IS DISTINCT FROM rows OR summed.males IS DISTINCT FROM s.males`);
    assert.deepEqual(sums, [{ differing: 0 }]);
  }
});
