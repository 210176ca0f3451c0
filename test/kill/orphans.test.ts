// Six exports at once, as real processes: whatever they leave behind that nobody names is gone once it is a week old.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pageFiles } from '../../lib/catalogue/page/asset-references.ts';
import { readReleases } from '../../lib/catalogue/release-list.ts';
import { prune } from '../../lib/retire/prune.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { runInChildProcess, simulator, temporaryFolder } from '../setting.ts';

const DAY = 24 * 60 * 60 * 1000;

test('six exporters at once leave nothing behind that nothing cleans', async (t) => {
  const folder = await temporaryFolder(t);
  const store = folderStore(folder);
  const worlds = await Promise.all(
    [1, 2, 3, 4, 5, 6].map((more) => simulator(t, { faults: [`changed=${more}@TCD`] })),
  );
  const outcomes: string[] = [];
  for (const round of [0, 1]) {
    const exporting = worlds.map(async ({ url }, at) => {
      const env = { DTMAPI_URL: url, DTMAPI_SUBSCRIPTION_KEY: 'sample-key' };
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
  const now = new Date(Date.now() + 8 * DAY);
  const rule = { keepNewest: 100, keepMonthly: 'all', notice: 0, keepRuns: 7, publicUrl: null } as const;
  await prune(store, { ...rule, now });
  const listed = (await readReleases(store)).map(({ release }) => release);
  assert.deepEqual((await readdir(join(folder, 'releases'))).sort(), [...listed].sort());
  const named = pageFiles(await readFile(join(folder, 'index.html'))).map((path) => path.split('/').at(-1));
  assert.deepEqual((await readdir(join(folder, 'assets'))).sort(), named.sort());
  assert.deepEqual(await readdir(join(folder, '.tmp')), []);
  assert.deepEqual(await store.listFolders('runs/'), []);
  assert.deepEqual((await verifyRelease(store)).problems, []);
  t.diagnostic(`${claimed} releases were claimed, ${listed.length} published`);
});
