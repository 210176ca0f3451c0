// Runs the Python and R code of README exactly as written.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { fenced } from '../docs/fenced.ts';
import { ensureDebian } from '../ensure-debian.ts';
import { duckdb, exportInto, simulator, temporaryFolder } from '../setting.ts';
import { childEnvironment, environmentPython } from './python-environment.ts';

test("pandas reads the current release's rows", async (t) => {
  const [world, parent] = [await simulator(t), await temporaryFolder(t)];
  const { rows } = await exportInto({ folder: join(parent, 'dtm-sample'), url: world.url });
  const program = `${await fenced('README.md', 'python')}print(len(admin1), admin1.reporting_date.iloc[0])`;
  const { stdout } = await promisify(execFile)(await environmentPython(), ['-c', program], {
    cwd: parent,
    env: childEnvironment(),
  });
  assert.match(stdout, new RegExp(`^${rows?.admin1} \\d{4}-\\d\\d-\\d\\d`));
});

test("readr reads the current release's rows, with the blanks at the edges of their names", async (t) => {
  const packages = ['r-base-core', 'r-cran-readr', 'r-cran-jsonlite'];
  await ensureDebian({ command: 'Rscript', packages });
  const [world, parent] = [await simulator(t), await temporaryFolder(t)];
  const { rows, release } = await exportInto({
    folder: join(parent, 'dtm-sample'),
    url: world.url,
    countries: null,
  });
  const edges = `SELECT count(*)::INTEGER AS n FROM '${parent}/dtm-sample/releases/${release}/tables/admin0/admin0.parquet' WHERE operation <> trim(operation)`;
  const [{ n } = {}] = await duckdb(edges);
  const program = `${await fenced('README.md', 'r')}cat(nrow(admin0), class(admin0$reporting_date), class(admin0$is_latest), sum(grepl("^ | $", admin0$operation)))`;
  const options = { cwd: parent, env: childEnvironment({ LC_ALL: 'C.UTF-8' }) };
  const { stdout } = await promisify(execFile)('Rscript', ['-e', program], options);
  assert.ok(Number(n) > 0);
  assert.equal(stdout.trim().split('\n').at(-1), `${rows?.admin0} Date logical ${n}`);
});
