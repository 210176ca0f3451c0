import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readChartData } from '../../../lib/catalogue/page/charts/read-chart-data.ts';
import { writePage } from '../../../lib/catalogue/page/write.ts';
import { readCurrent } from '../../../lib/catalogue/pointer.ts';
import { withdrawRelease } from '../../../lib/retire/withdraw.ts';
import { folderStore } from '../../../lib/store/folder/folder-store.ts';
import type { Store } from '../../../lib/store/store.ts';
import { exportInto, simulator, skipSchemaCheck, temporaryFolder } from '../../setting.ts';
import { failingStore, publishDataset, racingStore } from '../../stores.ts';
import { linksOf, parsePage, textOf } from './parse-page.ts';

const IDENTITY = { dataset: 'dtm-idp', synthetic: true, visibility: 'private' } as const;
const OPTIONS = { identity: IDENTITY, publicUrl: null };

const pageOf = (folder: string): Promise<string> => readFile(join(folder, 'index.html'), 'utf8');

const withdraw = (store: Store, release: string, reason: string) =>
  withdrawRelease(store, release, {
    reason,
    now: new Date('2026-11-25T08:00:00Z'),
    publicUrl: null,
    announcer: null,
  });

/** Checks that all files of the page exist with the sizes on the page. Returns the page's release; null without a page. */
async function checkPage(folder: string): Promise<string | null> {
  const page = await pageOf(folder).catch(() => null);
  if (page === null) return null;
  assert.ok(page.startsWith('<!doctype html>') && page.endsWith('</html>\n'));
  const { tags, texts } = parsePage(page);
  const data = JSON.parse(texts.find((text) => text.startsWith('{"release"')) ?? '');
  const addresses = [
    ...linksOf(page),
    data.charts,
    data.country,
    data.viewer,
    ...Object.values<string>(data.pictures),
  ];
  for (const link of addresses.filter((address) => !address.startsWith('#')))
    await stat(join(folder, decodeURIComponent(link)));
  for (const { attributes } of tags) {
    const bytes = attributes.get('data-bytes');
    if (bytes === undefined) continue;
    const { size } = await stat(join(folder, decodeURIComponent(attributes.get('href') ?? '')));
    assert.equal(size, Number(bytes));
  }
  return data.release;
}

/** A store that records the keys of its writes. */
function recordingStore(store: Store): Store & { written: string[] } {
  const written: string[] = [];
  const put: Store['put'] = (key, ...rest) => {
    written.push(key);
    return store.put(key, ...rest);
  };
  return { ...store, put, written };
}

test('after an export the links of the page exist and its SHA-256 equal the manifest', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  const { release } = await exportInto({ folder, url });
  assert.equal(await checkPage(folder), release);
  const page = await pageOf(folder);
  const { manifest } = await readCurrent(folderStore(folder));
  const data = (manifest?.files ?? []).filter(({ table, country }) => table !== null || country !== null);
  const hrefs = linksOf(page).map(decodeURIComponent);
  assert.ok(data.length > 20);
  for (const { path, sha256 } of data) {
    assert.ok(hrefs.includes(`releases/${release}/${path}`), path);
    assert.ok(page.includes(sha256), path);
  }
});

test('writePage writes and reads nothing if the page is up to date', async (t) => {
  const { store } = await publishDataset(t, 1);
  const again = recordingStore(store);
  await writePage(
    { ...again, head: async () => assert.fail('an up-to-date page needs no head request') },
    OPTIONS,
  );
  assert.deepEqual(again.written, []);
});

test('writePage writes the assets first and index.html last', async (t) => {
  const { store } = await publishDataset(t, 1);
  for (const { key } of await store.list('assets/')) await store.delete(key);
  await store.delete('index.html');
  const first = recordingStore(store);
  await writePage(first, OPTIONS);
  assert.equal(first.written.at(-1), 'index.html');
  assert.ok(
    first.written.slice(0, -1).every((key) => /^assets\/[A-Za-z-]+-[0-9a-f]{16}\.(js|css|svg)$/.test(key)),
  );
});

test('a lost page is written again with the same bytes', async (t) => {
  const { folder, store } = await publishDataset(t, 1);
  const before = await pageOf(folder);
  await store.delete('index.html');
  await writePage(store, OPTIONS);
  assert.equal(await pageOf(folder), before);
});

test('writePage uses the charts in memory only if they are of the current release', async (t) => {
  const { folder, store } = await publishDataset(t, 1);
  const before = await pageOf(folder);
  const { manifest } = await readCurrent(store);
  assert.ok(manifest);
  const charts = await readChartData(store, manifest);
  const get: Store['get'] = async (key, range) => {
    assert.ok(!key.endsWith('.parquet'), key);
    return store.get(key, range);
  };
  await store.delete('index.html');
  await writePage({ ...store, get }, { ...OPTIONS, builtRelease: { release: manifest.release, charts } });
  assert.equal(await pageOf(folder), before);
  await store.delete('index.html');
  const others = { ...charts, newest: [], countries: [] };
  await writePage(store, { ...OPTIONS, builtRelease: { release: '2026-11-23.1', charts: others } });
  assert.equal(await pageOf(folder), before);
});

test('a crash before or after any write leaves the earlier page or the complete new one', async (t) => {
  const { copy, releases } = await publishDataset(t, 2);
  const newer = releases[1] as string;
  const earlier = 'the page of the release before';
  for (let at = 1; ; at++) {
    for (const when of ['before', 'after'] as const) {
      const { folder: scratch, store } = await copy();
      for (const { key } of await store.list('assets/')) if (key.includes('picture')) await store.delete(key);
      await store.put('index.html', Buffer.from(earlier), 'anything');
      const broken = failingStore(store, at, when);
      const outcome = await writePage(broken, OPTIONS).catch((error: Error) => error.message);
      const page = await pageOf(scratch);
      if (page !== earlier) assert.equal(await checkPage(scratch), newer);
      if (outcome === undefined) {
        assert.ok(at > 2, 'a chart script and the page were written');
        return;
      }
      await writePage(store, OPTIONS);
      assert.equal(await checkPage(scratch), newer);
    }
  }
});

test('a withdrawal while the page is written is on the page', async (t) => {
  const { copy, releases } = await publishDataset(t, 2);
  const [first, second] = releases as [string, string];
  const { folder, store } = await copy();
  await store.delete('index.html');
  const other = () => withdraw(store, second, 'while the page was being written');
  await writePage(racingStore(store, 'index.html', other), OPTIONS);
  assert.equal(await checkPage(folder), first);
});

test('a withdrawal writes the page with the reason, also if no release is left', async (t) => {
  const { folder, store, releases } = await publishDataset(t, 2);
  const [first, second] = releases as [string, string];
  await withdraw(store, second, 'the figures of <Chad> were wrong');
  assert.equal(await checkPage(folder), first);
  assert.match(textOf(await pageOf(folder)), /Withdrawn on 2026-11-25: the figures of <Chad> were wrong/);
  await withdraw(store, first, 'all of it');
  assert.equal(await checkPage(folder), null);
  assert.match(textOf(await pageOf(folder)), /No release stands at the moment/);
});

test('a page of damaged tables has no charts, and the next run tries again', async (t) => {
  const { copy, releases } = await publishDataset(t, 1);
  const { folder, store } = await copy();
  skipSchemaCheck(folder);
  const key = `releases/${releases[0]}/tables/snapshots/snapshots.parquet`;
  const bytes = (await store.get(key))?.body;
  assert.ok(bytes);
  await store.delete(key);
  await store.delete('index.html');
  await writePage(store, OPTIONS);
  assert.match(textOf(await pageOf(folder)), /No charts for this release/);
  const again = recordingStore(store);
  await writePage(again, OPTIONS);
  assert.deepEqual(again.written, [], 'nothing has changed');
  await store.put(key, bytes, 'absent');
  await writePage(store, OPTIONS);
  assert.equal(await checkPage(folder), releases[0]);
  assert.ok(!textOf(await pageOf(folder)).includes('No charts for this release'));
});

test('asset names have a content hash, so a new release keeps the earlier assets', async (t) => {
  const { folder } = await publishDataset(t, 2);
  const pictures = (await readdir(join(folder, 'assets'))).filter((name) => name.startsWith('picture-TCD-'));
  assert.equal(pictures.length, 2);
});

test('a lost asset of the page is written again by the next run', async (t) => {
  const { folder, store } = await publishDataset(t, 1);
  const before = await readdir(join(folder, 'assets'));
  for (const lost of before) {
    await store.delete(`assets/${lost}`);
    await writePage(store, OPTIONS);
    assert.deepEqual(await readdir(join(folder, 'assets')), before, lost);
  }
});

test('chart scripts that a withdrawal deletes before the page is written come back', async (t) => {
  const { folder, store } = await publishDataset(t, 1);
  await store.delete('index.html');
  for (const { key } of await store.list('assets/')) await store.delete(key);
  const put: Store['put'] = async (key, body, ...rest) => {
    const etag = await store.put(key, body, ...rest);
    // Before the page is written, a withdrawal deletes assets that no page refers to.
    if (key.startsWith('assets/picture-')) await store.delete(key);
    return etag;
  };
  let isFirst = true;
  const once: Store['put'] = (key, body, ...rest) => {
    if (key === 'index.html') isFirst = false;
    return isFirst ? put(key, body, ...rest) : store.put(key, body, ...rest);
  };
  await writePage({ ...store, put: once }, OPTIONS);
  assert.notEqual(await checkPage(folder), null);
});
