// Published and downloaded files survive a power loss right after, on a file system that keeps only what was synced.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Store } from '../../lib/store/store.ts';
import { mayBeLost, onName, promisedBy, syncedFolders } from '../store/folder/power-loss.ts';

// Imported after the module above, which must wrap Node's functions first.
const { exportInto, simulator, temporaryFolder } = await import('../setting.ts');
const { folderStore } = await import('../../lib/store/folder/folder-store.ts');
const { withdrawRelease } = await import('../../lib/retire/withdraw.ts');
const { downloadRelease } = await import('../../lib/read/download.ts');
const {
  failingStore: breaking,
  DOWNLOAD_ALL: DOWNLOAD,
  publishDataset: dataset,
} = await import('../stores.ts');

/** When a pointer or manifest appears below `root`, records it, and the files it names that a power loss might lose. */
function watchPointers(root: string): { seen: string[]; lost: string[] } {
  const record = { seen: [] as string[], lost: [] as string[] };
  onName((path) => {
    if (!path.startsWith(`${root}/`) || !/\/(latest|manifest)\.json$/.test(path)) return;
    record.seen.push(path.slice(root.length + 1));
    for (const file of promisedBy(path, root)) {
      const reason = mayBeLost(file, root);
      if (reason) record.lost.push(`when ${path} appeared, ${reason}`);
    }
  });
  return record;
}

test('export syncs all named files before manifest and pointer appear, each folder once', async (t) => {
  const { url } = await simulator(t);
  const root = join(await temporaryFolder(t), 'new', 'open-data');
  const { seen, lost } = watchPointers(root);
  const store = folderStore(root);
  syncedFolders();
  const { release } = await exportInto({ folder: root, url, store, countries: ['AFG', 'TCD'] });
  const manifest = `releases/${release}/manifest.json`;
  assert.deepEqual(seen, [manifest, 'latest.json']);
  assert.deepEqual(lost, []);
  assert.equal(mayBeLost(join(root, 'latest.json'), root), null, 'the pointer itself');
  assert.equal(mayBeLost(join(root, '..'), join(root, '..')), null, 'the folder above the root');
  const inRelease = syncedFolders().filter((path) => path.startsWith(`${root}/releases/${release}/`));
  assert.equal(new Set(inRelease).size, inRelease.length, 'each folder of the release is synced once');
  assert.ok(inRelease.length > 20);
});

test('download syncs all named files before the pointer appears, even when resumed', async (t) => {
  const { store, releases } = await dataset(t, 1);
  const manifest = `releases/${releases[0]}/manifest.json`;
  for (const killed of [false, true]) {
    const root = join(await temporaryFolder(t), 'copy');
    const { seen, lost } = watchPointers(root);
    const target = folderStore(root);
    if (killed) await assert.rejects(downloadRelease(store, breaking(target, 20, 'after'), DOWNLOAD));
    await downloadRelease(store, folderStore(root), DOWNLOAD);
    assert.deepEqual([seen, lost], [[manifest, 'latest.json'], []]);
    for (const file of ['latest.json', 'releases.json', `releases/${releases[0]}/claim.json`])
      assert.equal(mayBeLost(join(root, file), root), null, file);
  }
});

test('a download that takes files from an earlier one syncs all named files before the pointer appears', async (t) => {
  const { store, releases } = await dataset(t, 2);
  const root = join(await temporaryFolder(t), 'copy');
  await downloadRelease(store, folderStore(root), { ...DOWNLOAD, release: releases[0] as string });
  const { seen, lost } = watchPointers(root);
  const { reused } = await downloadRelease(store, folderStore(root), DOWNLOAD);
  assert.ok(reused > 0);
  assert.deepEqual([seen, lost], [[`releases/${releases[1]}/manifest.json`, 'latest.json'], []]);
});

test('withdraw syncs pointer, list and withdrawn.json before it deletes any file', async (t) => {
  const { folder, store, releases } = await dataset(t, 2);
  const [first, second] = releases as [string, string];
  const lost: (string | null)[] = [];
  const checking: Store = {
    ...store,
    delete: (key) => {
      for (const file of ['latest.json', 'releases.json', `releases/${second}/withdrawn.json`])
        lost.push(mayBeLost(join(folder, file), folder));
      return store.delete(key);
    },
  };
  const { current, removed } =
    (await withdrawRelease(checking, second, {
      reason: 'counted twice',
      now: new Date(),
      publicUrl: null,
      announcer: null,
    })) ?? {};
  assert.equal(current, first);
  // The files of the release, its chart script and the script of changed totals.
  assert.ok(removed && lost.length === 3 * (removed + 2));
  assert.deepEqual(new Set(lost), new Set([null]));
});
