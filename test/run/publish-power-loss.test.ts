// What was published and downloaded is still there when the power goes the moment after, on a file system that keeps no
// more than it was asked to.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Store } from '../../lib/store/store.ts';
import { mayBeLost, onName, promisedBy, syncedFolders } from '../store/folder/power-loss.ts';

// After the above, which has to watch Node before anything takes its functions.
const { exportInto, simulator, temporaryFolder } = await import('../setting.ts');
const { folderStore } = await import('../../lib/store/folder/folder-store.ts');
const { withdrawRelease } = await import('../../lib/retire/withdraw.ts');
const { downloadRelease } = await import('../../lib/read/download.ts');
const {
  failingStore: breaking,
  DOWNLOAD_ALL: DOWNLOAD,
  publishDataset: dataset,
} = await import('../stores.ts');

/** Notes what a pointer or a manifest below `root` stood for, but might have been lost, in the moment it appeared. */
function watched(root: string): { seen: string[]; lost: string[] } {
  const found = { seen: [] as string[], lost: [] as string[] };
  onName((path) => {
    if (!path.startsWith(`${root}/`) || !/\/(latest|manifest)\.json$/.test(path)) return;
    found.seen.push(path.slice(root.length + 1));
    for (const file of promisedBy(path, root)) {
      const why = mayBeLost(file, root);
      if (why) found.lost.push(`when ${path} appeared, ${why}`);
    }
  });
  return found;
}

test('all that a manifest or pointer names outlives a loss of power from before it appears, a folder synced once', async (t) => {
  const { url } = await simulator(t);
  const root = join(await temporaryFolder(t), 'new', 'open-data');
  const { seen, lost } = watched(root);
  const store = folderStore(root);
  syncedFolders();
  const { release } = await exportInto({ folder: root, url, store, countries: ['AFG', 'TCD'] });
  const manifest = `releases/${release}/manifest.json`;
  assert.deepEqual(seen, [manifest, 'latest.json']);
  assert.deepEqual(lost, []);
  assert.equal(mayBeLost(join(root, 'latest.json'), root), null, 'the pointer itself');
  assert.equal(mayBeLost(join(root, '..'), join(root, '..')), null, 'what was made above the root');
  const inRelease = syncedFolders().filter((path) => path.startsWith(`${root}/releases/${release}/`));
  assert.equal(new Set(inRelease).size, inRelease.length, 'each folder below the release once');
  assert.ok(inRelease.length > 20);
});

test('all that a copy names outlives a loss of power, also when a first download was killed', async (t) => {
  const { store, releases } = await dataset(t, 1);
  const manifest = `releases/${releases[0]}/manifest.json`;
  for (const killed of [false, true]) {
    const root = join(await temporaryFolder(t), 'copy');
    const { seen, lost } = watched(root);
    const target = folderStore(root);
    if (killed) await assert.rejects(downloadRelease(store, breaking(target, 20, 'after'), DOWNLOAD));
    await downloadRelease(store, folderStore(root), DOWNLOAD);
    assert.deepEqual([seen, lost], [[manifest, 'latest.json'], []]);
    for (const file of ['latest.json', 'releases.json', `releases/${releases[0]}/claim.json`])
      assert.equal(mayBeLost(join(root, file), root), null, file);
  }
});

test('what is withdrawn is said for good before any of it goes', async (t) => {
  const { folder, store, releases } = await dataset(t, 2);
  const [first, second] = releases as [string, string];
  const lost: (string | null)[] = [];
  const checking: Store = {
    ...store,
    delete: (key) => {
      for (const said of ['latest.json', 'releases.json', `releases/${second}/withdrawn.json`])
        lost.push(mayBeLost(join(folder, said), folder));
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
  // The files of the release, and the picture that was drawn from them.
  assert.ok(removed && lost.length === 3 * (removed + 1));
  assert.deepEqual(new Set(lost), new Set([null]));
});
