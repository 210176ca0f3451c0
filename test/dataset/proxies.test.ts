// A dataset behind proxies, networks and caches that answer with something else than the file, or with an older one.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openDataset, type WebOptions } from '../../lib/dataset/reader.ts';
import { withdrawRelease } from '../../lib/retire/withdraw.ts';
import { assertSame } from '../assert-same.ts';
import { publishDataset } from '../stores.ts';
import { collect, fails } from './outcomes.ts';
import { serveTable } from './serve-table.ts';
import { type Fault, startFiles } from './start-files.ts';

const QUICK: WebOptions = { retryDelay: 0.001, timeout: 5 };
const HTML = '<!DOCTYPE html><title>Sign in</title>';

test('parts of a table come through proxies as they are, or the error says what came', async (t) => {
  const { folder, files, faulty, read, rows, size, release } = await serveTable(t);
  const compressed: Fault = { headers: { 'Content-Encoding': 'gzip' }, change: (body) => gzipSync(body) };

  await t.test('parts and whole files that are compressed on the way are unpacked', async () => {
    faulty(() => compressed);
    assertSame(await read(), rows);
    faulty(() => ({ ...compressed, noRanges: true }));
    assertSame(await read(), rows);
  });

  await t.test('a part of the compressed file is an error, before its body is read', async () => {
    faulty(({ range = '' }) => ({
      headers: { ...compressed.headers, 'Content-Range': `${range.replace('=', ' ')}/${size - 9}` },
    }));
    await fails(read(), 'damaged', /expected the range bytes .*, the server sent bytes/);
    assert.equal(files.requests.length, 1);
  });

  await t.test('a file that is unpacked on the way is an error that names the encoding', async () => {
    files.fault = () => ({ headers: { 'Content-Encoding': 'gzip' } });
    await fails(
      release.download('csv/admin2.csv.gz'),
      'damaged',
      /admin2\.csv\.gz is damaged: it is longer than \d+ bytes; the server sends it with Content-Encoding gzip/,
    );
    files.fault = null;
  });

  await t.test('a body without a length that ends early is asked for again', async () => {
    const half = (body: Buffer) => body.subarray(0, body.length / 2);
    for (const noRanges of [false, true]) {
      faulty((_, number) => (number === 1 ? { noRanges, unframed: true, change: half } : undefined));
      assertSame(await read(), rows);
      faulty(() => ({ noRanges, unframed: true, change: half }));
      await fails(read(), 'damaged', /expected \d+ bytes, found \d+$/);
      assert.equal(files.requests.length, 3);
    }
  });

  await t.test('a page of HTML in place of a file is no file', async () => {
    faulty(() => ({ body: HTML, noRanges: true }));
    await fails(
      read(),
      'unreachable',
      /admin2\.parquet: a page of HTML came in place of the file; .*sign in/,
    );
    assert.equal(files.requests.length, 1);
    for (const path of ['latest.json', 'manifest.json']) {
      files.fault = (request) => (request.path.endsWith(path) ? { body: `\n${HTML}` } : undefined);
      await fails(openDataset(files.url, QUICK).current(), 'unreachable', /json: a page of HTML came in/);
    }
    const elsewhere = `${files.url.replace('127.0.0.1', 'localhost')}login`;
    const login = { status: 302, headers: { Location: elsewhere } };
    files.fault = ({ path }) => (path === 'login' ? { body: HTML } : login);
    const current = openDataset(files.url, QUICK).current();
    await fails(current, 'unreachable', /HTML came from http:\/\/localhost:\d+ in/);
  });

  await t.test('a file on another host is read by parts after redirects', async (subtest) => {
    const other = await startFiles(subtest, folder);
    const place = other.url.replace('127.0.0.1', 'localhost');
    faulty(({ path }) => ({ status: 307, headers: { Location: place + path } }));
    assertSame(await read(), rows);
    assert.ok(other.requests.length > 1 && other.requests.every(({ range }) => range));
  });

  await t.test('servers that name a version differently are an error that says how to read it', async () => {
    faulty((_, number) => ({ headers: { ETag: `"server ${number % 2}"` } }));
    await fails(read(), 'replaced', /or its servers name its version differently; .*checked: true/);
    assertSame(await read({ checked: true }), rows);
  });

  await t.test('rows end with the reason when their release is withdrawn between two parts', async () => {
    files.fault = null;
    const { releases } = JSON.parse(await readFile(join(folder, 'releases.json'), 'utf8'));
    const withdrawn = { reason: 'counted twice', date: '2026-11-30T00:00:00.000Z' };
    const body = JSON.stringify({ releases: [{ ...releases[0], status: 'withdrawn', withdrawn }] });
    for (const status of [404, 403]) {
      const reading = release.rows('admin2');
      assert.equal((await reading.next()).done, false);
      files.fault = ({ path }) => (path === 'releases.json' ? { body } : { status });
      await fails(collect(reading), 'withdrawn', /was withdrawn on .*: counted twice/);
      files.fault = null;
    }
  });
});

test('caches that hold older files give the older release, or an error that says so', async (t) => {
  const { folder, store, releases } = await publishDataset(t, 2);
  const [first = '', second = ''] = releases;
  const files = await startFiles(t, folder);
  const dataset = openDataset(files.url, QUICK);
  const rowsOf = async (opening: ReturnType<typeof dataset.current>) =>
    collect((await opening).rows('admin0'));
  const [older, newer] = [await rowsOf(dataset.release(first)), await rowsOf(dataset.current())];
  assert.notDeepEqual(older, newer);
  const pointer = await readFile(join(folder, 'latest.json'), 'utf8');
  const list = await readFile(join(folder, 'releases.json'), 'utf8');
  const { manifest_sha256 } = JSON.parse(list).releases[1];
  const olderPointer = JSON.stringify({ ...JSON.parse(pointer), release: first, manifest_sha256 });
  const olderManifest = await readFile(join(folder, 'releases', first, 'manifest.json'), 'utf8');
  const answer = (file: string, fault: Fault): void => {
    files.fault = ({ path }) => (path === file ? fault : undefined);
  };

  answer('latest.json', { body: olderPointer });
  assert.equal((await dataset.current()).id, first);
  assert.deepEqual(await rowsOf(dataset.current()), older);

  const manifest = `releases/${second}/manifest.json`;
  answer(manifest, { status: 404 });
  const notYet = /is listed, but not there; if the release is new, a cache on the way may not have it yet/;
  await fails(dataset.current(), 'damaged', notYet);
  answer(manifest, { body: olderManifest });
  await fails(dataset.current(), 'damaged', /manifest\.json is damaged: expected SHA-256/);

  const withdrawal = { reason: 'counted twice', now: new Date(), publicUrl: null, announcer: null };
  await withdrawRelease(store, second, withdrawal);
  answer('latest.json', { body: pointer });
  const gone = await dataset.current();
  await fails(rowsOf(Promise.resolve(gone)), 'withdrawn', /counted twice/);
  answer('releases.json', { body: list });
  await fails(rowsOf(Promise.resolve(gone)), 'damaged', /admin0\.parquet is listed, but not there/);
});
