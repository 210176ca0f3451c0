// A withdrawn release does not come back: its run publishes under another id, and its prefix accepts no other dataset.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { readReleases } from '../../lib/catalogue/release-list.ts';
import { withdrawRelease } from '../../lib/retire/withdraw.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import type { Store } from '../../lib/store/store.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { exportInto, simulator, temporaryFolder } from '../setting.ts';

const RUNS = ['2026-11-24T05-00-00Z', '2026-11-24T06-00-00Z'] as const;

/** Publishes one release and withdraws it. */
async function publishAndWithdraw(t: Parameters<typeof temporaryFolder>[0]) {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  const { release } = await exportInto({ folder, url, run: RUNS[0], countries: ['TCD'] });
  const store = folderStore(folder);
  await withdrawRelease(store, release as string, {
    reason: 'wrong',
    now: new Date(),
    publicUrl: null,
    announcer: null,
  });
  assert.equal((await readCurrent(store)).manifest, null);
  return { url, folder, store, release };
}

test('the run of a withdrawn release publishes again under another id', async (t) => {
  const { url, folder, store, release } = await publishAndWithdraw(t);
  const again = await exportInto({ folder, url, run: RUNS[0], countries: ['TCD'] });
  assert.equal(again.outcome, 'published');
  assert.notEqual(again.release, release);
  assert.deepEqual((await verifyRelease(store)).problems, []);
  const listed = (await readReleases(store)).map((entry) => [entry.release, entry.status]);
  assert.deepEqual(listed, [
    [again.release, 'published'],
    [release, 'withdrawn'],
  ]);
});

test('a prefix whose releases were all withdrawn still refuses another dataset', async (t) => {
  const { url, folder } = await publishAndWithdraw(t);
  await assert.rejects(
    exportInto({ folder, url, run: RUNS[1], countries: ['TCD'], version: 'v2' }),
    /the prefix holds dataset dtm-idp, this run would bring dataset dtm-idp-v2/,
  );
});

test('a release that is withdrawn while a run builds on it: the run builds on the one before', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const store = folderStore(folder);
  const first = await exportInto({ folder, url: world.url, run: RUNS[0], countries: ['AFG', 'TCD'] });
  world.setFaults(['changed@TCD']);
  const second = await exportInto({ folder, url: world.url, run: RUNS[1], countries: ['TCD'] });
  let withdrawing: Promise<unknown> | null = null;
  const get: Store['get'] = async (key, range) => {
    if (key.endsWith('.parquet') && withdrawing === null) {
      const options = { reason: 'wrong', now: new Date(), publicUrl: null, announcer: null };
      withdrawing = withdrawRelease(store, second.release as string, options);
      await withdrawing;
    }
    return store.get(key, range);
  };
  world.setFaults(['changed@AFG']);
  const run = '2026-11-24T07-00-00Z';
  const third = await exportInto({
    folder,
    url: world.url,
    run,
    countries: ['AFG'],
    store: { ...store, get },
  });
  assert.equal(third.outcome, 'published', third.reason ?? '');
  const { manifest } = await readCurrent(store);
  assert.deepEqual([manifest?.release, manifest?.supersedes], [third.release, first.release]);
  assert.deepEqual((await verifyRelease(store)).problems, []);
});
