// The checker finds what it is for: a dataset is spoilt in one way at a time, and each is told in the right words.
import assert from 'node:assert/strict';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkDataset } from '../checker.ts';
import { exportInto, runInChildProcess, simulator, skipSchemaCheck, temporaryFolder } from '../setting.ts';
import { CASES, RUNS } from './damage-cases.ts';

test('the checker finds a dataset whole, and tells each fault in it', async (t) => {
  const scratch = skipSchemaCheck(await temporaryFolder(t));
  const sound = join(scratch, 'sound');
  const world = await simulator(t);
  const releases: string[] = [];
  for (const [at, run] of RUNS.entries()) {
    world.setFaults(at === 0 ? [] : [`changed=${at}@GRD`]);
    const outcome = await exportInto({
      folder: sound,
      url: world.url,
      run,
      countries: ['DMA', 'GRD', 'TCD'],
    });
    releases.push(outcome.release as string);
  }
  const [oldest, middle, newest] = releases as [string, string, string];
  const whole = await checkDataset(sound, { published: releases });
  assert.deepEqual(whole.problems, []);
  assert.deepEqual(whole.listed, [newest, middle, oldest]);

  for (const [number, { name, spoil, says, options }] of CASES.entries())
    await t.test(name, async () => {
      const folder = join(scratch, String(number));
      await cp(sound, folder, { recursive: true });
      await spoil({ at: (path) => join(folder, path), oldest, middle, newest });
      const { problems } = await checkDataset(folder, options);
      assert.ok(
        problems.some((problem) => says.test(problem)),
        `expected ${says}, the checker said: ${problems.join('\n') || 'whole'}`,
      );
      await rm(folder, { recursive: true });
    });
});

test('withdrawn, pruned and downloaded, a dataset is still whole', async (t) => {
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
  for (const words of commands) {
    const { exit, stderr } = await runInChildProcess(words);
    assert.equal(exit, 0, stderr);
  }
  const checked = await checkDataset(folder, { published });
  assert.deepEqual(checked.problems, []);
  assert.deepEqual([checked.current, checked.withdrawn], [published[2], [published[3]]]);
  assert.deepEqual((await checkDataset(copy, { copy: true })).problems, []);
});
