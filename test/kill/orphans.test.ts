// Six concurrent exports as real processes. A prune a week later must remove all files that no release refers to.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pageFiles } from '../../lib/catalogue/page/asset-references.ts';
import { readReleases } from '../../lib/catalogue/release-list.ts';
import { prune } from '../../lib/retire/prune.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { TURNLESS } from '../lease.ts';
import { runInChildProcess, simulator, temporaryFolder } from '../setting.ts';

const MS_PER_DAY = 24 * 60 * 60 * 1000;

test('prune removes everything that six concurrent exports left without publishing it', async (t) => {
  const folder = await temporaryFolder(t);
  const store = folderStore(folder);
  const worlds = await Promise.all(
    [1, 2, 3, 4, 5, 6].map((more) => simulator(t, { faults: [`changed=${more}@TCD`] })),
  );
  const outcomes: string[] = [];
  for (const round of [0, 1]) {
    const exporting = worlds.map(async ({ url }, at) => {
      const env = { DTMAPI_URL: url, DTMAPI_SUBSCRIPTION_KEY: 'sample-key', ...TURNLESS };
      const run = `2026-11-24T0${at}-00-0${round}Z`;
      const options = ['--to', folder, '--run', run, '--countries', 'TCD', '--levels', '0', '--json'];
      const { stdout, stderr } = await runInChildProcess(['export', ...options], { env });
      assert.notEqual(stdout, '', stderr);
      return JSON.parse(stdout).outcome as string;
    });
    outcomes.push(...(await Promise.all(exporting)));
  }
  assert.ok(outcomes.every((outcome) => ['published', 'unchanged', 'refused'].includes(outcome)));
  assert.ok(outcomes.includes('published'));
  const claimed = (await readdir(join(folder, 'releases'))).length;
  const now = new Date(Date.now() + 8 * MS_PER_DAY);
  const retention = { keepNewest: 100, keepMonthly: 'all', notice: 0, keepRuns: 7, publicUrl: null } as const;
  await prune(store, { ...retention, now });
  const listed = (await readReleases(store)).map(({ release }) => release);
  assert.deepEqual((await readdir(join(folder, 'releases'))).sort(), [...listed].sort());
  const referenced = pageFiles(await readFile(join(folder, 'index.html'))).map((path) =>
    path.split('/').at(-1),
  );
  assert.deepEqual((await readdir(join(folder, 'assets'))).sort(), referenced.sort());
  assert.deepEqual(await readdir(join(folder, '.tmp')), []);
  assert.deepEqual(await store.listFolders('runs/'), []);
  assert.deepEqual((await verifyRelease(store)).problems, []);
  t.diagnostic(`${claimed} releases were claimed, ${listed.length} published`);
});
