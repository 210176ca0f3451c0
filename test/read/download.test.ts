// A downloaded file has exactly the published bytes, or it does not get its name.
import assert from 'node:assert/strict';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pointerTo } from '../../lib/catalogue/pointer.ts';
import { type DownloadOptions, downloadRelease } from '../../lib/read/download.ts';
import { serveDataset } from '../../lib/read/serve.ts';
import { jsonBytes } from '../../lib/release/digest.ts';
import type { Manifest, ManifestFile } from '../../lib/release/manifest.ts';
import { claimOf } from '../../lib/release/manifest.ts';
import { prune } from '../../lib/retire/prune.ts';
import { withdrawRelease } from '../../lib/retire/withdraw.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import type { Store } from '../../lib/store/store.ts';
import { webStore } from '../../lib/store/web/web-store.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { exportInto, readFilesBelow, simulator, skipSchemaCheck, temporaryFolder } from '../setting.ts';
import { DOWNLOAD_ALL, emptyManifest, failingStore, hashFiles, publishDataset } from '../stores.ts';

/** Publishes two countries at three levels and serves them over HTTP. `asked` records every request. */
async function publishAndServe(t: TestContext) {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  const { release } = await exportInto({ folder, url, countries: ['AFG', 'TCD'] });
  const server = await serveDataset(folderStore(folder), { port: 0 });
  t.after(() => server.close());
  const web = webStore(server.url);
  const asked: string[] = [];
  const source: Store = {
    ...web,
    get: (key, range) => {
      asked.push(key);
      return web.get(key, range);
    },
  };
  return { folder, release: release as string, source, asked, url: server.url };
}

const createTarget = async (t: TestContext) => {
  const folder = await temporaryFolder(t);
  return { folder, target: folderStore(folder) };
};

test('a download over HTTP is byte-identical, verifies, and can be downloaded again', async (t) => {
  const { folder, release, source } = await publishAndServe(t);
  const copy = await createTarget(t);
  const seen: string[] = [];
  const onProgress = ({ path, done, files }: { path: string; done: number; files: number }) => {
    seen.push(path);
    assert.ok(done === seen.length && done <= files);
  };
  const downloaded = await downloadRelease(source, copy.target, { ...DOWNLOAD_ALL, onProgress });
  const { files, fetched } = downloaded;
  assert.deepEqual([downloaded.release, downloaded.whole, downloaded.problems], [release, true, []]);
  assert.deepEqual([files, fetched, new Set(seen).size], [fetched, seen.length, files]);
  const published = [...(await hashFiles(folder))].filter(([path]) =>
    /^releases\/|^latest\.json$/.test(path),
  );
  const copied = [...(await hashFiles(copy.folder))].filter(([path]) => path !== 'releases.json');
  assert.deepEqual(copied.sort(), published.sort());
  const result = await verifyRelease(copy.target);
  assert.deepEqual([result.release, result.problems, result.unlistable], [release, [], null]);
  const second = await createTarget(t);
  await downloadRelease(copy.target, second.target, DOWNLOAD_ALL);
  assert.deepEqual(await hashFiles(second.folder), await hashFiles(copy.folder));
});

test('only missing and damaged files are fetched again', async (t) => {
  const { release, source, asked } = await publishAndServe(t);
  const { folder, target } = await createTarget(t);
  const first = await downloadRelease(source, target, DOWNLOAD_ALL);
  const root = join(folder, 'releases', release);
  const damaged = join(root, 'tables/admin1/admin1.parquet');
  const body = await readFile(damaged);
  body[9] = (body[9] as number) ^ 1;
  await writeFile(damaged, body);
  await rm(join(root, 'csv/admin0.csv.gz'));
  await writeFile(join(root, 'schema.json'), '{');
  asked.length = 0;
  const again = await downloadRelease(source, target, DOWNLOAD_ALL);
  assert.deepEqual([again.files, again.fetched], [first.files, 3]);
  const data = asked
    .filter((key) => !/(latest|manifest)\.json$/.test(key))
    .map((key) => key.split(`${release}/`)[1]);
  assert.deepEqual(data.sort(), ['csv/admin0.csv.gz', 'schema.json', 'tables/admin1/admin1.parquet']);
  assert.deepEqual((await verifyRelease(target)).problems, []);
});

test('a download that fails before or after any of its writes is finished by the next one', async (t) => {
  const { store } = await publishDataset(t, 1);
  const counted = failingStore((await createTarget(t)).target, Number.POSITIVE_INFINITY, 'before');
  const whole = await downloadRelease(store, counted, DOWNLOAD_ALL);
  const writes = counted.changes();
  // Manifest, list, claim and pointer.
  assert.equal(writes, whole.files + 4);
  for (const at of [1, 2, 10, writes - 4, writes - 3, writes - 2, writes - 1, writes]) {
    for (const when of ['before', 'after'] as const) {
      const { target } = await createTarget(t);
      await assert.rejects(
        downloadRelease(store, failingStore(target, at, when), { ...DOWNLOAD_ALL, concurrency: 1 }),
        /on purpose/,
      );
      const isPointed = (await target.head('latest.json')) !== null;
      assert.equal(isPointed, at === writes && when === 'after');
      const again = await downloadRelease(store, target, DOWNLOAD_ALL);
      const kept = Math.min(whole.files, when === 'after' ? at : at - 1);
      assert.equal(again.fetched, whole.files - kept, `${when} ${at}`);
      assert.deepEqual((await verifyRelease(target)).problems, []);
    }
  }
});

test('a partial download has the selected files, all texts, and no pointer', async (t) => {
  const { folder, release, source } = await publishAndServe(t);
  const manifest: Manifest = JSON.parse(
    await readFile(join(folder, 'releases', release, 'manifest.json'), 'utf8'),
  );
  const data = manifest.files.filter(({ table, country }) => table !== null || country !== null);
  const texts = manifest.files.length - data.length;
  assert.ok(texts >= 5);
  const cases: [Partial<DownloadOptions>, (file: ManifestFile) => boolean, number][] = [
    [{ tables: ['admin1', 'snapshots'] }, ({ table }) => table === 'admin1' || table === 'snapshots', 9],
    [{ countries: ['TCD'] }, ({ country }) => country === 'TCD', 7],
    [{ formats: ['csv'] }, ({ format }) => format === 'csv', 12],
    [{ formats: ['xlsx'] }, ({ path }) => path.startsWith('xlsx/'), 3],
    [{ tables: ['snapshots'], formats: ['xlsx'] }, ({ path }) => path === 'xlsx/snapshots.xlsx', 1],
    [{ formats: ['xlsx'], countries: ['AFG'] }, ({ path }) => path === 'xlsx/AFG.xlsx', 1],
    [
      { tables: ['admin2'], countries: ['AFG'], formats: ['parquet'] },
      ({ path }) => path.includes('parquet/admin2/country=AFG'),
      1,
    ],
  ];
  for (const [part, isWanted, count] of cases) {
    const copy = await createTarget(t);
    const downloaded = await downloadRelease(source, copy.target, { ...DOWNLOAD_ALL, ...part });
    assert.deepEqual([downloaded.whole, downloaded.files], [false, count + texts]);
    const there = [...(await hashFiles(copy.folder)).keys()].map((path) =>
      path.slice(`releases/${release}/`.length),
    );
    const wanted = data.filter(isWanted).map(({ path }) => path);
    assert.equal(wanted.length, count);
    assert.deepEqual(there.filter((path) => data.some((file) => file.path === path)).sort(), wanted.sort());
    assert.ok(there.includes('manifest.json') && there.includes('SHA256SUMS'));
    assert.equal(await copy.target.head('latest.json'), null);
  }
  for (const [part, name] of [
    [{ countries: ['AFG', 'HTI'] }, 'country HTI'],
    [{ tables: ['countries'], countries: ['TCD'] }, 'table countries'],
  ] as const)
    await assert.rejects(
      downloadRelease(source, (await createTarget(t)).target, { ...DOWNLOAD_ALL, ...part }),
      {
        name: 'DownloadError',
        message: `release ${release} has no file of ${name} in the part that was asked for`,
      },
    );
});

test('an older release is downloaded by id, and a withdrawn or pruned one is refused', async (t) => {
  const { store, releases } = await publishDataset(t, 3);
  const [first, second, third] = releases as [string, string, string];
  const { target } = await createTarget(t);
  await downloadRelease(store, target, DOWNLOAD_ALL);
  await downloadRelease(store, target, { ...DOWNLOAD_ALL, release: second });
  const result = await verifyRelease(target);
  assert.deepEqual([result.release, result.problems], [second, []]);
  assert.equal((await target.listFolders('releases/')).length, 2);
  const now = DOWNLOAD_ALL.now;
  await withdrawRelease(store, second, { reason: 'counted twice', now, publicUrl: null, announcer: null });
  await prune(store, { keepNewest: 1, keepMonthly: 0, keepRuns: 0, notice: 0, now, publicUrl: null });
  for (const [release, message] of [
    [first, /kept until .*: its data files are gone$/],
    [second, /was withdrawn: counted twice$/],
    ['2020-01-01.1', /there is no release 2020-01-01\.1$/],
  ] as const)
    await assert.rejects(downloadRelease(store, target, { ...DOWNLOAD_ALL, release }), {
      name: 'DownloadError',
      message,
    });
  assert.equal((await downloadRelease(store, target, { ...DOWNLOAD_ALL, release: third })).whole, true);
});

test('a file that differs from the manifest is reported and not written; others are written', async (t) => {
  const { folder, release } = await publishAndServe(t);
  skipSchemaCheck(folder);
  const damages: [string, (body: Buffer) => Buffer | null, RegExp][] = [
    ['csv/admin0.csv.gz', () => null, /^csv\/admin0\.csv\.gz: missing at /],
    [
      'quality.json',
      (body) => Buffer.concat([body, Buffer.alloc(100_000)]),
      /^quality\.json: longer than the \d+ bytes/,
    ],
    ['schema.json', (body) => body.subarray(1), /^schema\.json: expected \d+ bytes, found \d+$/],
    ['LICENSE.txt', () => Buffer.alloc(0), /^LICENSE\.txt: expected \d+ bytes, found 0$/],
    [
      'tables/admin2/admin2.parquet',
      (body) => Buffer.from(body).fill(0, 20, 21),
      /admin2\.parquet: expected SHA-256/,
    ],
  ];
  for (const [path, change] of damages) {
    const file = join(folder, 'releases', release, path);
    const body = change(await readFile(file));
    await (body ? writeFile(file, body) : rm(file));
  }
  const server = await serveDataset(folderStore(folder), { port: 0 });
  t.after(() => server.close());
  for (const source of [folderStore(folder), webStore(server.url)]) {
    const copy = await createTarget(t);
    const downloaded = await downloadRelease(source, copy.target, DOWNLOAD_ALL);
    assert.equal(downloaded.problems.length, damages.length);
    const there = await hashFiles(copy.folder);
    for (const [path, , problem] of damages) {
      assert.ok(
        downloaded.problems.some((one) => problem.test(one)),
        `${problem} in ${downloaded.problems}`,
      );
      assert.ok(!there.has(`releases/${release}/${path}`), path);
    }
    assert.equal(there.size, downloaded.files - damages.length);
  }
});

test('a folder of export, another release or another dataset is refused and not changed', async (t) => {
  const { folder, store, releases, url } = await publishDataset(t, 1);
  const other = await temporaryFolder(t);
  await exportInto({
    folder: other,
    url,
    version: 'v2',
    options: { selection: { apiVersion: 'v2', levels: [0], countries: ['TCD'] } },
  });
  const record = skipSchemaCheck(await temporaryFolder(t));
  await cp(join(folder, 'releases'), join(record, 'releases'), { recursive: true });
  const claim = jsonBytes(claimOf(emptyManifest(releases[0] as string, null)));
  await writeFile(join(record, 'releases', releases[0] as string, 'claim.json'), claim);
  await writeFile(join(record, 'releases', releases[0] as string, 'manifest.json'), '{}');
  const withdrawn = skipSchemaCheck(await temporaryFolder(t));
  await downloadRelease(store, folderStore(withdrawn), DOWNLOAD_ALL);
  await writeFile(join(withdrawn, 'releases', releases[0] as string, 'withdrawn.json'), '{}');
  const cases: [string, RegExp][] = [
    [folder, /is published into by export; download into another folder$/],
    [record, /holds another release 2\d{3}-\d\d-\d\d\.1; download into another folder$/],
    [withdrawn, /holds release .* as withdrawn/],
  ];
  for (const [place, message] of cases) {
    const before = await hashFiles(place);
    await assert.rejects(downloadRelease(store, folderStore(place), DOWNLOAD_ALL), {
      name: 'DownloadError',
      message,
    });
    assert.deepEqual(await hashFiles(place), before);
  }
  await rm(join(other, 'runs'), { recursive: true });
  await rm(join(other, 'releases', releases[0] as string), { recursive: true });
  const v2 = folderStore(other);
  const manifest = { ...emptyManifest('2020-01-01.1', null), dataset: 'dtm-idp-v2' };
  await v2.put('releases/2020-01-01.1/manifest.json', jsonBytes(manifest), 'absent');
  await writeFile(
    join(other, 'latest.json'),
    jsonBytes(pointerTo(manifest, jsonBytes(manifest), DOWNLOAD_ALL.now)),
  );
  await assert.rejects(downloadRelease(store, v2, DOWNLOAD_ALL), /holds another dataset .*dtm-idp-v2/);
});

test('a symbolic link in the target folder is not followed', async (t) => {
  const { store } = await publishDataset(t, 1);
  const { folder, target } = await createTarget(t);
  const outside = await temporaryFolder(t);
  await symlink(outside, join(folder, 'releases'));
  await assert.rejects(downloadRelease(store, target, DOWNLOAD_ALL), {
    name: 'StoreError',
    message: /is a link/,
  });
  assert.equal((await readFilesBelow(outside)).size, 0);
});

test('an aborted download keeps fetched files, and an unreachable source throws a StoreError', async (t) => {
  const { release, source } = await publishAndServe(t);
  const { folder, target } = await createTarget(t);
  const stop = new AbortController();
  const onProgress = () => stop.abort(new Error('stopped by the test'));
  const stopping = { ...DOWNLOAD_ALL, onProgress, signal: stop.signal };
  await assert.rejects(downloadRelease(source, target, stopping), /stopped by the test/);
  const there = await hashFiles(folder);
  assert.ok(there.size >= 1 && !there.has(`releases/${release}/manifest.json`));
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  await assert.rejects(
    downloadRelease(webStore(`http://127.0.0.1:${port}/`, { retryDelay: 0 }), target, DOWNLOAD_ALL),
    {
      name: 'StoreError',
      message: /no whole answer .*; check address and network/,
    },
  );
});

test('an existing empty folder is used, and a file in its place throws a StoreError', async (t) => {
  const { store } = await publishDataset(t, 1);
  const { folder, target } = await createTarget(t);
  await mkdir(join(folder, 'releases'));
  await downloadRelease(store, target, DOWNLOAD_ALL);
  const other = await createTarget(t);
  await writeFile(join(other.folder, 'releases'), 'a file');
  await assert.rejects(downloadRelease(store, other.target, DOWNLOAD_ALL), {
    name: 'StoreError',
    message: /a file stands where/,
  });
});
