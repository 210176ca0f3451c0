// Files of tests run at the same time, and on a new machine several of them install.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ensureDebian } from '../ensure-debian.ts';

const run = promisify(execFile);

/** Small packages without dependencies that nothing else here needs. */
const PACKAGES = ['hello', 'sl'];

test('packages are installed once, also if three ask for them at the same time', {
  skip: process.getuid?.() !== 0 && 'only root installs packages',
}, async (t) => {
  t.after(() =>
    run('apt-get', ['remove', '--yes', '--quiet=2', '-o', 'DPkg::Lock::Timeout=300', ...PACKAGES]),
  );
  const ask = (packages: string[]) => ensureDebian({ command: 'hello', packages });
  await Promise.all([ask(['hello']), ask(['sl']), ask(PACKAGES)]);
  assert.match((await run('hello')).stdout, /Hello/);
  assert.match(
    (await run('dpkg-query', ['--show', '--showformat=$' + '{db:Status-Status}', 'sl'])).stdout,
    /^installed$/,
  );
});
