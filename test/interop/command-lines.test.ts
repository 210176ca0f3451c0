// Runs the DuckDB command lines of README, docs/consume.md and a release's SQL file in a shell, exactly as written.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { duckdb, exportInto, ROOT, simulator } from '../setting.ts';
import { type Exported, exportRelease } from './export-release.ts';
import { childEnvironment, environmentPython } from './python-environment.ts';

let exported: Exported;
let python: string;
before(async () => {
  exported = await exportRelease(['--sample']);
  python = await environmentPython('requirements-cli.txt');
});
after(() => exported?.remove());

/** Runs a line in a shell where `duckdb` is the program of the Python wheel. */
const shell = (line: string, cwd: string) =>
  promisify(execFile)(
    'bash',
    [
      '-c',
      `duckdb() { '${python}' -m duckdb_cli "$@"; }
${line}`,
    ],
    {
      cwd,
      env: childEnvironment(),
      maxBuffer: 1 << 26,
    },
  );

const readPage = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');
const rowsOf = (table: string): number | undefined =>
  exported.manifest.tables.find(({ name }) => name === table)?.rows;

test("README's first query reads the current release alone, also where there are two", async (t) => {
  const folder = join(exported.folder, '../..');
  const { url } = await simulator(t, { faults: ['changed@HTI'] });
  await exportInto({ folder, url, countries: null, options: { acceptDrop: true } });
  const [, line = ''] = /^```sh\n(duckdb -c "[^"]+")\n```$/m.exec(await readPage('README.md')) ?? [];
  const localLine = line.replaceAll('dtm-sample/', `${folder}/`).replace('duckdb -c', 'duckdb -json -c');
  const found: unknown[] = JSON.parse((await shell(localLine, folder)).stdout);
  const { release } = JSON.parse(await readFile(join(folder, 'latest.json'), 'utf8'));
  const [{ rows } = {}] = await duckdb(
    `SELECT count(*)::INTEGER AS rows FROM '${folder}/releases/${release}/tables/snapshots/snapshots.parquet' WHERE is_latest AND level = 0`,
  );
  assert.equal(found.length, rows);
});

test("a release's own SQL loads it, from its folder", async () => {
  const { stdout } = await shell(
    'duckdb -csv -init sql/duckdb.sql -c "SELECT count(*) AS n FROM admin2"',
    exported.folder,
  );
  assert.match(stdout, /admin2\W+\d+\W+loaded/);
  assert.match(stdout, new RegExp(`n\\n${rowsOf('admin2')}\\n$`));
});

test('a copy for good is one line, and another session attaches it read-only', async () => {
  const [line = ''] = /^duckdb dtm\.duckdb .*$/m.exec(await readPage('docs/consume.md')) ?? [];
  const header = await readFile(join(exported.folder, 'sql/duckdb.sql'), 'utf8');
  assert.ok(header.includes(line), line);
  await shell(line, exported.folder);
  const query = `ATTACH 'dtm.duckdb' AS dtm (READ_ONLY); SELECT count(*) AS n FROM dtm.admin2; SELECT count(*) > 0 AS some FROM dtm.latest_snapshots`;
  const { stdout } = await shell(`duckdb -csv -c "${query}"`, exported.folder);
  assert.equal(stdout, `n\n${rowsOf('admin2')}\nsome\ntrue\n`);
});
