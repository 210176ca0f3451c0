// A wrong clock blocks no run: the newer answer is the one requested under the later release, and times in the future
// are ignored.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { feedXml } from '../../lib/catalogue/feed.ts';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { readReleases } from '../../lib/catalogue/release-list.ts';
import { readStatus } from '../../lib/catalogue/status.ts';
import { withdrawRelease } from '../../lib/retire/withdraw.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import type { Store } from '../../lib/store/store.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { exportInto, readFilesBelow, simulator, temporaryFolder } from '../setting.ts';
import { startChangingProxy } from './start-changing-proxy.ts';

const RUNS = ['2026-11-24T05-00-00Z', '2026-11-24T06-00-00Z', '2026-11-24T07-00-00Z'] as const;
const SMALL = { levels: [0], countries: ['TCD'] } as const;
const HOUR = 60 * 60 * 1000;
const YEAR = 365 * 24 * HOUR;

/** Runs `work` with this process's clock set ahead. */
async function withClockAhead<T>(t: TestContext, milliseconds: number, work: () => Promise<T>): Promise<T> {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + milliseconds });
  try {
    return await work();
  } finally {
    t.mock.timers.reset();
  }
}

for (const [name, by] of [
  ['an hour', HOUR],
  ['a year', YEAR],
] as const) {
  test(`after an export with the clock ${name} ahead, later runs still publish and record checks`, async (t) => {
    const world = await simulator(t);
    const folder = await temporaryFolder(t);
    const store = folderStore(folder);
    const setting = { folder, url: world.url, ...SMALL };
    const first = await withClockAhead(t, by, () => exportInto({ ...setting, run: RUNS[0] }));
    world.setFaults(['changed@TCD']);
    const second = await exportInto({ ...setting, run: RUNS[1] });
    assert.equal(second.outcome, 'published');
    const { manifest } = await readCurrent(store);
    assert.deepEqual([manifest?.release, manifest?.supersedes], [second.release, first.release]);
    assert.equal(manifest?.coverage.units.find(({ rows }) => rows > 0)?.from, second.release);
    const status = await readStatus(store);
    assert.deepEqual([status?.last_check?.run, status?.last_change?.release], [RUNS[1], second.release]);
    world.setFaults(['500@TCD']);
    assert.equal((await exportInto({ ...setting, run: RUNS[2] })).outcome, 'refused');
    assert.equal((await readStatus(store))?.last_failure?.run, RUNS[2]);
    // The order follows `supersedes`, newest first.
    const releases = await readReleases(store);
    assert.deepEqual(
      releases.map(({ release }) => release),
      [second.release, first.release],
    );
    const feed = Buffer.from(feedXml({ identity: manifest as never, publicUrl: null, releases })).toString();
    assert.match(feed, new RegExp(`^  <updated>${releases[0]?.published_at}</updated>$`, 'm'));
    assert.deepEqual((await verifyRelease(store)).problems, []);
  });
}

test('after a release from the future is withdrawn, runs build on the one before it', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const store = folderStore(folder);
  const setting = { folder, url: world.url, ...SMALL };
  const first = await exportInto({ ...setting, run: RUNS[0] });
  world.setFaults(['changed@TCD']);
  const second = await withClockAhead(t, YEAR, () => exportInto({ ...setting, run: RUNS[1] }));
  const options = { reason: 'a wrong clock', now: new Date(), publicUrl: null, announcer: null };
  const withdrawn = await withdrawRelease(store, second.release as string, options);
  assert.equal(withdrawn?.current, first.release);
  const third = await exportInto({ ...setting, run: RUNS[2] });
  assert.equal(third.outcome, 'published');
  const listed = (await readReleases(store)).map(({ release }) => release);
  assert.deepEqual(listed, [third.release, second.release, first.release]);
});

test('a run resumed late does not replace answers of a newer run with a clock a year behind', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const setting = { folder, url: world.url, ...SMALL };
  await exportInto({ ...setting, run: RUNS[0] });
  // The old run stops when its answer is staged.
  const stopping = folderStore(folder);
  const folders: Store['listFolders'] = async () => {
    throw new Error('stopped');
  };
  world.setFaults(['changed=1@TCD']);
  await assert.rejects(
    exportInto({ ...setting, run: RUNS[1], store: { ...stopping, listFolders: folders } }),
    /stopped/,
  );
  world.setFaults(['changed=2@TCD']);
  await withClockAhead(t, -YEAR, () => exportInto({ ...setting, run: RUNS[2] }));
  world.setFaults(['changed=3@TCD']);
  const newest = await withClockAhead(t, -YEAR, () =>
    exportInto({ ...setting, run: '2026-11-24T08-00-00Z' }),
  );
  assert.equal(newest.outcome, 'published');
  const late = await exportInto({ ...setting, run: RUNS[1] });
  assert.deepEqual([late.outcome, late.release], ['unchanged', newest.release]);
});

test("a clock that differs from the API server's: refused with both times, before its plan is written", async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  for (const by of [HOUR, -YEAR]) {
    // The server has another clock.
    const url = await startChangingProxy(t, world.url, ({ headers }) => ({
      headers: { ...headers, date: new Date(Date.now() + by).toUTCString() },
    }));
    await assert.rejects(exportInto({ folder, url, run: RUNS[0], ...SMALL }), {
      name: 'ConfigurationError',
      message: /this machine's clock says \S+, the API's server \S+: .*set the clock and run again/,
    });
  }
  const written = [...(await readFilesBelow(folder)).keys()].filter((path) => path.endsWith('.json'));
  assert.deepEqual(written, [join(folder, 'runs/lease.json')]);
});

test('two runs under the same release: an answer with a time in the future does not win', async (t) => {
  const [old, changed] = [await simulator(t), await simulator(t, { faults: ['changed@TCD'] })];
  const folder = await temporaryFolder(t);
  const store = folderStore(folder);
  let isWaiting = true;
  const put: Store['put'] = async (key, body, ...rest) => {
    if (key === 'latest.json' && isWaiting) {
      isWaiting = false;
      await withClockAhead(t, YEAR, () => exportInto({ folder, url: old.url, run: RUNS[0], ...SMALL }));
    }
    return store.put(key, body, ...rest);
  };
  const late = await exportInto({
    folder,
    url: changed.url,
    run: RUNS[1],
    ...SMALL,
    store: { ...store, put },
  });
  assert.deepEqual([late.outcome, late.units.ok], ['published', 1]);
  assert.equal((await readCurrent(store)).pointer?.release, late.release);
});
