// After `npm ci --ignore-scripts` the scripts run on the machine's own Node, which may know no TypeScript.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../setting.ts';

const CHECK = 'lib/cli/checkout.cjs';
const run = (...options: string[]) =>
  spawnSync(process.execPath, [...options, join(ROOT, CHECK)], { encoding: 'utf8' });

test('a Node that runs TypeScript passes, one that does not ends in a sentence and exit status 2', () => {
  const { status, stdout, stderr } = run();
  assert.deepEqual([status, stdout, stderr], [0, '', '']);
  const other = run('--no-experimental-strip-types');
  assert.equal(other.status, 2);
  assert.match(
    other.stderr,
    /^dtm-exporter: needs a Node\.js that runs TypeScript \(22\.18 or newer\), this is \d+\.\d+\.\d+: run npm ci without --ignore-scripts, [^\n]*\n$/,
  );
});

test('the two commands of a fresh machine ask that first', async () => {
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  for (const name of ['start', 'test']) assert.ok(scripts[name].startsWith(`node ${CHECK} && `), name);
});
