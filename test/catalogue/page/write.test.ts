import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { writePage } from '../../../lib/catalogue/page/write.ts';
import { readCurrent } from '../../../lib/catalogue/pointer.ts';
import { createTableReader, type TableReader } from '../../../lib/catalogue/published-rows.ts';
import { withdrawRelease } from '../../../lib/retire/withdraw.ts';
import { folderStore } from '../../../lib/store/folder/folder-store.ts';
import type { Store } from '../../../lib/store/store.ts';
import { TABLES } from '../../../lib/table/schema.ts';
import { exportInto, simulator, skipSchemaCheck, temporaryFolder } from '../../setting.ts';
import { failingStore, publishDataset, racingStore } from '../../stores.ts';
import { linksOf, takenApart, textOf } from './parse-page.ts';

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

/** The release of a page all of whose files are there, with the sizes and hashes that it says; null if there is none. */
async function wholePage(folder: string): Promise<string | null> {
  const page = await pageOf(folder).catch(() => null);
  if (page === null) return null;
  assert.ok(page.startsWith('<!doctype html>') && page.endsWith('</html>\n'));
  const { tags, texts } = takenApart(page);
  const data = JSON.parse(texts.find((text) => text.startsWith('{"release"')) ?? '');
  const named = [...linksOf(page), data.charts, data.viewer, ...Object.values<string>(data.pictures)];
  for (const link of named.filter((one) => !one.startsWith('#')))
    await stat(join(folder, decodeURIComponent(link)));
  for (const { attributes } of tags) {
    const bytes = attributes.get('data-bytes');
    if (bytes === undefined) continue;
    const { size } = await stat(join(folder, decodeURIComponent(attributes.get('href') ?? '')));
    assert.equal(size, Number(bytes));
  }
  return data.release;
}

/** A store that tells what it was asked to write. */
function listening(store: Store): Store & { written: string[] } {
  const written: string[] = [];
  const put: Store['put'] = (key, ...rest) => {
    written.push(key);
    return store.put(key, ...rest);
  };
  return { ...store, put, written };
}

test('an export leaves a page whose links exist, and whose sums are those of the manifest', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  const { release } = await exportInto({ folder, url });
  assert.equal(await wholePage(folder), release);
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

test('a page that is up to date is not written again, nor are its tables read', async (t) => {
  const { store } = await publishDataset(t, 1);
  const again = listening(store);
  await writePage({ ...again, head: async () => assert.fail('nothing is looked up') }, OPTIONS);
  assert.deepEqual(again.written, []);
});

test('the page comes last, and what it names comes first', async (t) => {
  const { store } = await publishDataset(t, 1);
  for (const { key } of await store.list('assets/')) await store.delete(key);
  await store.delete('index.html');
  const first = listening(store);
  await writePage(first, OPTIONS);
  assert.equal(first.written.at(-1), 'index.html');
  assert.ok(
    first.written.slice(0, -1).every((key) => /^assets\/[A-Za-z-]+-[0-9a-f]{16}\.(js|css|svg)$/.test(key)),
  );
});

test('equal state gives equal bytes, also where the page was lost', async (t) => {
  const { folder, store } = await publishDataset(t, 1);
  const before = await pageOf(folder);
  await store.delete('index.html');
  await writePage(store, OPTIONS);
  assert.equal(await pageOf(folder), before);
});

test('tables at hand are drawn from, of their own release only', async (t) => {
  const { folder, store } = await publishDataset(t, 1);
  const before = await pageOf(folder);
  const { manifest } = await readCurrent(store);
  assert.ok(manifest);
  const published = createTableReader(store, manifest);
  const atHand = new Map(
    await Promise.all(TABLES.map(async (name) => [name, await published(name)] as const)),
  );
  const get: Store['get'] = async (key, range) => {
    assert.ok(!key.endsWith('.parquet'), key);
    return store.get(key, range);
  };
  await store.delete('index.html');
  const tables: TableReader = async (name) => atHand.get(name) ?? assert.fail(name);
  await writePage({ ...store, get }, { ...OPTIONS, builtRelease: { release: manifest.release, tables } });
  assert.equal(await pageOf(folder), before);
  await store.delete('index.html');
  const others: TableReader = () => assert.fail('another release is drawn from');
  await writePage(store, { ...OPTIONS, builtRelease: { release: '2026-11-23.1', tables: others } });
  assert.equal(await pageOf(folder), before);
});

test('a crash before or after any write leaves the page before or the whole new one', async (t) => {
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
      if (page !== earlier) assert.equal(await wholePage(scratch), newer);
      if (outcome === undefined) {
        assert.ok(at > 2, 'a picture and the page were written');
        return;
      }
      await writePage(store, OPTIONS);
      assert.equal(await wholePage(scratch), newer);
    }
  }
});

test('what somebody else does meanwhile is not lost from the page', async (t) => {
  const { copy, releases } = await publishDataset(t, 2);
  const [first, second] = releases as [string, string];
  const { folder, store } = await copy();
  await store.delete('index.html');
  const other = () => withdraw(store, second, 'while the page was being written');
  await writePage(racingStore(store, 'index.html', other), OPTIONS);
  assert.equal(await wholePage(folder), first);
});

test('a withdrawal is on the page at once, with its reason; without any release left the page says so', async (t) => {
  const { folder, store, releases } = await publishDataset(t, 2);
  const [first, second] = releases as [string, string];
  await withdraw(store, second, 'the figures of <Chad> were wrong');
  assert.equal(await wholePage(folder), first);
  assert.match(textOf(await pageOf(folder)), /Withdrawn on 2026-11-25: the figures of <Chad> were wrong/);
  await withdraw(store, first, 'all of it');
  assert.equal(await wholePage(folder), null);
  assert.match(textOf(await pageOf(folder)), /No release stands at the moment/);
});

test('tables that are damaged cost the charts only, and the next run tries again', async (t) => {
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
  const again = listening(store);
  await writePage(again, OPTIONS);
  assert.deepEqual(again.written, [], 'nothing has changed');
  await store.put(key, bytes, 'absent');
  await writePage(store, OPTIONS);
  assert.equal(await wholePage(folder), releases[0]);
  assert.ok(!textOf(await pageOf(folder)).includes('No charts for this release'));
});

test('assets have their content in their names, so that a new release leaves those of the one before', async (t) => {
  const { folder } = await publishDataset(t, 2);
  const pictures = (await readdir(join(folder, 'assets'))).filter((name) => name.startsWith('picture-TCD-'));
  assert.equal(pictures.length, 2);
});

test('a file that a page names and that was lost is written again by the next run', async (t) => {
  const { folder, store } = await publishDataset(t, 1);
  const before = await readdir(join(folder, 'assets'));
  for (const lost of before) {
    await store.delete(`assets/${lost}`);
    await writePage(store, OPTIONS);
    assert.deepEqual(await readdir(join(folder, 'assets')), before, lost);
  }
});

test('a withdrawal that removes pictures before the page names them costs none of them', async (t) => {
  const { folder, store } = await publishDataset(t, 1);
  await store.delete('index.html');
  for (const { key } of await store.list('assets/')) await store.delete(key);
  const put: Store['put'] = async (key, body, expect) => {
    const etag = await store.put(key, body, expect);
    // Just before the page is there, what no page names goes.
    if (key.startsWith('assets/picture-')) await store.delete(key);
    return etag;
  };
  let isFirst = true;
  const once: Store['put'] = (key, body, expect) => {
    if (key === 'index.html') isFirst = false;
    return isFirst ? put(key, body, expect) : store.put(key, body, expect);
  };
  await writePage({ ...store, put: once }, OPTIONS);
  assert.notEqual(await wholePage(folder), null);
});
