// Tests the checker itself: a dataset is damaged in one way at a time, and the checker must report each damage.
import assert from 'node:assert/strict';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkDataset } from '../checker.ts';
import { exportInto, runInChildProcess, simulator, skipSchemaCheck, temporaryFolder } from '../setting.ts';
import { CASES, RUNS } from './damage-cases.ts';

test('the checker accepts a whole dataset and reports each kind of damage', async (t) => {
  const scratch = skipSchemaCheck(await temporaryFolder(t));
  const wholeFolder = join(scratch, 'sound');
  const world = await simulator(t);
  const releases: string[] = [];
  for (const [at, run] of RUNS.entries()) {
    world.setFaults(at === 0 ? [] : [`changed=${at}@GRD`]);
    const outcome = await exportInto({
      folder: wholeFolder,
      url: world.url,
      run,
      countries: ['DMA', 'GRD', 'TCD'],
    });
    releases.push(outcome.release as string);
  }
  const [oldest, middle, newest] = releases as [string, string, string];
  const whole = await checkDataset(wholeFolder, { published: releases });
  assert.deepEqual(whole.problems, []);
  assert.deepEqual(whole.listed, [newest, middle, oldest]);

  for (const [number, { name, damage, expected, options }] of CASES.entries())
    await t.test(name, async () => {
      const folder = join(scratch, String(number));
      await cp(wholeFolder, folder, { recursive: true });
      await damage({ at: (path) => join(folder, path), oldest, middle, newest });
      const { problems } = await checkDataset(folder, options);
      assert.ok(
        problems.some((problem) => expected.test(problem)),
        `expected ${expected}, the checker said: ${problems.join('\n') || 'whole'}`,
      );
      await rm(folder, { recursive: true });
    });
});

test('the checker accepts a dataset after withdraw, prune and download', async (t) => {
  const folder = await temporaryFolder(t);
  const world = await simulator(t);
  const published: string[] = [];
  for (const [at, run] of [...RUNS, '2026-11-24T08-00-00Z'].entries()) {
    world.setFaults([`changed=${at}@GRD`]);
    const { release } = await exportInto({ folder, url: world.url, run, countries: ['DMA', 'GRD'] });
    published.push(release as string);
  }
  const copy = `${folder}-copy`;
  t.after(() => rm(copy, { recursive: true }));
  const commands = [
    ['withdraw', folder, published[3] as string, '--reason', 'counted twice'],
    ['prune', folder, '--keep-newest', '1', '--keep-monthly', '0', '--apply'],
    ['download', folder, '--to', copy, '--quiet'],
  ];
  for (const args of commands) {
    const { exit, stderr } = await runInChildProcess(args);
    assert.equal(exit, 0, stderr);
  }
  const checked = await checkDataset(folder, { published });
  assert.deepEqual(checked.problems, []);
  assert.deepEqual([checked.current, checked.withdrawn], [published[2], [published[3]]]);
  assert.deepEqual((await checkDataset(copy, { copy: true })).problems, []);
});
