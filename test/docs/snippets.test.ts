// The queries that README and docs/consume.md show, run unchanged over the sample world.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { exportInto, ROOT, simulator, temporaryFolder } from '../setting.ts';
import { fenced } from './fenced.ts';

async function sample(t: TestContext) {
  const [world, parent] = [await simulator(t), await temporaryFolder(t)];
  const { release } = await exportInto({
    folder: join(parent, 'dtm-sample'),
    url: world.url,
    countries: null,
  });
  return { parent, release: release as string };
}

/** Runs statements in one DuckDB session and returns the rows of each. */
async function runAll(statements: readonly string[]): Promise<Record<string, unknown>[][]> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    const results = [];
    for (const statement of statements)
      results.push((await connection.runAndReadAll(statement)).getRowObjectsJson());
    return results;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

test("README's DuckDB query returns the newest snapshot of every operation, of the current release only", async (t) => {
  const { parent } = await sample(t);
  const changed = await simulator(t, { faults: ['changed@HTI'] });
  const second = { folder: join(parent, 'dtm-sample'), url: changed.url, run: '2026-11-25T05-00-00Z' };
  const { release } = await exportInto({ ...second, countries: null });
  assert.equal((await readdir(join(parent, 'dtm-sample/releases'))).length, 2);
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const [, query = ''] = /^duckdb -c "([^"]+)"$/m.exec(readme) ?? [];
  const file = `${parent}/dtm-sample/releases/${release}/tables/snapshots/snapshots.parquet`;
  const [set = '', from = ''] = query.replaceAll('dtm-sample/', `${parent}/dtm-sample/`).split(';');
  const [, rows, newest] = await runAll([
    set,
    from,
    `SELECT DISTINCT ON (admin0_pcode, operation, assessment_type) * FROM '${file}' WHERE level = 0
     ORDER BY reporting_date DESC, round_number DESC`,
  ]);
  assert.ok(rows && newest && rows.length > 50);
  const words = (all: object[]) => all.map((row) => JSON.stringify(row)).sort();
  assert.deepEqual(words(rows), words(newest));
});

test("the SQL of docs/consume.md runs over a release's views", async (t) => {
  const { parent, release } = await sample(t);
  const at = `${parent}/dtm-sample/releases/${release}/`;
  const views = await readFile(`${at}sql/duckdb.sql`, 'utf8');
  const lines = (await fenced('docs/consume.md', 'sql')).trim().split('\n');
  assert.match(lines[0] ?? '', /^SET VARIABLE base = '[^']+';/);
  assert.equal(lines[1], '.read duckdb.sql');
  const queries = lines.slice(2);
  assert.equal(queries.length, 2);
  const [, , sudan, overdue] = await runAll([`SET VARIABLE base = '${at}'`, views, ...queries]);
  assert.ok(sudan && sudan.length > 1 && overdue && overdue.length > 0);
  const dates = sudan.map(({ reporting_date }) => String(reporting_date));
  assert.deepEqual(dates, dates.toSorted().reverse());
  for (const { age_days, usual_days } of overdue) assert.ok(Number(age_days) > 2 * Number(usual_days));
});
