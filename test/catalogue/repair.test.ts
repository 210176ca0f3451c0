// What is made from the releases can be lost, damaged or half restored: nothing is published over it, a run says what to
// do, and `repair` makes it again.
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

/** Four releases, of which the third was withdrawn. */
async function scene(t: TestContext) {
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

const repairing = async (folder: string, ...more: string[]) => {
  const ran = await runInThisProcess(['repair', folder, '--json', ...more]);
  return { exit: ran.exit, ...(JSON.parse(ran.stdout) as { faults: { file: string; what: string }[] }) };
};

const published = async (folder: string) =>
  new Map(
    [...(await readFilesBelow(folder))].filter(
      ([path]) => !/\/(runs|\.lock)/.test(path.slice(folder.length)),
    ),
  );

test('nothing is wrong with a sound prefix, and nothing is changed', async (t) => {
  const { folder } = await scene(t);
  const before = await published(folder);
  assert.deepEqual(await repairing(folder, '--apply'), { exit: 0, applied: true, faults: [], left: [] });
  assert.deepEqual(await published(folder), before);
  const { exit, stdout } = await runInThisProcess(['verify', folder, '--all']);
  assert.deepEqual([exit, /^Release \S+ and all others are whole: 4 releases, /.test(stdout)], [0, true]);
});

/** What is made from the releases, and what may differ once it is made again: times that only it knew. */
const MADE = ['latest.json', 'releases.json', 'status.json', 'feed.xml', 'index.html'];

for (const file of MADE) {
  for (const [how, spoil] of [
    ['deleted', (path: string) => rm(path)],
    ['empty', (path: string) => writeFile(path, '')],
    ['cut', async (path: string) => writeFile(path, (await readFile(path)).subarray(0, 40))],
  ] as const) {
    test(`${file} ${how}: said, mended with --apply, and the next run finds nothing new`, async (t) => {
      const { world, folder, store, releases, at } = await scene(t);
      const before = await published(folder);
      await spoil(at(file));
      const spoilt = await published(folder);
      const planned = await repairing(folder);
      assert.deepEqual([planned.exit, planned.faults.map((fault) => fault.file).includes(file)], [1, true]);
      assert.deepEqual(await published(folder), spoilt, 'a plan changes nothing');
      const mended = await repairing(folder, '--apply');
      assert.equal(mended.exit, 0, JSON.stringify(mended));
      assert.deepEqual(await planRepair(store, { now: new Date(), publicUrl: null }), []);
      assert.equal((await readCurrent(store)).pointer?.release, releases.at(-1));
      const listed = (await readReleases(store)).map((entry) => [entry.release, entry.status]);
      assert.deepEqual(
        listed,
        releases.toReversed().map((release, index) => [release, index === 1 ? 'withdrawn' : 'published']),
      );
      const isSame = ([path, body]: [string, Buffer], other: Map<string, Buffer>) =>
        other.get(path)?.equals(body);
      const after = await published(folder);
      const changed = [...before]
        .filter((one) => !isSame(one, after))
        .map(([path]) => path.slice(folder.length + 1));
      assert.ok(
        changed.every((path) => MADE.includes(path)),
        changed.join(),
      );
      const again = await exportInto({ folder, url: world.url, run: runOf(5), ...PAIR });
      assert.deepEqual([again.outcome, again.unfinished], ['unchanged', []]);
      const verified = await runInThisProcess(['verify', folder, '--all']);
      assert.equal(verified.exit, 0, verified.stderr);
    });
  }
}

test('a missing pointer over releases is damage: a run over one country is refused, and says what to do', async (t) => {
  const { world, folder, at } = await scene(t);
  for (const lost of [['latest.json'], ['latest.json', 'releases.json', 'status.json']]) {
    for (const file of lost) await rm(at(file), { force: true });
    const before = await published(folder);
    const env = { DTMAPI_URL: world.url, DTMAPI_SUBSCRIPTION_KEY: 'sample-key' };
    const options = ['--to', folder, '--countries', 'TCD', '--levels', '0', '--json'];
    const { exit, stdout, stderr } = await runInThisProcess(['export', ...options], { env });
    assert.deepEqual([exit, JSON.parse(stdout).outcome], [1, 'failed']);
    assert.match(stderr, /latest\.json is damaged: it is missing, though .*repair DEST/);
    assert.deepEqual(await published(folder), before);
  }
  for (const command of [['verify'], ['status'], ['download', '--to', `${folder}-copy`]])
    await writeFile(at('releases.json'), '{"releases":[]}').then(async () => {
      const [name = '', ...more] = command;
      const { exit, stderr } = await runInThisProcess([name, folder, ...more]);
      assert.notEqual(exit, 0, name);
      assert.match(stderr, /latest\.json is missing, though releases\.json is there/, name);
    });
});

test('a first run that was stopped before its pointer is no damage: another one may publish', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const store = folderStore(folder);
  const put: typeof store.put = async (key, body, expect) => {
    if (key === 'latest.json') throw new Error('stopped');
    return store.put(key, body, expect);
  };
  const setting = { folder, url: world.url, ...PAIR };
  await assert.rejects(exportInto({ ...setting, run: runOf(1), store: { ...store, put } }), /stopped/);
  assert.equal((await exportInto({ ...setting, run: runOf(2) })).outcome, 'published');
});

test('another first release, published between two looks at the prefix, is no damage', async (t) => {
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

test('a list that is missing is made again by the next run, one that is damaged is named and stops nothing', async (t) => {
  const { world, folder, store, releases, at } = await scene(t);
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
  assert.equal((await repairing(folder, '--apply')).exit, 0);
  assert.deepEqual(
    (await readReleases(store)).map(({ release }) => release),
    [next.release, ...releases.toReversed()],
  );
});

test('a status that is damaged stops nothing, and the run says so', async (t) => {
  const { world, folder, at } = await scene(t);
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

test('what is wrong with a release is said, and nothing is made of it: the pointer goes to the newest whole one', async (t) => {
  const { folder, store, releases, at } = await scene(t);
  const [oldest, second] = releases as [string, string];
  await rm(at(`releases/${releases.at(-1)}/csv/admin0.csv.gz`));
  await rm(at('latest.json'));
  await writeFile(at(`releases/${oldest}/tables/admin0/admin0.parquet`), 'other bytes');
  const { exit, faults } = await repairing(folder, '--apply');
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

test('a page whose scripts are gone is made again with them', async (t) => {
  const { folder, at } = await scene(t);
  await rm(at('assets'), { recursive: true });
  const { exit, faults } = await repairing(folder, '--apply');
  assert.equal(exit, 0);
  assert.ok(faults.every(({ file, what }) => file === 'index.html' && /assets\/.* is missing/.test(what)));
  assert.equal((await repairing(folder)).exit, 0);
});

test('of a downloaded part nothing is made, and nothing is wrong with it', async (t) => {
  const { folder } = await scene(t);
  const copy = await temporaryFolder(t);
  const part = await runInThisProcess(['download', folder, '--to', copy, '--formats', 'csv', '--quiet']);
  assert.equal(part.exit, 0, part.stderr);
  assert.deepEqual(await repairing(copy, '--apply'), { exit: 0, applied: true, faults: [], left: [] });
});
