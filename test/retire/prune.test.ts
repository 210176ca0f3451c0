// The retention rule alone decides which releases expire. An expiry is announced before the deletion, and the current
// release is never deleted.
import assert from 'node:assert/strict';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { movePointer, pointerTo, readCurrent } from '../../lib/catalogue/pointer.ts';
import { readReleases } from '../../lib/catalogue/release-list.ts';
import { jsonBytes } from '../../lib/release/digest.ts';
import { claimOf, type Pointer, readManifest } from '../../lib/release/manifest.ts';
import type { ReleaseEntry } from '../../lib/release/release-list.ts';
import { type PruneOptions, planPrune, prune } from '../../lib/retire/prune.ts';
import { retainedReleases } from '../../lib/retire/retention.ts';
import { withdrawRelease } from '../../lib/retire/withdraw.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import type { Store } from '../../lib/store/store.ts';
import { assertSame } from '../assert-same.ts';
import { readFilesBelow, temporaryFolder } from '../setting.ts';
import {
  BARE_FILES,
  emptyManifest,
  failingStore,
  publishBareReleases,
  publishDataset,
  racingStore,
} from '../stores.ts';

const DAY = 24 * 60 * 60 * 1000;
const NOW = new Date();
const later = (days: number): Date => new Date(NOW.getTime() + days * DAY);

const IDS = ['2026-09-10.1', '2026-09-20.1', '2026-10-01.1', '2026-10-01.2', '2026-10-05.1', '2026-10-06.1'];

/** Keeps two releases, the first of each month, and all runs. */
const RULE: PruneOptions & { publicUrl: null } = {
  keepNewest: 2,
  keepMonthly: 'all',
  notice: 0,
  keepRuns: 36_500,
  now: NOW,
  publicUrl: null,
};

async function publishBare(t: TestContext, ids = IDS): Promise<{ folder: string; store: Store }> {
  const folder = await temporaryFolder(t);
  const store = folderStore(folder);
  await publishBareReleases(store, ids);
  return { folder, store };
}

async function paths(folder: string): Promise<string[]> {
  const all = [...(await readFilesBelow(folder)).keys()].map((path) => relative(folder, path));
  return all.filter((path) => !path.startsWith('.')).sort();
}

const namesOf = (list: readonly { name: string }[]): string[] => list.map(({ name }) => name);
const filesOf = async (folder: string, release: string): Promise<string[]> =>
  (await paths(join(folder, 'releases', release))).sort();
/** The files of a release that stay after its expiry. */
const RECORD = BARE_FILES.filter((path) => !path.startsWith('csv/')).sort();
const WHOLE = [...BARE_FILES].sort();

const entry = (release: string, more: Partial<ReleaseEntry> = {}): ReleaseEntry => ({
  release,
  status: 'published',
  manifest: '',
  manifest_sha256: '',
  published_at: '',
  supersedes: null,
  schema_version: '1.0.0',
  rows: {},
  changes: null,
  expires_at: null,
  announced_at: null,
  ...more,
});

test('the rule keeps the newest releases and the first of each month, for `all` or some months', () => {
  const listed = [...IDS].reverse().map((release) => entry(release));
  const cases: [number, number | 'all', string[]][] = [
    [1, 0, ['2026-10-06.1']],
    [3, 0, ['2026-10-01.2', '2026-10-05.1', '2026-10-06.1']],
    [1, 'all', ['2026-09-10.1', '2026-10-01.1', '2026-10-06.1']],
    [1, 1, ['2026-10-06.1']],
    [1, 2, ['2026-10-01.1', '2026-10-06.1']],
    [1, 3, ['2026-09-10.1', '2026-10-01.1', '2026-10-06.1']],
    [100, 0, IDS],
  ];
  for (const [keepNewest, keepMonthly, expected] of cases) {
    const kept = retainedReleases(listed, { keepNewest, keepMonthly }, new Date('2026-11-30T00:00:00.000Z'));
    assert.deepEqual([...kept].sort(), expected, `${keepNewest} ${keepMonthly}`);
  }
});

test('a withdrawn or expired release counts neither as newest nor as first of its month', () => {
  const now = new Date('2026-11-30T00:00:00.000Z');
  const listed = [
    entry('2026-10-06.1', { status: 'withdrawn' }),
    entry('2026-10-05.1'),
    entry('2026-10-01.2', { expires_at: '2026-12-24T00:00:00.000Z' }),
    entry('2026-10-01.1', { expires_at: '2026-11-24T00:00:00.000Z' }),
  ];
  const kept = retainedReleases(listed, { keepNewest: 1, keepMonthly: 'all' }, now);
  assert.deepEqual([...kept].sort(), ['2026-10-01.2', '2026-10-05.1']);
});

test('for any list, the newest releases and the first of each month are kept', () => {
  const ids = fc.uniqueArray(
    fc
      .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
      .map(([month, day]) => `2026-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}.1`),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(ids, fc.integer({ min: 1, max: 12 }), (releases, keepNewest) => {
      const sorted = releases.sort().reverse();
      const kept = retainedReleases(
        sorted.map((id) => entry(id)),
        { keepNewest, keepMonthly: 'all' },
        NOW,
      );
      for (const release of sorted.slice(0, keepNewest)) assert.ok(kept.has(release));
      const months = new Set(sorted.map((id) => id.slice(0, 7)));
      for (const month of months) assert.ok(kept.has(sorted.findLast((id) => id.startsWith(month)) ?? ''));
      assert.ok(kept.size <= keepNewest + months.size);
    }),
  );
});

async function pointerOf(store: Store, release: string): Promise<Pointer> {
  const bytes = (await store.get(`releases/${release}/manifest.json`))?.body as Uint8Array;
  return pointerTo(readManifest('', bytes), bytes, NOW);
}

test('planPrune lists what would be removed and changes nothing', async (t) => {
  const { folder, store } = await publishBare(t);
  const before = await readFilesBelow(folder);
  const refusing: Store = {
    ...store,
    put: () => Promise.reject(new Error('written')),
    delete: () => Promise.reject(new Error('deleted')),
  };
  const plan = await planPrune(refusing, RULE);
  const expires_at = NOW.toISOString();
  assert.deepEqual(plan, {
    releases: ['2026-10-01.2', '2026-09-20.1'].map((name) => ({ name, files: 1, bytes: 4, expires_at })),
    announced: [],
    reprieved: [],
    unpublished: [],
    runs: [],
    assets: [],
    unfinished: [],
  });
  assertSame(await readFilesBelow(folder), before);
});

test('prune removes data files, keeps manifest, claim and changes, and updates list and feed', async (t) => {
  const { folder, store } = await publishBare(t);
  const plan = await planPrune(store, RULE);
  assert.deepEqual(await prune(store, RULE), plan);
  for (const release of IDS) {
    const isExpired = ['2026-10-01.2', '2026-09-20.1'].includes(release);
    assert.deepEqual(await filesOf(folder, release), isExpired ? RECORD : WHOLE, release);
    const listed = (await readReleases(store)).find((one) => one.release === release);
    const expected = ['published', isExpired ? NOW.toISOString() : null];
    assert.deepEqual([listed?.status, listed?.expires_at], expected);
  }
  const feed = Buffer.from((await store.get('feed.xml'))?.body ?? []).toString();
  assert.equal(feed.split(`kept until ${NOW.toISOString()}`).length, 3);
  const files = await readFilesBelow(folder);
  assert.deepEqual((await prune(store, RULE)).releases, []);
  assertSame(await readFilesBelow(folder), files);
});

test('with notice, files stay until expires_at, which only a release kept again loses', async (t) => {
  const { folder, store } = await publishBare(t);
  const first = await prune(store, { ...RULE, notice: 14 });
  assert.deepEqual(
    [namesOf(first.releases), namesOf(first.announced)],
    [[], ['2026-10-01.2', '2026-09-20.1']],
  );
  assert.deepEqual(await filesOf(folder, '2026-09-20.1'), WHOLE);
  const hurried = await prune(store, { ...RULE, now: later(1) });
  assert.deepEqual(namesOf(hurried.announced), ['2026-10-01.2', '2026-09-20.1']);
  assert.equal(hurried.announced[0]?.expires_at, later(14).toISOString());
  const kept = await prune(store, { ...RULE, keepNewest: 3, notice: 14, now: later(2) });
  assert.deepEqual([namesOf(kept.announced), kept.reprieved], [['2026-09-20.1'], ['2026-10-01.2']]);
  const freed = (await readReleases(store)).find(({ release }) => release === '2026-10-01.2');
  assert.equal(freed?.expires_at, null);
  const over = await prune(store, { ...RULE, keepNewest: 3, now: later(15) });
  assert.deepEqual(namesOf(over.releases), ['2026-09-20.1']);
  assert.deepEqual(await filesOf(folder, '2026-09-20.1'), RECORD);
  assert.deepEqual(await filesOf(folder, '2026-10-01.2'), WHOLE);
});

test('the current release is not removed even if it is the oldest', async (t) => {
  const { folder, store } = await publishBare(t);
  for (const release of ['2026-10-06.1', '2026-10-05.1', '2026-10-01.2'])
    await withdrawRelease(store, release, { reason: 'x', now: NOW, publicUrl: null, announcer: null });
  assert.equal((await readCurrent(store)).manifest?.release, '2026-10-01.1');
  await publishBareReleases(store, ['2026-11-01.1', '2026-11-02.1']);
  await withdrawRelease(store, '2026-11-02.1', { reason: 'x', now: NOW, publicUrl: null, announcer: null });
  await withdrawRelease(store, '2026-11-01.1', { reason: 'x', now: NOW, publicUrl: null, announcer: null });
  // The pointer is moved by hand to a release that is not the newest remaining one.
  await movePointer(store, await readCurrent(store), await pointerOf(store, '2026-09-10.1'));
  const rule = { ...RULE, keepNewest: 1, keepMonthly: 0 };
  assert.deepEqual(namesOf((await planPrune(store, rule)).releases), ['2026-09-20.1']);
  await prune(store, rule);
  assert.deepEqual(await filesOf(folder, '2026-09-10.1'), WHOLE);
  assert.deepEqual(await filesOf(folder, '2026-10-01.1'), WHOLE);
  assert.deepEqual(await filesOf(folder, '2026-09-20.1'), RECORD);
});

test('a pointer that moves back during a prune ends at a release with all its files', async (t) => {
  const { folder, store } = await publishBare(t);
  const [third, second, first] = [...IDS].reverse() as [string, string, string];
  const rule = { ...RULE, keepNewest: 2, keepMonthly: 0 };
  // The two newest are withdrawn after the plan, which removes the third, and before the first change of the list.
  const racing = racingStore(store, 'releases.json', async () => {
    for (const release of [third, second])
      await withdrawRelease(store, release, { reason: 'x', now: NOW, publicUrl: null, announcer: null });
  });
  const pruned = await prune(racing, rule);
  assert.ok(!namesOf(pruned.releases).includes(first));
  assert.equal((await readCurrent(store)).manifest?.release, first);
  assert.deepEqual(await filesOf(folder, first), WHOLE);
  const listed = (await readReleases(store)).find(({ release }) => release === first);
  assert.equal(listed?.expires_at, null);
});

test('a prune that fails before or after any of its changes is finished by the next one', async (t) => {
  const counted = failingStore((await publishBare(t)).store, Number.POSITIVE_INFINITY, 'before');
  await prune(counted, RULE);
  // Two expiries, files of two releases, the feed; the page and its seven files.
  assert.equal(counted.changes(), 2 + 2 + 1 + 8);
  for (let at = 1; at <= counted.changes(); at++) {
    for (const when of ['before', 'after'] as const) {
      const { folder, store } = await publishBare(t);
      await assert.rejects(prune(failingStore(store, at, when), RULE), /on purpose/);
      await prune(store, RULE);
      for (const release of ['2026-10-01.2', '2026-09-20.1'])
        assert.deepEqual(await filesOf(folder, release), RECORD, `${when} ${at}`);
      assert.equal((await readReleases(store)).filter((one) => one.expires_at !== null).length, 2);
      assert.ok(await store.head('feed.xml'));
    }
  }
});

test('an unpublished release is removed after seven days, even if releases.json is lost', async (t) => {
  const { folder, store } = await publishBare(t);
  const claim = (run: string) =>
    JSON.stringify({
      run,
      created_at: '',
      supersedes: IDS[5],
      generator: { name: 'x', version: '0', reading: null },
    });
  for (const [path, body] of [
    ['releases/2026-10-07.1/claim.json', claim('a')],
    ['releases/2026-10-07.1/csv/admin0.csv.gz', 'data'],
    ['releases/not-a-release/claim.json', claim('b')],
  ] as const)
    await store.put(path, Buffer.from(body), 'absent');
  assert.deepEqual((await planPrune(store, { ...RULE, now: later(6) })).unpublished, []);
  const options = { ...RULE, keepNewest: 100, now: later(8) };
  const expected = [{ name: '2026-10-07.1', files: 2, bytes: Buffer.byteLength(claim('a')) + 4 }];
  assert.deepEqual((await planPrune(store, options)).unpublished, expected);
  await rm(join(folder, 'releases.json'));
  assert.deepEqual((await planPrune(store, options)).unpublished, expected, 'without releases.json');
  await prune(store, options);
  const remaining = (await paths(join(folder, 'releases'))).map((path) => path.split('/')[0]);
  assert.deepEqual([...new Set(remaining)], [...IDS, 'not-a-release']);
});

test('prune removes a release that lost the race, unless it is withdrawn or the list is lost', async (t) => {
  const { folder, store } = await publishBare(t);
  const [loser, withdrawn] = ['2026-10-07.1', '2026-10-08.1'];
  for (const release of [loser, withdrawn]) {
    const manifest = emptyManifest(release, IDS[5] as string);
    await store.put(`releases/${release}/claim.json`, jsonBytes(claimOf(manifest)), 'absent');
    await store.put(`releases/${release}/manifest.json`, jsonBytes(manifest), 'absent');
  }
  const withdrawal = jsonBytes({ reason: 'x', date: NOW.toISOString() });
  await store.put(`releases/${withdrawn}/withdrawn.json`, withdrawal, 'absent');
  const options = { ...RULE, keepNewest: 100, now: later(8) };
  assert.deepEqual(namesOf((await planPrune(store, options)).unpublished), [loser]);
  await rm(join(folder, 'releases.json'));
  assert.deepEqual((await planPrune(store, options)).unpublished, []);
});

test('a run is removed if its id and all its files are older than keepRuns', async (t) => {
  const { folder, store } = await publishBare(t);
  const today = NOW.toISOString().slice(0, 10);
  const runs = ['2026-01-01T05-00-00Z', `${today}T00-00-00Z-ab12`, 'notes'];
  for (const run of runs) await store.put(`runs/${run}/plan.json`, Buffer.from('plan'), 'absent');
  assert.deepEqual((await planPrune(store, { ...RULE, keepRuns: 30 })).runs, []);
  const old = { ...RULE, keepNewest: 100, keepRuns: 30, now: later(31) };
  const both = runs.slice(0, 2).map((name) => ({ name, files: 1, bytes: 4 }));
  assert.deepEqual((await planPrune(store, old)).runs, both);
  assert.deepEqual((await planPrune(store, { ...old, keepRuns: 32 })).runs, []);
  await prune(store, old);
  assert.deepEqual(
    (await paths(folder)).filter((path) => path.startsWith('runs/')),
    ['runs/notes/plan.json'],
  );
});

test('a chart script that the page does not load any more is removed after a week', async (t) => {
  const { folder, store } = await publishDataset(t, 2);
  const chartScripts = async () =>
    (await readdir(join(folder, 'assets'))).filter((name) => name.startsWith('picture-'));
  // The chart of each release, and what changed between the two.
  assert.equal((await chartScripts()).length, 3);
  const day = (days: number) => new Date(Date.now() + days * 24 * 60 * 60 * 1000);
  const options = { keepNewest: 10, keepMonthly: 'all', notice: 0, keepRuns: 30, publicUrl: null } as const;
  assert.deepEqual((await prune(store, { ...options, now: day(6) })).assets, []);
  const { assets } = await prune(store, { ...options, now: day(8) });
  assert.deepEqual(
    assets.map(({ name, files }) => [name, files]),
    [['assets/', 1]],
  );
  const page = await readFile(join(folder, 'index.html'), 'utf8');
  const remaining = await chartScripts();
  assert.ok(remaining.length === 2 && remaining.every((name) => page.includes(`assets/${name}`)));
});
