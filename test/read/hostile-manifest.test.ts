// A hostile manifest cannot make `download` or `verify` read or write files outside a release.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { pointerTo } from '../../lib/catalogue/pointer.ts';
import { downloadRelease } from '../../lib/read/download.ts';
import { jsonBytes, sha256 } from '../../lib/release/digest.ts';
import {
  countryCsv,
  countryParquet,
  isReleasePath,
  wholeCsv,
  wholeParquet,
} from '../../lib/release/layout.ts';
import type { Manifest, ManifestFile } from '../../lib/release/manifest.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import type { Store } from '../../lib/store/store.ts';
import { webStore } from '../../lib/store/web/web-store.ts';
import { LEVEL_TABLES, TABLES } from '../../lib/table/schema.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { readFilesBelow, temporaryFolder } from '../setting.ts';
import { DOWNLOAD_ALL, emptyManifest, hashFiles, publishDataset } from '../stores.ts';

const createTarget = async (t: TestContext) => {
  const folder = await temporaryFolder(t);
  return { folder, target: folderStore(folder) };
};

const RELEASE = '2026-11-24.1';
const HASH = sha256('data');

/** A source whose manifest lists these files. It returns the same four bytes at every path and records the paths. */
function createHostileSource(files: readonly Partial<ManifestFile>[], more: Partial<Manifest> = {}) {
  const listed = files.map((file) => ({ ...FILE, ...file }));
  const manifest = { ...emptyManifest(RELEASE, null), files: listed, ...more };
  const bytes = jsonBytes(manifest);
  const pointer = {
    ...pointerTo(manifest, bytes, DOWNLOAD_ALL.now),
    release: RELEASE,
    manifest: `releases/${RELEASE}/manifest.json`,
  };
  const asked: string[] = [];
  const get: Store['get'] = async (key) => {
    asked.push(key);
    if (key === 'latest.json') return { body: jsonBytes(pointer), etag: '' };
    return { body: key.endsWith('/manifest.json') ? bytes : Buffer.from('data'), etag: '' };
  };
  const fail = async () => {
    throw new Error('unexpected call');
  };
  const store: Store = {
    location: 'hostile',
    get,
    getIfChanged: fail,
    head: async () => null,
    put: fail,
    list: async () => [],
    listFolders: fail,
    delete: fail,
    sync: fail,
    checkPreconditions: fail,
  };
  return { store, asked };
}
const FILE: ManifestFile = {
  path: 'schema.json',
  table: null,
  country: null,
  format: 'json',
  rows: null,
  bytes: 4,
  sha256: HASH,
};

test('a manifest with invalid paths, sizes or hashes is refused before any file is read', async (t) => {
  const cases: [Partial<ManifestFile>[], RegExp, Partial<Manifest>?][] = [
    ...[
      '../schema.json',
      '/etc/passwd',
      'C:\\x',
      'c:x',
      '\\\\host\\x',
      'csv\\admin0.csv.gz',
      'csv/../schema.json',
      './schema.json',
      'csv//admin0.csv.gz',
      'schema.json/',
      'SCHEMA.JSON',
      'schema.json\0',
      'schema.json\n',
      '',
      '.',
      'manifest.json',
      'claim.json',
      'withdrawn.json',
      'latest.json',
      '.lock',
      'csv/admin0.csv',
      'csv/admin9.csv.gz',
      'csv/admin0/country=AFG/admin0-TCD.csv.gz',
      'parquet/snapshots/country=AFG/snapshots-AFG.parquet',
      'parquet/admin0/country=../admin0-...parquet',
      'xlsx/afg.xlsx',
      'xlsx/AFG.xlsx.exe',
      'changes/snapshots.parquet',
      'x'.repeat(5000),
    ].map((path): [Partial<ManifestFile>[], RegExp] => [[{ path }], /which is no path of a release/]),
    [[{}, {}], /lists schema\.json twice/],
    ...[0, -1, 2 ** 53, 1.5].map((bytes): [Partial<ManifestFile>[], RegExp] => [
      [{ bytes }],
      /damaged|with -?\d+ bytes/,
    ]),
    ...['', 'x', HASH.toUpperCase(), `${HASH}0`].map((hash): [Partial<ManifestFile>[], RegExp] => [
      [{ sha256: hash }],
      /with the SHA-256/,
    ]),
    [[{}], /release: expected 2026-11-24\.1, found "\.\.\/\.\.\/x"/, { release: '../../x' }],
    [[{}], /release: expected 2026-11-24\.1, found "2026-11-24\.2"/, { release: '2026-11-24.2' }],
  ];
  for (const [files, message, more] of cases) {
    const { store, asked } = createHostileSource(files, more);
    const { folder, target } = await createTarget(t);
    await assert.rejects(downloadRelease(store, target, DOWNLOAD_ALL), { name: 'DamagedFileError', message });
    assert.equal((await readFilesBelow(folder)).size, 0);
    const result = await verifyRelease(store);
    assert.match(result.problems.join(), message);
    assert.deepEqual([...new Set(asked)], ['latest.json', `releases/${RELEASE}/manifest.json`]);
  }
  const { store } = createHostileSource(Array.from({ length: 1000 }, (_, at) => ({ path: `../${at}` })));
  const { problems } = await verifyRelease(store);
  assert.deepEqual([problems.length, problems.at(-1)], [21, 'manifest.json: lists 980 more that are wrong']);
});

test('an oversized pointer or manifest is read up to its limit only', async () => {
  for (const [large, bytes] of [
    ['latest.json', 2 ** 20],
    [`releases/${RELEASE}/manifest.json`, 2 ** 26],
  ] as const) {
    const { store } = createHostileSource([{}]);
    const asked: unknown[] = [];
    const get: Store['get'] = async (key, range) => {
      if (key !== large) return store.get(key, range);
      asked.push(range?.end);
      return { body: Buffer.alloc((range?.end ?? 0) + 1, ' '), etag: '' };
    };
    const { problems } = await verifyRelease({ ...store, get });
    assert.deepEqual(problems, [`${large} is damaged: expected at most ${bytes} bytes, found more`]);
    assert.deepEqual(asked, [bytes]);
  }
});

test('for any listed paths, download writes only paths of the layout', async (t) => {
  const good = [
    'schema.json',
    'csv/admin0.csv.gz',
    'parquet/admin1/country=AFG/admin1-AFG.parquet',
    'xlsx/TCD.xlsx',
  ];
  const piece = fc.constantFrom(
    '..',
    '.',
    '/',
    '\\',
    'C:',
    ':',
    '\0',
    '%2e%2e',
    'csv',
    'country=AFG',
    'AFG',
    'admin0',
    '.csv.gz',
    ' ',
    '\u202e',
    'é',
    '~',
  );
  const mutated = fc
    .tuple(fc.constantFrom(...good), fc.nat(50), piece)
    .map(([path, at, inserted]) => path.slice(0, at) + inserted + path.slice(at));
  const paths = fc.oneof(
    mutated,
    fc.array(piece, { maxLength: 8 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...good),
  );
  const all = allPaths(['AFG', 'TCD', 'XXX']);
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(paths, { minLength: 1, maxLength: 4 }), async (listed) => {
      assert.deepEqual(
        listed.map(isReleasePath),
        listed.map((path) => all.has(path)),
      );
      const { store } = createHostileSource(listed.map((path) => ({ path })));
      const { folder, target } = await createTarget(t);
      const result = await downloadRelease(store, target, DOWNLOAD_ALL).catch((error: Error) => error.name);
      const written = [...(await hashFiles(folder)).keys()];
      if (listed.every((path) => all.has(path))) {
        const record = ['claim.json', 'manifest.json'].map((path) => `releases/${RELEASE}/${path}`);
        const files = listed.map((path) => `releases/${RELEASE}/${path}`);
        const expected = [...files, ...record, 'latest.json', 'releases.json'];
        assert.deepEqual(written.sort(), expected.sort());
      } else assert.deepEqual([result, written], ['DamagedFileError', []]);
      await rm(folder, { recursive: true });
    }),
    { numRuns: 150 },
  );
});

/** Every path of the layout for these countries. */
function allPaths(countries: string[]): Set<string> {
  const others =
    'LICENSE.txt CITATION.txt CITATION.cff schema.json quality.json datapackage.json croissant.json SHA256SUMS sql/athena.sql sql/duckdb.sql changes/changes.json';
  return new Set([
    ...others.split(' '),
    ...TABLES.map((table) => `schemas/${table}.json`),
    ...TABLES.flatMap((table) => [wholeParquet(table), wholeCsv(table)]),
    ...LEVEL_TABLES.map((table) => `changes/${table}.parquet`),
    ...countries.map((country) => `xlsx/${country}.xlsx`),
    ...LEVEL_TABLES.flatMap((table) =>
      countries.flatMap((country) => [countryParquet(table, country), countryCsv(table, country)]),
    ),
  ]);
}

test('isReleasePath accepts every file of a published release', async (t) => {
  const { store, releases } = await publishDataset(t, 2);
  for (const release of releases) {
    const found = await store.get(`releases/${release}/manifest.json`);
    const { files }: Manifest = JSON.parse(Buffer.from(found?.body ?? []).toString());
    assert.deepEqual(
      files.filter(({ path }) => !isReleasePath(path)),
      [],
    );
  }
});

test('an endless response is read up to the listed size and one byte', async (t) => {
  const files = [{ ...FILE, path: 'schema.json' }];
  const manifest = { ...emptyManifest(RELEASE, null), files };
  const bytes = jsonBytes(manifest);
  let sent = 0;
  const server = createServer((request, response) => {
    if (request.url === '/latest.json')
      return response.end(jsonBytes(pointerTo(manifest, bytes, DOWNLOAD_ALL.now)));
    if (request.url?.endsWith('/manifest.json')) return response.end(bytes);
    if (!request.url?.endsWith('/schema.json')) return response.writeHead(404).end();
    // The server ignores ranges and sends far more than any client should read.
    const more = (): void => {
      while (sent < 1 << 28 && !response.destroyed && response.write(Buffer.alloc(1 << 16))) sent += 1 << 16;
      if (sent >= 1 << 28) response.destroy();
    };
    response.on('drain', more);
    more();
  });
  server.listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const source = webStore(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const { folder, target } = await createTarget(t);
  const { problems } = await downloadRelease(source, target, DOWNLOAD_ALL);
  assert.deepEqual(problems, ['schema.json: longer than the 4 bytes that manifest.json says']);
  assert.equal((await hashFiles(folder)).size, 0);
  assert.match((await verifyRelease(source)).problems.join('\n'), /schema\.json: expected 4 bytes, found 5/);
  assert.ok(sent < 1 << 26, String(sent));
});
