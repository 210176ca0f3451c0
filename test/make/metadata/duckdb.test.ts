// Runs `sql/duckdb.sql` on several kinds of releases, and compares each view with a query that does not use the view.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { readParquet } from '../../../lib/format/parquet.ts';
import { duckdbSql, OLDEST_DUCKDB } from '../../../lib/make/metadata/duckdb.ts';
import { computeFreshness } from '../../../lib/make/quality/freshness.ts';
import { wholeParquet } from '../../../lib/release/layout.ts';
import { TABLES, tablesOf } from '../../../lib/table/schema.ts';
import { duckdb, skipSchemaCheck, temporaryFolder } from '../../setting.ts';
import { type Made, madeRelease, WORLDS } from './publish-sample-world.ts';
import { describedAs } from './sample-metadata-input.ts';

type Row = Record<string, unknown>;

const KEY = 'admin0_pcode, operation, assessment_type, reporting_date, round_number';

/** Loads a release with this `base`, and returns a function that runs queries on it. */
async function loadRelease(
  t: TestContext,
  { folder }: Made,
  base: string,
): Promise<(sql: string) => Promise<Row[]>> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  t.after(() => {
    connection.closeSync();
    instance.closeSync();
  });
  await connection.run(`SET VARIABLE base = '${base}'`);
  await connection.run(await readFile(join(folder, 'sql/duckdb.sql'), 'utf8'));
  return async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson();
}

/** Creates a database file; `ask` runs a query on it. */
async function createDatabase(t: TestContext) {
  const folder = await temporaryFolder(t);
  const instance = await DuckDBInstance.create(join(folder, 'dtm.duckdb'));
  const connection = await instance.connect();
  const close = (): void => {
    connection.closeSync();
    instance.closeSync();
  };
  return {
    folder,
    close,
    run: (sql: string) => connection.run(sql),
    ask: async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson(),
  };
}

const SMALL = { name: 'small', version: 'v3', scale: 0.004 } as const;

const rowsOf = ({ manifest }: Made, table: string): string =>
  String(manifest.tables.find(({ name }) => name === table)?.rows);

const sorted = (rows: readonly Row[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

/** Asserts that both queries give the same rows, and returns these. */
async function assertSameRows(
  ask: (sql: string) => Promise<Row[]>,
  query: string,
  expectedQuery: string,
): Promise<Row[]> {
  const rows = await ask(query);
  assert.deepEqual(sorted(rows), sorted(await ask(expectedQuery)));
  return rows;
}

/** A query for the sums of each snapshot at each level, from the rows of the level tables. */
const SUMS = [0, 1, 2]
  .map(
    (level) => `SELECT ${level} AS level, ${KEY}, count(*) AS counted,
      CASE WHEN bool_or(num_present_idp_ind IS NULL) THEN NULL ELSE sum(num_present_idp_ind)::BIGINT END AS idps
      FROM admin${level} GROUP BY ALL`,
  )
  .join(' UNION ALL ');

for (const world of WORLDS) {
  describe(`duckdb.sql of a release: ${world.name}`, () => {
    test(`tables and views of a release: ${world.name}`, async (t) => {
      const release = await madeRelease(t, world);
      const ask = await loadRelease(t, release, `${release.folder}/`);

      await t.test('tables have the rows and columns of the manifest, and comments', async () => {
        for (const { name, rows, columns } of release.manifest.tables) {
          assert.deepEqual(await ask(`SELECT count(*) AS n FROM ${name}`), [{ n: String(rows) }], name);
          const found = await ask(
            `SELECT column_name, comment FROM duckdb_columns() WHERE table_name = '${name}'`,
          );
          assert.deepEqual(
            found.map((column) => column.column_name),
            columns.map((column) => column.name),
          );
          assert.ok(
            found.every(({ comment }) => typeof comment === 'string' && comment.length > 9),
            name,
          );
        }
      });

      await t.test('latest_snapshots has one row for each series, of its newest date and round', async () => {
        const rows = await assertSameRows(
          ask,
          `SELECT ${KEY}, level, idps FROM latest_snapshots`,
          `SELECT DISTINCT ON (admin0_pcode, operation, assessment_type) ${KEY}, level, idps FROM (${SUMS})
           ORDER BY admin0_pcode, operation, assessment_type, reporting_date DESC, round_number DESC, level`,
        );
        assert.equal(rows.length > 0, release.manifest.tables[0]?.rows !== 0);
      });

      for (const level of [0, 1, 2]) {
        await t.test(`admin${level}_totals has the sums of each area and of each snapshot`, async () => {
          await assertSameRows(
            ask,
            `SELECT ${KEY}, sum(rows)::BIGINT AS counted, CASE WHEN count(*) = count(idps) THEN sum(idps)::BIGINT END AS idps,
               bool_and(is_latest) AS is_latest FROM admin${level}_totals GROUP BY ALL`,
            `SELECT ${KEY}, rows::BIGINT AS counted, idps, is_latest FROM snapshots WHERE level = ${level}`,
          );
          const rows = await ask(`SELECT * FROM admin${level}`);
          assert.deepEqual(
            sorted(await ask(`SELECT * FROM admin${level}_totals`))
              .map(figuresOf)
              .sort(),
            sorted(totalsOf(rows, level)).map(figuresOf).sort(),
          );
        });
      }

      await t.test(
        'operation_series has every snapshot once, with the change since the one before',
        async () => {
          const rows = await assertSameRows(
            ask,
            `SELECT ${KEY}, level, idps FROM operation_series`,
            `SELECT DISTINCT ON (${KEY}) ${KEY}, level, idps FROM (${SUMS}) ORDER BY ${KEY}, level`,
          );
          const changes = await ask(
            `SELECT admin0_pcode, operation, assessment_type, idps, reporting_date, days_since_previous, change_since_previous
           FROM operation_series ORDER BY ${KEY}`,
          );
          assert.equal(changes.length, rows.length);
          for (const [index, row] of changes.entries())
            assert.deepEqual(changeOf(row), expectedChange(changes, index));
        },
      );

      await t.test('operation_freshness gives the same as computeFreshness', async () => {
        const { api_version } = release.manifest;
        const bytes = await readFile(join(release.folder, wholeParquet('snapshots')));
        const snapshots = readParquet(tablesOf(api_version).snapshots.columns, bytes);
        const [{ today } = {}] = await ask(`SELECT current_date - DATE '1970-01-01' AS today`);
        const expected = computeFreshness(snapshots, Number(today)).map(({ country, last, ...rest }) => {
          const { operation, assessment_type, operation_status, age_days, usual_days, overdue } = rest;
          return {
            ...{ admin0_pcode: country, operation, assessment_type, operation_status, last_date: last },
            ...{ age_days: String(age_days), usual_days, overdue },
          };
        });
        const rows = await ask(
          'SELECT admin0_pcode, operation, assessment_type, operation_status, last_date, age_days, usual_days, overdue FROM operation_freshness',
        );
        assert.deepEqual(sorted(rows), sorted(expected));
      });
    });
  });
}

/** The totals of each area within a snapshot, computed without SQL. */
function totalsOf(rows: readonly Row[], level: number): Row[] {
  const names = ['admin1', 'admin2'].slice(0, level);
  const area = (row: Row) => names.map((name) => row[`${name}_pcode`] ?? [row[`${name}_name`]]);
  const snapshot = (row: Row) => KEY.split(', ').map((name) => row[name]);
  const groups = Map.groupBy(rows, (row) => JSON.stringify([snapshot(row), area(row)]));
  const sum = (group: readonly Row[], name: string) =>
    group.some((row) => (row[name] ?? null) === null)
      ? null
      : String(group.reduce((total, row) => total + Number(row[name]), 0));
  return [...groups.values()].map((group) => {
    const [first = {}] = group;
    return {
      ...Object.fromEntries(KEY.split(', ').map((name) => [name, first[name]])),
      admin0_name: first.admin0_name,
      ...Object.fromEntries(
        names.flatMap((name) => [
          [`${name}_pcode`, first[`${name}_pcode`]],
          [`${name}_name`, first[`${name}_name`]],
        ]),
      ),
      operation_status: first.operation_status,
      rows: String(group.length),
      idps: sum(group, 'num_present_idp_ind'),
      ...('number_males' in first && {
        males: sum(group, 'number_males'),
        females: sum(group, 'number_females'),
      }),
      is_latest: first.is_latest,
    };
  });
}

/** A row without names: an area's name may have several spellings, so names are not compared. */
const figuresOf = (row: string): string => row.replaceAll(/"admin\d_name":("(\\.|[^"\\])*"|null),/g, '');

const changeOf = ({ days_since_previous, change_since_previous }: Row) => [
  days_since_previous,
  change_since_previous,
];

function expectedChange(rows: readonly Row[], index: number): (string | null)[] {
  const [now, before] = [rows[index], rows[index - 1]];
  const series = (row?: Row) => JSON.stringify([row?.admin0_pcode, row?.operation, row?.assessment_type]);
  if (!now || !before || series(now) !== series(before)) return [null, null];
  const days =
    (Date.parse(String(now.reporting_date)) - Date.parse(String(before.reporting_date))) / 86_400_000;
  const hasBoth = now.idps !== null && before.idps !== null;
  return [String(days), hasBoth ? String(Number(now.idps) - Number(before.idps)) : null];
}

test("duckdb.sql runs without base in the release's folder, and with base elsewhere", async (t) => {
  const release = await madeRelease(t, SMALL);
  const views = await readFile(join(release.folder, 'sql/duckdb.sql'), 'utf8');
  const count = `SELECT count(*)::INTEGER AS n FROM admin2`;
  const expected: Row[] = [{ n: release.manifest.tables.find(({ name }) => name === 'admin2')?.rows }];
  const before = process.cwd();
  process.chdir(release.folder);
  t.after(() => process.chdir(before));
  assert.deepEqual(await duckdb(count, views), expected);
  process.chdir(before);
  assert.deepEqual(await (await loadRelease(t, release, release.folder))(count), expected);
});

test('two releases loaded into two schemas of one session keep their own rows', async (t) => {
  const [small, large] = [await madeRelease(t, SMALL), await madeRelease(t, { ...SMALL, scale: 0.01 })];
  const { folder, ask, run } = await createDatabase(t);
  for (const [schema, release] of [
    ['old', small],
    ['new', large],
  ] as const) {
    await run(`CREATE SCHEMA ${schema}; SET schema = '${schema}'; SET VARIABLE base = '${release.folder}'`);
    await run(await readFile(join(release.folder, 'sql/duckdb.sql'), 'utf8'));
  }
  const count = (schema: string) =>
    `SELECT (SELECT count(*) FROM ${schema}.admin2) AS rows, (SELECT sum(rows) FROM ${schema}.admin2_totals) AS counted`;
  const [before, after] = [await ask(count('old')), await ask(count('new'))];
  assert.deepEqual(before, [{ rows: rowsOf(small, 'admin2'), counted: rowsOf(small, 'admin2') }]);
  assert.deepEqual(after, [{ rows: rowsOf(large, 'admin2'), counted: rowsOf(large, 'admin2') }]);
  assert.notDeepEqual(before, after);
  assert.equal(existsSync(join(folder, 'dtm.duckdb')), true);
});

test("a database file keeps the loaded rows and comments without the release's folder", async (t) => {
  const release = await madeRelease(t, SMALL);
  const { folder, run, close } = await createDatabase(t);
  await run(`SET VARIABLE base = '${release.folder}/'`);
  await run(await readFile(join(release.folder, 'sql/duckdb.sql'), 'utf8'));
  close();
  await rename(release.folder, join(release.prefix, 'gone'));
  skipSchemaCheck(release.prefix);
  const file = join(folder, 'dtm.duckdb');
  const query =
    "SELECT count(*) AS n, (SELECT comment FROM duckdb_columns() WHERE table_name = 'snapshots' AND column_name = 'areas') AS said FROM";
  const attached = await duckdb(`${query} d.snapshots`, `ATTACH '${file}' AS d (READ_ONLY)`);
  const [areas] = tablesOf('v3').snapshots.columns.filter(({ name }) => name === 'areas');
  assert.deepEqual(attached, [
    { n: rowsOf(release, 'snapshots'), said: areas?.description.replace(';', ',') },
  ]);
  const views = await duckdb(
    'SELECT count(*) > 0 AS some FROM d.operation_freshness',
    `ATTACH '${file}' AS d (READ_ONLY)`,
  );
  assert.deepEqual(views, [{ some: true }]);
});

test('duckdb.sql on a partial download loads the tables present and names the missing', async (t) => {
  const release = await madeRelease(t, SMALL);
  skipSchemaCheck(release.prefix);
  await rm(join(release.folder, 'tables/admin1'), { recursive: true });
  const ask = await loadRelease(t, release, release.folder);
  assert.deepEqual(await ask('SELECT count(*) AS n FROM admin2'), [{ n: rowsOf(release, 'admin2') }]);
  for (const view of ['admin1', 'admin1_totals'])
    await assert.rejects(ask(`SELECT count(*) FROM ${view}`), /admin1 is not in this copy of the release/);
});

test('a base that points to another release is an error', async (t) => {
  const [small, large] = [await madeRelease(t, SMALL), await madeRelease(t, { ...SMALL, scale: 0.01 })];
  const script = await readFile(join(small.folder, 'sql/duckdb.sql'), 'utf8');
  await assert.rejects(
    duckdb('SELECT 1', `SET VARIABLE base = '${large.folder}'`, script),
    /"base" names another release/,
  );
  // A command line continues after an error. Its next query must fail, and not read an empty table.
  const { ask, run } = await createDatabase(t);
  await run(`SET VARIABLE base = '${large.folder}'`);
  await assert.rejects(run(script), /"base" names another release/);
  await assert.rejects(ask('SELECT count(*) FROM admin0'), /admin0 was not loaded/);
});

test('with a public URL, duckdb.sql has it as base; its header names the oldest DuckDB', () => {
  const script = duckdbSql(describedAs({ publicUrl: 'https://example.org/dtm' }));
  assert.match(
    script,
    /coalesce\(getvariable\('base'\), 'https:\/\/example\.org\/dtm\/releases\/2026-11-24\.1\/'\)/,
  );
  assert.match(script, new RegExp(`^-- Needs DuckDB ${OLDEST_DUCKDB} or newer`, 'm'));
});

test('every table has a view, and every view has a comment', async (t) => {
  const release = await madeRelease(t, { name: 'small', version: 'v2', scale: 0.004 });
  const views = await (await loadRelease(t, release, release.folder))(
    `SELECT view_name, comment FROM duckdb_views() WHERE NOT internal ORDER BY view_name`,
  );
  const names = views.map(({ view_name }) => String(view_name));
  for (const table of TABLES) assert.ok(names.includes(table), table);
  assert.deepEqual(
    names.filter((name) => !TABLES.some((table) => table === name)),
    [
      ...['admin0_totals', 'admin1_totals', 'admin2_totals'],
      ...['latest_snapshots', 'operation_freshness', 'operation_series'],
    ],
  );
  for (const { comment } of views) assert.match(String(comment), /^[A-Z].{20,}\.$/);
});
