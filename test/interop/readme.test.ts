// The lines of Python that README shows, run as they stand there.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { fenced } from '../docs/fenced.ts';
import { exportInto, simulator, temporaryFolder } from '../setting.ts';
import { childEnvironment, environmentPython } from './python.ts';

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
