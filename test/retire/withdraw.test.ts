// Readers cannot get a withdrawn release any more, but its record stays. Whatever happens at the same time, the pointer
// never ends at it, and no other release is changed.
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { claimRelease } from '../../lib/catalogue/claim.ts';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { readReleases, updateReleaseEntry } from '../../lib/catalogue/release-list.ts';
import { jsonBytes } from '../../lib/release/digest.ts';
import { deleteOldPictures } from '../../lib/retire/page-files.ts';
import { withdrawRelease } from '../../lib/retire/withdraw.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { exportInto, readFilesBelow, simulator, skipSchemaCheck, temporaryFolder } from '../setting.ts';
import { failingStore, ONE_UNIT, publishDataset, racingStore } from '../stores.ts';
import { parseXml } from '../xml.ts';

const NOW = new Date('2026-12-01T08:00:00.000Z');
const REASON = 'Chad was counted twice';
const WITHDRAWAL = { reason: REASON, date: NOW.toISOString() };
const OPTIONS = { reason: REASON, now: NOW, publicUrl: null, announcer: null };

/** All files below a folder by path, without the store's own dotfiles. */
async function published(folder: string): Promise<Map<string, string>> {
  const files = [...(await readFilesBelow(folder))].map(
    ([path, body]) => [relative(folder, path), body.toString('base64')] as const,
  );
  return new Map(files.filter(([path]) => !path.startsWith('.')));
}

const readJson = async (folder: string, path: string) =>
  JSON.parse(await readFile(join(folder, path), 'utf8'));

test('withdrawing the current release makes the one before current, with unchanged files', async (t) => {
  const { folder, store, releases } = await publishDataset(t, 2);
  const [first, second] = releases as [string, string];
  const before = await published(folder);
  const pointer = await readJson(folder, 'latest.json');
  const files = (await readCurrent(store)).manifest?.files.length;
  const withdrawn = await withdrawRelease(store, second, OPTIONS);
  assert.deepEqual(withdrawn, {
    release: second,
    reason: REASON,
    date: NOW.toISOString(),
    already: false,
    removed: files,
    current: first,
    unfinished: [],
  });
  assert.deepEqual((await verifyRelease(store)).problems, []);
  const current = await readJson(folder, 'latest.json');
  assert.equal(current.release, first);
  assert.deepEqual(Object.keys(current), Object.keys(pointer));
  assert.deepEqual(await readJson(folder, `releases/${second}/withdrawn.json`), {
    reason: REASON,
    date: NOW.toISOString(),
  });
  const after = await published(folder);
  const remaining = [...after.keys()].filter((path) => path.startsWith(`releases/${second}/`));
  assert.deepEqual(
    remaining.map((path) => path.split('/').at(-1)),
    ['claim.json', 'manifest.json', 'withdrawn.json'],
  );
  const moved = new Set(['latest.json', 'releases.json', 'feed.xml', 'index.html']);
  for (const [path, body] of after) {
    if (moved.has(path) || path.endsWith('/withdrawn.json')) continue;
    assert.equal(body, before.get(path), path);
  }
  const gone = [...before.keys()].filter(
    (path) => !after.has(path) && !path.startsWith(`releases/${second}/`),
  );
  // Only the scripts with the withdrawn figures are removed with the release: the chart, and what had changed.
  assert.equal(gone.length, 2);
  assert.match(gone[0] ?? '', /^assets\/picture-TCD-/);
  assert.match(gone[1] ?? '', /^assets\/picture-since-/);
  const [newest, older] = await readReleases(store);
  assert.deepEqual(
    [newest?.status, newest?.withdrawn?.reason, older?.status],
    ['withdrawn', REASON, 'published'],
  );
  assert.equal(older?.withdrawn, undefined);
  assert.equal(older?.published_at, current.published_at);
  const feed = parseXml(await readFile(join(folder, 'feed.xml')));
  assert.match(JSON.stringify(feed), /\(withdrawn\).*Withdrawn on 2026-12-01: Chad was counted twice/);
});

test('withdrawing an older release does not move the pointer', async (t) => {
  const { folder, store, releases } = await publishDataset(t, 2);
  const pointer = await readFile(join(folder, 'latest.json'), 'utf8');
  const withdrawn = await withdrawRelease(store, releases[0] as string, OPTIONS);
  assert.equal(withdrawn?.current, releases[1]);
  assert.equal(await readFile(join(folder, 'latest.json'), 'utf8'), pointer);
  assert.deepEqual((await verifyRelease(store)).problems, []);
});

test('withdrawing the only release leaves no current one, and the next export has a new id', async (t) => {
  const { folder, store, releases, url } = await publishDataset(t, 1);
  const withdrawn = await withdrawRelease(store, releases[0] as string, OPTIONS);
  assert.equal(withdrawn?.current, null);
  const { release, manifest, manifest_sha256, rows } = await readJson(folder, 'latest.json');
  assert.deepEqual([release, manifest, manifest_sha256, rows], [null, null, null, {}]);
  assert.match((await verifyRelease(store)).problems.join(), /no release is published here/);
  const next = await exportInto({ folder, url, run: '2026-12-01T09-00-00Z', options: ONE_UNIT });
  assert.equal(next.outcome, 'published');
  assert.notEqual(next.release, releases[0]);
  assert.deepEqual((await verifyRelease(store)).problems, []);
  assert.deepEqual(
    (await readReleases(store)).map(({ release: id, status, supersedes }) => [id, status, supersedes]),
    [
      [next.release, 'published', null],
      [releases[0], 'withdrawn', null],
    ],
  );
});

test('a withdrawal that fails before or after any of its changes is finished by the next one', async (t) => {
  const whole = await publishDataset(t, 2);
  const second = whole.releases[1] as string;
  const done = await whole.copy();
  const counted = failingStore(done.store, Number.POSITIVE_INFINITY, 'before');
  await withdrawRelease(counted, second, OPTIONS);
  const expected = await published(done.folder);
  const last = counted.changes();
  assert.ok(last > 20, String(last));
  // The changes in the middle are all deletions, so they are not tested one by one.
  for (const at of [1, 2, 3, 4, 5, last - 1, last]) {
    for (const when of ['before', 'after'] as const) {
      const { folder, store } = await whole.copy();
      const failing = withdrawRelease(failingStore(store, at, when), second, OPTIONS);
      await assert.rejects(failing, /on purpose/, `${when} ${at}`);
      const problems = (await verifyRelease(store)).problems.filter(
        (one) => !one.startsWith('withdrawn.json:'),
      );
      assert.deepEqual(problems, [], `${when} ${at}`);
      const again = await withdrawRelease(store, second, { ...OPTIONS, reason: 'another' });
      const isDecided = at > 1 || when === 'after';
      assert.equal(again?.already, isDecided);
      if (isDecided) assert.deepEqual(await published(folder), expected, `${when} ${at}`);
      await rm(folder, { recursive: true });
    }
  }
});

test('withdrawing twice returns the first reason and date and changes nothing', async (t) => {
  const { folder, store, releases } = await publishDataset(t, 2);
  await withdrawRelease(store, releases[1] as string, OPTIONS);
  const before = await published(folder);
  const later = new Date('2027-01-01T00:00:00.000Z');
  const again = await withdrawRelease(store, releases[1] as string, { ...OPTIONS, reason: 'x', now: later });
  assert.deepEqual(again, {
    release: releases[1],
    reason: REASON,
    date: NOW.toISOString(),
    already: true,
    removed: 0,
    current: releases[0],
    unfinished: [],
  });
  assert.deepEqual(await published(folder), before);
});

test('a release that was never published cannot be withdrawn, and nothing is written', async (t) => {
  const { folder, store, releases } = await publishDataset(t, 1);
  const generator = { name: 'dtm-exporter', version: '0.0.0', reading: null };
  const claim = {
    run: '2026-12-01T05-00-00Z',
    created_at: NOW.toISOString(),
    supersedes: releases[0] as string,
    generator,
  };
  const { release } = await claimRelease(store, claim);
  const before = await published(folder);
  for (const unknown of [release, '2020-01-01.1'])
    assert.equal(await withdrawRelease(store, unknown, OPTIONS), null);
  assert.deepEqual(await published(folder), before);
  const empty = folderStore(join(await temporaryFolder(t), 'none'));
  assert.equal(await withdrawRelease(empty, '2020-01-01.1', OPTIONS), null);
});

test('a current release that a killed run did not list can be withdrawn', async (t) => {
  const { folder, store, releases } = await publishDataset(t, 1);
  await rm(join(folder, 'releases.json'));
  assert.equal((await withdrawRelease(store, releases[0] as string, OPTIONS))?.current, null);
  assert.deepEqual(
    (await readReleases(store)).map(({ release, status }) => [release, status]),
    [[releases[0], 'withdrawn']],
  );
});

test('a release that is published during a withdrawal stays current', async (t) => {
  const { folder, store, releases, url } = await publishDataset(t, 2);
  let newest: string | null = null;
  const racing = racingStore(store, 'latest.json', async () => {
    const options = { ...ONE_UNIT, reissue: true };
    newest = (await exportInto({ folder, url, run: '2026-12-01T07-00-00Z', options })).release;
  });
  const withdrawn = await withdrawRelease(racing, releases[1] as string, OPTIONS);
  assert.ok(newest);
  assert.equal(withdrawn?.current, newest);
  assert.equal((await readCurrent(store)).manifest?.release, newest);
  assert.deepEqual((await verifyRelease(store)).problems, []);
});

test('a run whose base release is withdrawn publishes on top of the remaining one', async (t) => {
  const { folder, store, releases, url } = await publishDataset(t, 2);
  const racing = racingStore(store, 'latest.json', () =>
    withdrawRelease(store, releases[1] as string, OPTIONS),
  );
  const options = { ...ONE_UNIT, reissue: true };
  const outcome = await exportInto({ folder, url, store: racing, run: '2026-12-01T07-00-00Z', options });
  assert.equal(outcome.outcome, 'published');
  const { manifest } = await readCurrent(store);
  assert.deepEqual([manifest?.release, manifest?.supersedes], [outcome.release, releases[0]]);
  assert.deepEqual((await verifyRelease(store)).problems, []);
});

test('withdrawn figures that a run writes once more during the withdrawal are removed by the next one', async (t) => {
  const { folder, store, url } = await publishDataset(t, 2);
  // The third release is withdrawn just before its run writes the chart of the country.
  let third = '';
  const put: typeof store.put = async (key, ...rest) => {
    if (key.startsWith('assets/picture-') && third === '') {
      third = (await readCurrent(store)).manifest?.release ?? '';
      await withdrawRelease(store, third, { ...OPTIONS, now: new Date() });
    }
    return store.put(key, ...rest);
  };
  const world = await simulator(t, { faults: ['changed@TCD', 'new-round@TCD'] });
  const run = '2026-12-01T07-00-00Z';
  await exportInto({ folder, url: world.url, store: { ...store, put }, run, options: ONE_UNIT });
  const pictures = async () =>
    (await store.list('assets/')).flatMap(({ key }) => (key.includes('picture-') ? [key] : []));
  const before = await pictures();
  await deleteOldPictures(store, { now: new Date(), edge: null });
  const page = await readFile(join(folder, 'index.html'), 'utf8');
  assert.ok(third !== '' && url !== world.url);
  assert.deepEqual([before.length, (await pictures()).filter((key) => !page.includes(key))], [4, []]);
});

test('two concurrent withdrawals of the two newest releases: the pointer ends at the third', async (t) => {
  const { store, releases } = await publishDataset(t, 3);
  const [first, second, third] = releases as [string, string, string];
  const racing = racingStore(store, 'latest.json', () => withdrawRelease(store, second, OPTIONS));
  assert.equal((await withdrawRelease(racing, third, OPTIONS))?.current, first);
  assert.equal((await readCurrent(store)).manifest?.release, first);
  assert.deepEqual((await verifyRelease(store)).problems, []);
});

test('the pointer leaves a release that was withdrawn just before the pointer moved to it', async (t) => {
  const { store, releases } = await publishDataset(t, 3);
  const [first, second, third] = releases as [string, string, string];
  // The other withdrawal is killed after its first step.
  const key = `releases/${second}/withdrawn.json`;
  const racing = racingStore(store, 'latest.json', () => store.put(key, jsonBytes(WITHDRAWAL), 'absent'));
  assert.equal((await withdrawRelease(racing, third, OPTIONS))?.current, first);
  assert.equal((await readCurrent(store)).manifest?.release, first);
});

test('verify reports a withdrawal that was killed before it moved the pointer', async (t) => {
  const { store, releases } = await publishDataset(t, 1);
  await store.put(`releases/${releases[0]}/withdrawn.json`, jsonBytes(WITHDRAWAL), 'absent');
  const problem = 'withdrawn.json: the release was withdrawn, and the pointer still names it';
  assert.deepEqual((await verifyRelease(store)).problems, [problem]);
});

test('the pointer skips a release that expires soon, is damaged or is being withdrawn', async (t) => {
  const { copy, releases } = await publishDataset(t, 3);
  const [first, second, third] = releases as [string, string, string];
  const damages: ((copy: { folder: string; store: ReturnType<typeof folderStore> }) => Promise<unknown>)[] = [
    ({ store }) =>
      updateReleaseEntry(store, second, (entry) => ({ ...entry, expires_at: '2026-12-01T08:30:00.000Z' })),
    ({ folder }) => writeFile(join(skipSchemaCheck(folder), `releases/${second}/manifest.json`), '{}'),
    ({ folder }) => writeFile(join(folder, `releases/${second}/withdrawn.json`), jsonBytes(WITHDRAWAL)),
  ];
  for (const applyDamage of damages) {
    const damaged = await copy();
    await applyDamage(damaged);
    assert.equal((await withdrawRelease(damaged.store, third, OPTIONS))?.current, first);
  }
  const later = await copy();
  await updateReleaseEntry(later.store, second, (entry) => ({
    ...entry,
    expires_at: '2026-12-08T08:00:00.000Z',
  }));
  assert.equal((await withdrawRelease(later.store, third, OPTIONS))?.current, second);
});
