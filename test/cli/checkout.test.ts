// After `npm ci --ignore-scripts` the scripts run on the machine's Node, which may not run TypeScript.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../setting.ts';

const CHECK = 'lib/cli/checkout.cjs';
const run = (...options: string[]) =>
  spawnSync(process.execPath, [...options, join(ROOT, CHECK)], { encoding: 'utf8' });

test('checkout.cjs exits with 2 and one message if Node cannot run TypeScript', () => {
  const { status, stdout, stderr } = run();
  assert.deepEqual([status, stdout, stderr], [0, '', '']);
  const other = run('--no-experimental-strip-types');
  assert.equal(other.status, 2);
  assert.match(
    other.stderr,
    /^dtm-exporter: needs a Node\.js that runs TypeScript \(22\.18 or newer\), this is \d+\.\d+\.\d+: run npm ci without --ignore-scripts, [^\n]*\n$/,
  );
});

test('npm start and npm test run checkout.cjs first', async () => {
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  for (const name of ['start', 'test']) assert.ok(scripts[name].startsWith(`node ${CHECK} && `), name);
});
