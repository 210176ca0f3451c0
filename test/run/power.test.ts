// What was published and downloaded is still there when the power goes the moment after, on a file system that keeps no
// more than it was asked to.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { mayBeLost, onName, promisedBy, syncedFolders } from '../store/powerloss.ts';

// After the above, which has to watch Node before anything takes its functions.
const { exportInto, simulator, temporaryFolder } = await import('../setting.ts');
const { folderStore } = await import('../../lib/store/folder.ts');

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
