// A folder of downloaded releases: the next download repairs damaged files, and `prune` never treats a downloaded release
// as an orphan.
import assert from 'node:assert/strict';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readReleases } from '../../lib/catalogue/release-list.ts';
import { downloadRelease } from '../../lib/read/download.ts';
import { type PruneOptions, planPrune, prune } from '../../lib/retire/prune.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { readFilesBelow, temporaryFolder } from '../setting.ts';
import { DOWNLOAD_ALL, hashFiles, publishDataset } from '../stores.ts';

/** Years from now, when every orphan is old enough to be removed. */
const LATER: PruneOptions & { publicUrl: null } = {
  ...{ keepNewest: 100, keepMonthly: 'all', notice: 0, keepRuns: 0, publicUrl: null },
  now: new Date(Date.now() + 1000 * 24 * 60 * 60 * 1000),
};

const createTarget = async (t: TestContext) => {
  const folder = await temporaryFolder(t);
  return { folder, target: folderStore(folder) };
};

/** Damages of a file, for example by a power loss. */
const DAMAGES: [string, (path: string) => Promise<void>][] = [
  ['empty', (path) => truncate(path, 0)],
  ['truncated', async (path) => truncate(path, (await readFile(path)).length - 2)],
  ['filled with zeros', async (path) => writeFile(path, Buffer.alloc((await readFile(path)).length))],
  ['missing', (path) => rm(path)],
];

for (const [damage, apply] of DAMAGES) {
  test(`a copy with some or all files ${damage} is complete after another download`, async (t) => {
    const { store, releases } = await publishDataset(t, 1);
    const { folder, target } = await createTarget(t);
    await downloadRelease(store, target, DOWNLOAD_ALL);
    const whole = await hashFiles(folder);
    const release = `releases/${releases[0]}`;
    const records = ['latest.json', 'releases.json', `${release}/manifest.json`, `${release}/claim.json`];
    for (const damaged of [...records.map((path) => [path]), [`${release}/schema.json`], [...whole.keys()]]) {
      for (const path of damaged) await apply(join(folder, path));
      const again = await downloadRelease(store, target, DOWNLOAD_ALL);
      assert.deepEqual(again.problems, []);
      assert.deepEqual(await hashFiles(folder), whole, damaged.join());
    }
  });
}

test('a local manifest of the same release with other bytes is written again', async (t) => {
  const { store, releases } = await publishDataset(t, 1);
  const { folder, target } = await createTarget(t);
  await downloadRelease(store, target, DOWNLOAD_ALL);
  const whole = await hashFiles(folder);
  const path = join(folder, 'releases', releases[0] as string, 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8'));
  for (const change of [{ licence: 'another' }, { run: '2020-01-01T00-00-00Z' }]) {
    await writeFile(path, JSON.stringify({ ...manifest, ...change }));
    await downloadRelease(store, target, DOWNLOAD_ALL);
    assert.deepEqual(await hashFiles(folder), whole);
  }
});

test('a copy lists whole downloads, and prune removes neither them nor partial downloads', async (t) => {
  const { store, releases } = await publishDataset(t, 3);
  const [first, second, third] = releases as [string, string, string];
  const { folder, target } = await createTarget(t);
  await downloadRelease(store, target, { ...DOWNLOAD_ALL, release: second, formats: ['csv'] });
  await downloadRelease(store, target, { ...DOWNLOAD_ALL, release: first });
  await downloadRelease(store, target, DOWNLOAD_ALL);
  const listed = await readReleases(target);
  assert.deepEqual(
    listed.map(({ release, status, expires_at }) => [release, status, expires_at]),
    [third, first].map((release) => [release, 'published', null]),
  );
  const published = await readReleases(store);
  assert.deepEqual(listed, [published[0], published[2]]);
  const before = [...(await readFilesBelow(join(folder, 'releases'))).keys()];
  assert.deepEqual((await planPrune(target, LATER)).unpublished, []);
  await prune(target, LATER);
  assert.deepEqual([...(await readFilesBelow(join(folder, 'releases'))).keys()], before);
  assert.deepEqual((await verifyRelease(target)).problems, []);
});

test('a copy without a readable list: prune removes nothing, and the next download lists it', async (t) => {
  const { store, releases } = await publishDataset(t, 3);
  const [first, second, third] = releases as [string, string, string];
  const { folder, target } = await createTarget(t);
  for (const release of [third, first]) await downloadRelease(store, target, { ...DOWNLOAD_ALL, release });
  for (const list of ['', '{"releases": [']) {
    if (list === '') await rm(join(folder, 'releases.json'));
    else await writeFile(join(folder, 'releases.json'), list);
    if (list === '') assert.deepEqual((await planPrune(target, LATER)).unpublished, []);
    await downloadRelease(store, target, { ...DOWNLOAD_ALL, release: second });
    const listed = await readReleases(target);
    assert.deepEqual(
      listed.map(({ release }) => release),
      [third, second, first],
    );
    assert.deepEqual((await planPrune(target, LATER)).unpublished, []);
  }
});
