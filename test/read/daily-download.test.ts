// A download into a folder with an earlier one fetches only what the earlier one does not have.
import assert from 'node:assert/strict';
import { appendFile, copyFile, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type DownloadProgress, downloadRelease } from '../../lib/read/download.ts';
import { serveDataset } from '../../lib/read/serve.ts';
import { jsonBytes } from '../../lib/release/digest.ts';
import type { Manifest } from '../../lib/release/manifest.ts';
import { prune } from '../../lib/retire/prune.ts';
import { withdrawRelease } from '../../lib/retire/withdraw.ts';
import { type FolderOptions, folderStore } from '../../lib/store/folder/folder-store.ts';
import { type Store, StoreError } from '../../lib/store/store.ts';
import { webStore } from '../../lib/store/web/web-store.ts';
import { verifyAll, verifyRelease } from '../../lib/verify/verify.ts';
import { assertSame } from '../assert-same.ts';
import { exportInto, simulator, skipSchemaCheck, temporaryFolder } from '../setting.ts';
import { type Dataset, DOWNLOAD_ALL, emptyManifest, hashFiles, publishDataset } from '../stores.ts';

const createTarget = async (t: TestContext, options: FolderOptions = {}) => {
  const folder = await temporaryFolder(t);
  return { folder, target: folderStore(folder, options) };
};

const readManifestOf = async (folder: string, release: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(folder, 'releases', release, 'manifest.json'), 'utf8'));

/** SHA-256 of the files of one release, by path below it. */
const hashRelease = async (folder: string, release: string): Promise<Map<string, string>> => {
  const prefix = `releases/${release}/`;
  const files = [...(await hashFiles(folder))].filter(([path]) => path.startsWith(prefix));
  return new Map(files.map(([path, hash]) => [path.slice(prefix.length), hash]));
};

/** The inode of a file of a release. */
const inodeOf = async (folder: string, release: string, path: string): Promise<number> =>
  (await stat(join(folder, 'releases', release, path))).ino;

/** Publishes two releases of one unit, and downloads the first. Names the files that both have with equal bytes. */
async function downloadFirst(t: TestContext, options: FolderOptions = {}) {
  const dataset = await publishDataset(t, 2);
  const [first, second] = dataset.releases as [string, string];
  const copy = await createTarget(t, options);
  await downloadRelease(dataset.store, copy.target, { ...DOWNLOAD_ALL, release: first });
  const older = await hashRelease(dataset.folder, first);
  const { files } = await readManifestOf(dataset.folder, second);
  const same = files.map(({ path }) => path).filter((path) => older.get(path) === hashOf(files, path));
  assert.ok(same.length > 5 && same.length < files.length);
  return { ...dataset, ...copy, first, second, same, files };
}

const hashOf = (files: Manifest['files'], path: string) => files.find((file) => file.path === path)?.sha256;

/** Records the paths below the release that a download reads from its source. */
function recordingStore({ store }: Pick<Dataset, 'store'>): { source: Store; asked: Set<string> } {
  const asked = new Set<string>();
  const get: Store['get'] = (key, range) => {
    asked.add(key.replace(/^releases\/[^/]+\//, ''));
    return store.get(key, range);
  };
  return { source: { ...store, get }, asked };
}

test('on a day with one changed country its files, whole tables and texts are requested', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const first = await exportInto({ folder, url: world.url, run: '2026-11-24T05-00-00Z' });
  const { source, asked } = recordingStore({ store: folderStore(folder) });
  const server = await serveDataset(source, { port: 0 });
  t.after(() => server.close());
  const daily = await createTarget(t);
  const whole = await downloadRelease(webStore(server.url), daily.target, DOWNLOAD_ALL);
  assert.deepEqual([whole.release, whole.fetched, whole.reused], [first.release, whole.files, 0]);

  world.setFaults(['changed@TCD']);
  const { release } = await exportInto({ folder, url: world.url, run: '2026-11-25T05-00-00Z' });
  assert.ok(release && release !== first.release);
  asked.clear();
  const seen: DownloadProgress[] = [];
  const onProgress = (progress: DownloadProgress) => void seen.push(progress);
  const next = await downloadRelease(webStore(server.url), daily.target, { ...DOWNLOAD_ALL, onProgress });
  const { files } = await readManifestOf(folder, release);
  const older = new Set(
    (await readManifestOf(folder, first.release as string)).files.map(({ sha256 }) => sha256),
  );
  const isNew = files.filter(({ sha256 }) => !older.has(sha256));
  assert.deepEqual(
    [...asked].sort(),
    ['latest.json', 'manifest.json', ...isNew.map(({ path }) => path)].sort(),
  );
  for (const { path, country } of files) {
    if (country !== null && country !== 'TCD') assert.ok(!asked.has(path), path);
    if (country === 'TCD') assert.ok(asked.has(path), path);
  }
  assert.ok(asked.has('tables/admin2/admin2.parquet') && asked.has('SHA256SUMS'));
  assert.deepEqual(
    [next.files, next.fetched, next.reused],
    [files.length, isNew.length, files.length - isNew.length],
  );
  const countOf = (origin: string) => seen.filter((progress) => progress.origin === origin).length;
  assert.deepEqual([countOf('fetched'), countOf('reused'), countOf('there')], [next.fetched, next.reused, 0]);

  const fresh = await createTarget(t);
  await downloadRelease(folderStore(folder), fresh.target, DOWNLOAD_ALL);
  assert.deepEqual(await hashRelease(daily.folder, release), await hashRelease(fresh.folder, release));
  for (const path of ['latest.json', `releases/${release}/claim.json`])
    assertSame(await readFile(join(daily.folder, path)), await readFile(join(fresh.folder, path)));
  assert.deepEqual((await verifyRelease(daily.target)).problems, []);
  asked.clear();
  const again = await downloadRelease(webStore(server.url), daily.target, DOWNLOAD_ALL);
  assert.deepEqual([again.fetched, again.reused], [0, 0]);
  assert.deepEqual([...asked].sort(), ['latest.json', 'manifest.json']);
});

test('a file from an earlier download is a hard link, which the end of either release leaves', async (t) => {
  const { folder, target, store, first, second, same } = await downloadFirst(t);
  const { reused } = await downloadRelease(store, target, DOWNLOAD_ALL);
  assert.equal(reused, same.length);
  for (const path of same)
    assert.equal(await inodeOf(folder, second, path), await inodeOf(folder, first, path), path);
  const whole = await hashRelease(folder, second);
  const now = DOWNLOAD_ALL.now;
  await prune(target, { keepNewest: 1, keepMonthly: 0, keepRuns: 0, notice: 0, now, publicUrl: null });
  assert.equal(await target.head(`releases/${first}/schema.json`), null);
  assert.deepEqual(await hashRelease(folder, second), whole);
  assert.deepEqual((await verifyRelease(target)).problems, []);
  await downloadRelease(store, target, { ...DOWNLOAD_ALL, release: first });
  await withdrawRelease(target, second, { reason: 'counted twice', now, publicUrl: null, announcer: null });
  assert.equal(await target.head(`releases/${second}/schema.json`), null);
  assert.deepEqual(await hashRelease(folder, first), await hashRelease(store.location, first));
});

test('in a folder without hard links, files of an earlier download are copied', async (t) => {
  const link = () => Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM' }));
  const { folder, target, store, first, second, same } = await downloadFirst(t, { link });
  const { source, asked } = recordingStore({ store });
  assert.equal((await downloadRelease(source, target, DOWNLOAD_ALL)).reused, same.length);
  for (const path of same) {
    assert.ok(!asked.has(path));
    assert.notEqual(await inodeOf(folder, second, path), await inodeOf(folder, first, path), path);
  }
  assert.deepEqual(await hashRelease(folder, second), await hashRelease(store.location, second));
});

test('a file that is damaged in the earlier download is fetched', async (t) => {
  const { folder, target, store, first, second, same } = await downloadFirst(t);
  skipSchemaCheck(folder);
  const at = (path: string) => join(folder, 'releases', first, path);
  const damages: ((path: string) => Promise<unknown>)[] = [
    async (path) => writeFile(path, (await readFile(path)).fill(0)),
    (path) => appendFile(path, 'x'),
    (path) => writeFile(path, ''),
    (path) => rm(path),
    async (path) => {
      await rename(path, join(folder, '..', `${first}-moved`));
      await symlink(join(folder, '..', `${first}-moved`), path);
    },
  ];
  t.after(() => rm(join(folder, '..', `${first}-moved`), { force: true }));
  const damaged = same.slice(0, damages.length);
  for (const [index, damage] of damages.entries()) await damage(at(damaged[index] as string));
  const { source, asked } = recordingStore({ store });
  const { reused, problems } = await downloadRelease(source, target, DOWNLOAD_ALL);
  assert.deepEqual([reused, problems], [same.length - damaged.length, []]);
  for (const path of damaged) assert.ok(asked.has(path), path);
  assert.deepEqual(await hashRelease(folder, second), await hashRelease(store.location, second));
});

test('a file that is damaged in one earlier download is taken from an older one, within 30 releases', async (t) => {
  const link = () => Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM' }));
  const { store, releases } = await publishDataset(t, 3);
  const [first, second, third] = releases as [string, string, string];
  const { folder, target } = await createTarget(t, { link });
  skipSchemaCheck(folder);
  for (const release of [first, second]) await downloadRelease(store, target, { ...DOWNLOAD_ALL, release });
  await writeFile(join(folder, 'releases', second, 'schema.json'), '{}');
  const { source, asked } = recordingStore({ store });
  const { reused } = await downloadRelease(source, target, DOWNLOAD_ALL);
  assert.ok(reused > 0 && !asked.has('schema.json'));
  for (let counter = 1; counter <= 30; counter++) {
    const manifest = emptyManifest(`2030-01-01.${counter}`, null);
    await target.put(`releases/${manifest.release}/manifest.json`, jsonBytes(manifest), 'absent');
  }
  await rm(join(folder, 'releases', third), { recursive: true });
  assert.equal((await downloadRelease(source, target, DOWNLOAD_ALL)).reused, 0);
});

test('an edit in place changes both releases, verify finds it in both, and a download repairs it', async (t) => {
  const { folder, target, store, first, second } = await downloadFirst(t);
  skipSchemaCheck(folder);
  await downloadRelease(store, target, DOWNLOAD_ALL);
  await appendFile(join(folder, 'releases', first, 'schema.json'), ' ');
  const damagedReleases = async (): Promise<string[]> => {
    const { problems } = await verifyAll(target, DOWNLOAD_ALL.now);
    const damaged = problems.filter((problem) => problem.includes('schema.json'));
    return damaged.map((problem) => (problem.includes(first) ? first : second));
  };
  assert.deepEqual(await damagedReleases(), [second, first]);
  const again = await downloadRelease(store, target, DOWNLOAD_ALL);
  assert.deepEqual([again.fetched, again.reused], [1, 0]);
  assert.deepEqual(await damagedReleases(), [first]);
  const repaired = await downloadRelease(store, target, { ...DOWNLOAD_ALL, release: first });
  assert.deepEqual([repaired.fetched, repaired.reused], [0, 1]);
  assert.deepEqual(await damagedReleases(), []);
});

test('of a partial download only the files that are there are taken', async (t) => {
  const { store, releases } = await publishDataset(t, 2);
  const [first] = releases as [string];
  const { folder, target } = await createTarget(t);
  const part = { release: first, tables: ['countries'], formats: ['csv'] };
  await downloadRelease(store, target, { ...DOWNLOAD_ALL, ...part });
  const { source, asked } = recordingStore({ store });
  const { reused, release } = await downloadRelease(source, target, DOWNLOAD_ALL);
  assert.ok(reused > 1);
  assert.ok(!asked.has('csv/countries.csv.gz') && asked.has('tables/countries/countries.parquet'));
  assert.deepEqual(await hashRelease(folder, release), await hashRelease(store.location, release));
});

test('a damaged, foreign or hostile manifest of another release is ignored', async (t) => {
  const { folder, target, store, first, second } = await downloadFirst(t);
  skipSchemaCheck(folder);
  const path = join(folder, 'releases', first, 'manifest.json');
  const manifest = await readManifestOf(folder, first);
  await copyFile(join(folder, 'releases', first, 'schema.json'), join(folder, 'outside.json'));
  const file = manifest.files.find(({ path }) => path === 'schema.json');
  for (const body of [
    '{',
    JSON.stringify({ ...manifest, release: '2020-01-01.1' }),
    JSON.stringify({ ...manifest, files: [{ ...file, path: '../../outside.json' }] }),
  ]) {
    await writeFile(path, body);
    await rm(join(folder, 'releases', second), { recursive: true, force: true });
    await rm(join(folder, 'latest.json'));
    const downloaded = await downloadRelease(store, target, DOWNLOAD_ALL);
    assert.deepEqual([downloaded.reused, downloaded.fetched], [0, downloaded.files]);
  }
});

test('a file of an earlier download that cannot be read is fetched', async (t) => {
  const { folder, target, store, first, second, same, files } = await downloadFirst(t);
  const get: Store['get'] = (key, range) =>
    key === `releases/${first}/schema.json`
      ? Promise.reject(new StoreError(key, 'permission denied'))
      : target.get(key, range);
  const { fetched, reused } = await downloadRelease(store, { ...target, get }, DOWNLOAD_ALL);
  assert.deepEqual([fetched, reused], [files.length - same.length + 1, same.length - 1]);
  assert.deepEqual(await hashRelease(folder, second), await hashRelease(store.location, second));
});
