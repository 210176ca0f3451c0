// Files that are made from the releases may be lost, damaged or half restored. Then no run publishes over them, an error
// says what to do, and `repair` rebuilds them.
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { readReleases } from '../../lib/catalogue/release-list.ts';
import { planRepair } from '../../lib/catalogue/repair/repair.ts';
import { withdrawRelease } from '../../lib/retire/withdraw.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import {
  exportInto,
  readFilesBelow,
  runInThisProcess,
  simulator,
  skipSchemaCheck,
  temporaryFolder,
} from '../setting.ts';

const PAIR = { levels: [0], countries: ['GRD', 'TCD'] } as const;
const runOf = (hour: number) => `2026-11-24T0${hour}-00-00Z`;

/** Publishes four releases and withdraws the third. */
async function publishScene(t: TestContext) {
  const world = await simulator(t);
  const folder = skipSchemaCheck(await temporaryFolder(t));
  const releases: string[] = [];
  for (let hour = 1; hour <= 4; hour++) {
    world.setFaults([`changed=${hour}@TCD`]);
    const { release } = await exportInto({ folder, url: world.url, run: runOf(hour), ...PAIR });
    releases.push(release as string);
    if (hour !== 3) continue;
    const options = { reason: 'wrong', now: new Date(), publicUrl: null, announcer: null };
    await withdrawRelease(folderStore(folder), release as string, options);
  }
  return { world, folder, store: folderStore(folder), releases, at: (path: string) => join(folder, path) };
}

const runRepair = async (folder: string, ...options: string[]) => {
  const { exit, stdout } = await runInThisProcess(['repair', folder, '--json', ...options]);
  return { exit, ...(JSON.parse(stdout) as { faults: { file: string; what: string }[] }) };
};

/** The files of a dataset, without runs and lock files. */
const readPublishedFiles = async (folder: string) =>
  new Map(
    [...(await readFilesBelow(folder))].filter(
      ([path]) => !/\/(runs|\.lock)/.test(path.slice(folder.length)),
    ),
  );

test('repair --apply finds and changes nothing in a sound prefix', async (t) => {
  const { folder } = await publishScene(t);
  const before = await readPublishedFiles(folder);
  assert.deepEqual(await runRepair(folder, '--apply'), { exit: 0, applied: true, faults: [], left: [] });
  assert.deepEqual(await readPublishedFiles(folder), before);
  const { exit, stdout } = await runInThisProcess(['verify', folder, '--all']);
  assert.deepEqual([exit, /^Release \S+ and all others are whole: 4 releases, /.test(stdout)], [0, true]);
});

/** Files that are made from the releases. A rebuilt one may differ: only the lost file knew some times. */
const REBUILT_FILES = ['latest.json', 'releases.json', 'status.json', 'feed.xml', 'index.html'];

for (const file of REBUILT_FILES) {
  for (const [how, damage] of [
    ['deleted', (path: string) => rm(path)],
    ['empty', (path: string) => writeFile(path, '')],
    ['truncated', async (path: string) => writeFile(path, (await readFile(path)).subarray(0, 40))],
  ] as const) {
    test(`${file} ${how}: reported by repair and rebuilt by repair --apply`, async (t) => {
      const { world, folder, store, releases, at } = await publishScene(t);
      const before = await readPublishedFiles(folder);
      await damage(at(file));
      const damaged = await readPublishedFiles(folder);
      const planned = await runRepair(folder);
      assert.deepEqual([planned.exit, planned.faults.map((fault) => fault.file).includes(file)], [1, true]);
      assert.deepEqual(await readPublishedFiles(folder), damaged, 'without --apply, repair changes nothing');
      const repaired = await runRepair(folder, '--apply');
      assert.equal(repaired.exit, 0, JSON.stringify(repaired));
      assert.deepEqual(await planRepair(store, { now: new Date(), publicUrl: null }), []);
      assert.equal((await readCurrent(store)).pointer?.release, releases.at(-1));
      const listed = (await readReleases(store)).map((entry) => [entry.release, entry.status]);
      assert.deepEqual(
        listed,
        releases.toReversed().map((release, index) => [release, index === 1 ? 'withdrawn' : 'published']),
      );
      const isSame = ([path, body]: [string, Buffer], other: Map<string, Buffer>) =>
        other.get(path)?.equals(body);
      const after = await readPublishedFiles(folder);
      const changed = [...before]
        .filter((file) => !isSame(file, after))
        .map(([path]) => path.slice(folder.length + 1));
      assert.ok(
        changed.every((path) => REBUILT_FILES.includes(path)),
        changed.join(),
      );
      const again = await exportInto({ folder, url: world.url, run: runOf(5), ...PAIR });
      assert.deepEqual([again.outcome, again.unfinished], ['unchanged', []]);
      const verified = await runInThisProcess(['verify', folder, '--all']);
      assert.equal(verified.exit, 0, verified.stderr);
    });
  }
}

test('export into a prefix with releases but no latest.json fails and names repair', async (t) => {
  const { world, folder, at } = await publishScene(t);
  for (const lost of [['latest.json'], ['latest.json', 'releases.json', 'status.json']]) {
    for (const file of lost) await rm(at(file), { force: true });
    const before = await readPublishedFiles(folder);
    const env = { DTMAPI_URL: world.url, DTMAPI_SUBSCRIPTION_KEY: 'sample-key' };
    const options = ['--to', folder, '--countries', 'TCD', '--levels', '0', '--json'];
    const { exit, stdout, stderr } = await runInThisProcess(['export', ...options], { env });
    assert.deepEqual([exit, JSON.parse(stdout).outcome], [1, 'failed']);
    assert.match(stderr, /latest\.json is damaged: it is missing, though .*repair DEST/);
    assert.deepEqual(await readPublishedFiles(folder), before);
  }
  for (const command of [['verify'], ['status'], ['download', '--to', `${folder}-copy`]])
    await writeFile(at('releases.json'), '{"releases":[]}').then(async () => {
      const [name = '', ...more] = command;
      const { exit, stderr } = await runInThisProcess([name, folder, ...more]);
      assert.notEqual(exit, 0, name);
      assert.match(stderr, /latest\.json is missing, though releases\.json is there/, name);
    });
});

test('after a first run that stopped before the pointer, the next run publishes', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const store = folderStore(folder);
  const put: typeof store.put = async (key, body, ...rest) => {
    if (key === 'latest.json') throw new Error('stopped');
    return store.put(key, body, ...rest);
  };
  const setting = { folder, url: world.url, ...PAIR };
  await assert.rejects(exportInto({ ...setting, run: runOf(1), store: { ...store, put } }), /stopped/);
  assert.equal((await exportInto({ ...setting, run: runOf(2) })).outcome, 'published');
});

test('a first release that another run publishes during the check is no damage', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const store = folderStore(folder);
  const setting = { folder, url: world.url, ...PAIR };
  let isFirst = true;
  const head: typeof store.head = async (key) => {
    const found = await store.head(key);
    if (key === 'latest.json' && isFirst) {
      isFirst = false;
      await exportInto({ ...setting, run: runOf(1) });
    }
    return found;
  };
  const { outcome } = await exportInto({ ...setting, run: runOf(2), store: { ...store, head } });
  assert.equal(outcome, 'unchanged');
});

test('a run rebuilds a missing releases.json, and publishes despite a damaged one', async (t) => {
  const { world, folder, store, releases, at } = await publishScene(t);
  const before = (await readReleases(store)).map(({ release, status }) => [release, status]);
  await rm(at('releases.json'));
  const unchanged = await exportInto({ folder, url: world.url, run: runOf(5), ...PAIR });
  assert.deepEqual([unchanged.outcome, unchanged.unfinished], ['unchanged', []]);
  assert.deepEqual(
    (await readReleases(store)).map(({ release, status }) => [release, status]),
    before,
  );
  await writeFile(at('releases.json'), '{"releases":');
  world.setFaults(['changed=7@TCD']);
  const next = await exportInto({ folder, url: world.url, run: runOf(6), ...PAIR });
  assert.equal(next.outcome, 'published');
  assert.match(next.unfinished.join('\n'), /^list: releases\.json is damaged: /);
  assert.equal((await runRepair(folder, '--apply')).exit, 0);
  assert.deepEqual(
    (await readReleases(store)).map(({ release }) => release),
    [next.release, ...releases.toReversed()],
  );
});

test('a run with a damaged status.json succeeds and names the damage', async (t) => {
  const { world, folder, at } = await publishScene(t);
  await writeFile(at('status.json'), '{"last_check":{}}');
  const { outcome, unfinished } = await exportInto({ folder, url: world.url, run: runOf(5), ...PAIR });
  assert.equal(outcome, 'unchanged');
  assert.match(unfinished.join('\n'), /^status: status\.json is damaged: /);
  const { exit, stderr } = await runInThisProcess(['status', folder]);
  assert.equal(exit, 1);
  assert.match(
    stderr,
    /status\.json is damaged: .*`dtm-exporter repair DEST` says what is wrong and mends it/,
  );
});

test('repair reports damaged releases and moves the pointer to the newest complete one', async (t) => {
  const { folder, store, releases, at } = await publishScene(t);
  const [oldest, second] = releases as [string, string];
  await rm(at(`releases/${releases.at(-1)}/csv/admin0.csv.gz`));
  await rm(at('latest.json'));
  await writeFile(at(`releases/${oldest}/tables/admin0/admin0.parquet`), 'other bytes');
  const { exit, faults } = await runRepair(folder, '--apply');
  assert.equal(exit, 1);
  const words = faults.map(({ file, what }) => `${file}: ${what}`).join('\n');
  assert.match(
    words,
    new RegExp(`releases/${releases.at(-1)}/manifest.json: 1 of \\d+ files are missing or cut`),
  );
  assert.match(words, new RegExp(`releases/${oldest}/manifest.json: 1 of \\d+ files`));
  assert.equal((await readCurrent(store)).pointer?.release, second);
  const verified = await runInThisProcess(['verify', folder, '--all']);
  assert.equal(verified.exit, 1);
  assert.match(
    verified.stderr,
    new RegExp(`releases/${oldest}/tables/admin0/admin0.parquet: expected \\d+ bytes`),
  );
});

test('repair --apply rebuilds a page whose scripts are missing', async (t) => {
  const { folder, at } = await publishScene(t);
  await rm(at('assets'), { recursive: true });
  const { exit, faults } = await runRepair(folder, '--apply');
  assert.equal(exit, 0);
  assert.ok(faults.every(({ file, what }) => file === 'index.html' && /assets\/.* is missing/.test(what)));
  assert.equal((await runRepair(folder)).exit, 0);
});

test('repair finds and changes nothing in a partial download', async (t) => {
  const { folder } = await publishScene(t);
  const copy = await temporaryFolder(t);
  const part = await runInThisProcess(['download', folder, '--to', copy, '--formats', 'csv', '--quiet']);
  assert.equal(part.exit, 0, part.stderr);
  assert.deepEqual(await runRepair(copy, '--apply'), { exit: 0, applied: true, faults: [], left: [] });
});
