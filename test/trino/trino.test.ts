// Runs `sql/athena.sql` in Trino, over the Parquet files of every kind of release. Athena's engine is based on Trino.
// Not covered: Glue, IAM, S3, and Athena's changes to Trino.
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROW_GROUP_SIZE } from '../../lib/format/parquet.ts';
import { athenaDatabase } from '../../lib/make/metadata/athena.ts';
import { wholeParquet } from '../../lib/release/layout.ts';
import { assertSame } from '../assert-same.ts';
import { type Made, madeRelease, WORLDS } from '../make/metadata/publish-sample-world.ts';
import { duckdb, temporaryFolder } from '../setting.ts';
import {
  databaseOf,
  faultsOf,
  isDdl,
  parseHive,
  statementsOf,
  tableOf,
  trinoTable,
} from './parse-hive-ddl.ts';
import { comparePredicates } from './predicates.ts';
import { installTrino, startTrino, type Trino } from './start-trino.ts';

/** Large enough for several row groups in two tables. */
const LARGE = { name: 'whole world', version: 'v3', countries: null, scale: 0.5 } as const;

const PLACEHOLDER = 's3://YOUR-BUCKET/PREFIX/';

/** Rows as text, because the two engines return 64-bit integers and dates in different types. */
const asText = (rows: readonly (readonly unknown[])[]): string[] =>
  rows.map((row) => JSON.stringify(row.map((value) => (value === null ? null : String(value))))).sort();

/** Runs every statement of the file, split at each `;`. `prefix` is the folder in place of the bucket's prefix. */
async function runAthenaSql(trino: Trino, { folder }: Made, prefix: string, rename: (sql: string) => string) {
  const statements = statementsOf(rename(await readFile(join(folder, 'sql/athena.sql'), 'utf8')));
  const ddl = statements.filter(isDdl);
  const trees = parseHive(ddl);
  const [database, ...tables] = trees;
  assert.ok(database && tables.length === 6);
  assert.deepEqual(
    trees.slice(1).flatMap((tree, at) => faultsOf(tree, ddl[at + 1] ?? '')),
    [],
  );
  await trino.ask(`CREATE SCHEMA hive."${databaseOf(database)}"`);
  for (const table of tables.map(tableOf)) {
    assert.ok(table.location.startsWith(PLACEHOLDER) && table.location.endsWith(`/tables/${table.table}/`));
    const path = table.location.slice(PLACEHOLDER.length, -1);
    await trino.ask(trinoTable(table, `local:///${prefix}/${path}`));
  }
  for (const view of statements.filter((statement) => !isDdl(statement))) await trino.ask(view);
  return tables.map(tableOf);
}

/** Runs a query in DuckDB, over the tables and views of `sql/duckdb.sql`. */
async function inDuckdb({ folder }: Made, sql: string): Promise<unknown[][]> {
  const views = await readFile(join(folder, 'sql/duckdb.sql'), 'utf8');
  return (await duckdb(sql, `SET VARIABLE base = '${folder}'`, views)).map((row) => Object.values(row));
}

const VIEWS = [
  ...['latest_snapshots', 'admin0_totals', 'admin1_totals', 'admin2_totals'],
  ...['operation_series', 'operation_freshness'],
];

test('athena.sql in Trino', { timeout: 600_000 }, async (t) => {
  await installTrino();
  const work = await temporaryFolder(t);
  const worlds = [LARGE, ...WORLDS];
  const releases: Made[] = [];
  for (const [at, world] of worlds.entries()) {
    const prefix = join(work, 'files', `world${at}`);
    await mkdir(prefix, { recursive: true });
    releases.push(await madeRelease(t, world, prefix));
  }
  await using trino = await startTrino(work);

  for (const [at, world] of worlds.entries()) {
    const release = releases[at] as Made;
    const ownDatabase = athenaDatabase(release.manifest);
    const database = `world${at}_${ownDatabase}`;
    await t.test(
      `athena.sql of ${world.name}: statements run, tables and views have their rows`,
      async () => {
        // Releases of one dataset and day have the same database name. In one server each needs another name.
        const rename = (sql: string) => sql.replaceAll(ownDatabase, database);
        const tables = await runAthenaSql(trino, release, `world${at}`, rename);
        for (const { table, columns } of tables) {
          const described = await trino.ask(`DESCRIBE hive."${database}"."${table}"`);
          assert.deepEqual(
            described.rows.map(([name, type]) => `${name} ${type}`),
            columns.map(({ name, type }) => `${name} ${type}`),
          );
        }
        for (const { name, rows, columns } of release.manifest.tables) {
          const nulls = columns.map((column) => `count(*) - count("${column.name}")`).join(', ');
          const counts = await trino.ask(`SELECT count(*), ${nulls} FROM "${database}"."${name}"`);
          assert.equal(counts.rows[0]?.[0], rows, name);
          assert.deepEqual(
            asText(counts.rows),
            asText(await inDuckdb(release, `SELECT count(*), ${nulls} FROM ${name}`)),
          );
        }
        for (const view of VIEWS) {
          const { rows } = await trino.ask(`SELECT * FROM "${database}"."${view}"`);
          assertSame(asText(rows), asText(await inDuckdb(release, `SELECT * FROM ${view}`)), view);
        }
      },
    );
  }

  const [large] = releases as [Made];
  const database = `world0_${athenaDatabase(large.manifest)}`;

  await t.test('a predicate on text reads only the row groups that hold it', async () => {
    for (const [table, column] of [
      ['admin2', 'admin0_pcode'],
      ['admin1', 'admin0_pcode'],
      ['admin2', 'admin0_name'],
    ] as const) {
      const file = join(large.folder, wholeParquet(table));
      const groups = await duckdb(`SELECT "${column}" AS value, count(*)::INTEGER AS n,
          count(DISTINCT file_row_number // ${ROW_GROUP_SIZE})::INTEGER AS touched
        FROM read_parquet('${file}', file_row_number = true) GROUP BY 1 ORDER BY 1`);
      const total = groups.reduce((sum, { n }) => sum + Number(n), 0);
      assert.ok(total > ROW_GROUP_SIZE, `${table} has ${total} rows`);
      const samples = [groups[0], groups[Math.floor(groups.length / 2)], groups.at(-1)];
      for (const { value, n, touched } of samples as { value: string; n: number; touched: number }[]) {
        const sql = `SELECT count(*), count("id") FROM "${database}"."${table}" WHERE "${column}" = '${value.replaceAll("'", "''")}'`;
        const { rows, rowsRead } = await trino.ask(sql);
        assert.equal(rows[0]?.[0], n, value);
        assert.ok(
          rowsRead <= touched * ROW_GROUP_SIZE,
          `${value}: ${rowsRead} rows of ${total} for ${touched} groups`,
        );
        assert.ok(rowsRead < total, value);
        t.diagnostic(`${table} WHERE ${column} = ${value}: ${rowsRead} of ${total} rows read`);
      }
    }
  });

  await t.test('pushed-down predicates find the same rows as a whole scan', async () => {
    for (const { name, columns } of large.manifest.tables) {
      const types = {
        int32: 'integer',
        int64: 'bigint',
        string: 'varchar',
        date: 'date',
        boolean: 'boolean',
      };
      const { compared, differences } = await comparePredicates(
        trino,
        `"${database}"."${name}"`,
        columns.map((column) => ({ name: column.name, type: types[column.type as keyof typeof types] })),
      );
      assert.deepEqual(differences, []);
      assert.ok(compared >= 2 * columns.length, `${name}: ${compared}`);
    }
  });
});
