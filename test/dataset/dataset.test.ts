// Which releases there are, whole files, and what is said when a release, a file, a table, a country or an option is wrong.
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type DatasetErrorKind, openDataset, type Source } from '../../lib/dataset/reader.ts';
import { sha256 } from '../../lib/release/digest.ts';
import { withdrawRelease } from '../../lib/retire/withdraw.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { exportInto, simulator, skipSchemaCheck, temporaryFolder } from '../setting.ts';
import { publishDataset } from '../stores.ts';
import { collect, fails } from './outcomes.ts';

/** A folder as a source, as docs/reader.md shows it. */
const folderSource = (folder: string): Source => ({
  get: (path) => readFile(join(folder, path)).catch(() => null),
});

/** Changes a JSON file of a dataset. */
async function changeJson(folder: string, path: string, change: (value: Record<string, unknown>) => unknown) {
  skipSchemaCheck(folder);
  const value = JSON.parse(await readFile(join(folder, path), 'utf8'));
  await writeFile(join(folder, path), JSON.stringify(change(value) ?? value));
}

/** Changes a manifest and the hash of it in the pointer. */
async function changeManifest(
  folder: string,
  release: string,
  change: (manifest: Record<string, unknown>) => unknown,
) {
  const path = `releases/${release}/manifest.json`;
  await changeJson(folder, path, change);
  const hash = sha256(await readFile(join(folder, path)));
  await changeJson(folder, 'latest.json', (pointer) => ({ ...pointer, manifest_sha256: hash }));
}

const withdraw = (folder: string, release: string) =>
  withdrawRelease(folderStore(folder), release, {
    ...{ reason: 'Chad was counted twice', now: new Date(), publicUrl: null, announcer: null },
  });

test('releases are listed newest first, and each can be opened', async (t) => {
  const { folder, releases } = await publishDataset(t, 3);
  const dataset = openDataset(folderSource(folder));
  const listed = await dataset.releases();
  assert.deepEqual(
    listed.map(({ release, state }) => [release, state]),
    releases.toReversed().map((release) => [release, 'available']),
  );
  assert.equal((await dataset.current()).id, releases.at(-1));
  const [first, last] = [await dataset.release(releases[0] as string), await dataset.current()];
  assert.equal(first.manifest.release, releases[0]);
  assert.deepEqual(first.countries, ['TCD']);
  assert.notDeepEqual(await collect(first.rows('admin0')), await collect(last.rows('admin0')));
  await fails(
    dataset.release('2020-01-01.1'),
    'no-release',
    new RegExp(`there is ${releases[2]}, ${releases[1]}`),
  );
});

test('a withdrawn release is refused with its reason, also if it was open before', async (t) => {
  const { folder, releases } = await publishDataset(t, 2);
  const dataset = openDataset(folderSource(folder));
  const open = await dataset.current();
  const [release = ''] = releases.slice(-1);
  await withdraw(folder, release);
  const expected = {
    name: 'DatasetError',
    kind: 'withdrawn',
    release,
    reason: 'Chad was counted twice',
    date: /^\d{4}-/,
  };
  await assert.rejects(dataset.release(release), expected);
  await assert.rejects(collect(open.rows('admin0')), expected);
  await assert.rejects(open.download('csv/admin0.csv.gz'), expected);
  assert.equal((await dataset.current()).id, releases[0]);
  await withdraw(folder, releases[0] as string);
  await fails(dataset.current(), 'none-published', /the only release was withdrawn/);
});

test('an expired release is refused with its date, also if it was open before', async (t) => {
  const { folder, releases } = await publishDataset(t, 2);
  const dataset = openDataset(folderSource(folder));
  const open = await dataset.release(releases[0] as string);
  await changeJson(folder, 'releases.json', ({ releases: entries }) => {
    Object.assign((entries as object[])[1] as object, { expires_at: '2026-01-01T00:00:00.000Z' });
  });
  await fails(dataset.release(releases[0] as string), 'expired', /was kept until 2026-01-01T00:00:00.000Z/);
  assert.ok((await collect(open.rows('admin0'))).length > 0, 'its files are still there');
  await rm(join(folder, 'releases', releases[0] as string, 'tables'), { recursive: true });
  await fails(collect(open.rows('admin0')), 'expired', /data files are gone/);
});

test('a folder without a dataset has nothing published', async (t) => {
  const folder = await temporaryFolder(t);
  await fails(openDataset(folderSource(folder)).current(), 'none-published', /there is no latest\.json/);
  await fails(openDataset(folderSource(folder)).releases(), 'none-published', /there is no releases\.json/);
});

test('files come whole and checked; a damaged, shortened, extended or missing one is refused', async (t) => {
  const { folder, releases } = await publishDataset(t, 1);
  skipSchemaCheck(folder);
  const release = await openDataset(folderSource(folder)).current();
  for (const file of release.files) {
    const bytes = await release.download(file);
    assert.deepEqual([bytes.length, sha256(bytes)], [file.bytes, file.sha256]);
  }
  const path = join(folder, 'releases', releases[0] as string, 'csv/admin0.csv.gz');
  const original = await readFile(path);
  const flipped = Buffer.from(original);
  flipped[100] = (flipped[100] as number) ^ 1;
  const cases: [Uint8Array | null, RegExp][] = [
    [flipped, /expected SHA-256 [0-9a-f]{64}, found [0-9a-f]{64}/],
    [original.subarray(1), /expected \d+ bytes, found \d+/],
    [Buffer.concat([original, Buffer.of(0)]), /longer than the \d+ bytes/],
    [null, /is listed, but not there/],
  ];
  for (const [bytes, message] of cases) {
    await rm(path);
    if (bytes) await writeFile(path, bytes);
    await fails(release.download('csv/admin0.csv.gz'), 'damaged', message);
  }
  await fails(
    release.download('csv/admin9.csv.gz'),
    'no-file',
    /has no file "csv\/admin9\.csv\.gz"; release\.files lists/,
  );
  assert.throws(() => release.file('../latest.json'), { kind: 'no-file' });
});

test('a manifest without the SHA-256 of pointer and list is damaged', async (t) => {
  const { folder, releases } = await publishDataset(t, 2);
  const dataset = openDataset(folderSource(folder));
  for (const release of releases)
    await changeJson(folder, `releases/${release}/manifest.json`, (manifest) => ({
      ...manifest,
      licence: 'free',
    }));
  await fails(dataset.current(), 'damaged', /manifest\.json is damaged: expected SHA-256/);
  await fails(
    dataset.release(releases[0] as string),
    'damaged',
    /manifest\.json is damaged: expected SHA-256/,
  );
});

test('another major is refused before the shape is looked at; new keys and words are no fault', async (t) => {
  const { folder, releases, copy } = await publishDataset(t, 1);
  const [release = ''] = releases;
  const tryPointer = async (pointer: object, kind: DatasetErrorKind, message: RegExp) => {
    const other = skipSchemaCheck((await copy()).folder);
    await writeFile(join(other, 'latest.json'), JSON.stringify(pointer));
    await fails(openDataset(folderSource(other)).current(), kind, message);
  };
  await tryPointer(
    { schema_version: '2.0.0', other: 1 },
    'newer-major',
    /schema_version is "2\.0\.0", this reader knows 1/,
  );
  await tryPointer(
    { schema_version: '1.9.0' },
    'damaged',
    /latest\.json is damaged: release: expected a release id/,
  );
  await changeManifest(folder, release, (manifest) => ({
    ...manifest,
    manifest_version: 2,
    files: 'elsewhere',
  }));
  await fails(openDataset(folderSource(folder)).current(), 'newer-major', /manifest_version is 2/);
  const minor = (await copy()).folder;
  await changeManifest(minor, release, (manifest) => {
    const files = manifest.files as object[];
    return { ...manifest, manifest_version: 1, schema_version: '1.5.0', new: {}, files: [], old: files };
  });
  const opened = await openDataset(folderSource(minor)).current();
  assert.equal(opened.manifest.schema_version, '1.5.0');
  await fails(collect(opened.rows('admin0')), 'damaged', /lists no Parquet file of admin0/);
});

test('every missing or wrong key of the files of JSON is damage, with its place', async (t) => {
  const { folder, releases, copy } = await publishDataset(t, 1);
  const manifestPath = `releases/${releases[0]}/manifest.json`;
  const manifest = JSON.parse(await readFile(join(folder, manifestPath), 'utf8'));
  const unread = ['status', 'schema_sha256', 'source'];
  const other = skipSchemaCheck((await copy()).folder);
  for (const key of Object.keys(manifest).filter((each) => !unread.includes(each))) {
    await changeManifest(other, releases[0] as string, () => ({ ...manifest, [key]: undefined }));
    await fails(
      openDataset(folderSource(other)).current(),
      'damaged',
      new RegExp(`${key}: expected .*, found undefined`),
    );
  }
  const paths = [
    '../../latest.json',
    '/etc/passwd',
    'a//b',
    'https://example.org/x',
    'a/../b',
    'a/.b',
    'a\\b',
    '',
  ];
  for (const path of paths) {
    const [file, ...files] = manifest.files;
    await changeManifest(other, releases[0] as string, () => ({
      ...manifest,
      files: [{ ...file, path }, ...files],
    }));
    await fails(
      openDataset(folderSource(other)).current(),
      'damaged',
      /files\[0\]\.path: expected a path below the release/,
    );
  }
  for (const text of ['', '{', 'null', '[]', '"x"', '\u0000', '{"releases":[null]}']) {
    await writeFile(join(other, 'latest.json'), text);
    await writeFile(join(other, 'releases.json'), text);
    await fails(openDataset(folderSource(other)).current(), 'damaged', /latest\.json is damaged/);
    await fails(openDataset(folderSource(other)).releases(), 'damaged', /releases\.json is damaged/);
  }
});

test('wrong names and options are refused with what exists', async (t) => {
  const { folder } = await publishDataset(t, 1);
  const dataset = openDataset(folderSource(folder));
  const release = await dataset.current();
  // As a program without types would call it.
  const ask = (table: string, options: object = {}) => collect(release.rows(table as 'admin0', options));
  const cases: [Promise<unknown>, DatasetErrorKind, RegExp][] = [
    [
      ask('admin3'),
      'no-table',
      /no table "admin3"; it has admin0, admin1, admin2, snapshots, countries, operations/,
    ],
    [ask('admin0', { columns: ['idps'] }), 'no-column', /admin0 has no column "idps"; it has admin0_name, /],
    [ask('admin0', { where: { idps: 1 } }), 'no-column', /no column "idps"/],
    [ask('admin0', { countries: 'tcd' }), 'no-country', /has no country "tcd"; it has rows of TCD$/],
    [ask('admin0', { countries: ['TCD', 7] }), 'no-country', /has no country 7/],
    [ask('admin1', { countries: 'TCD' }), 'gap', /TCD has no rows in admin1 .*: the unit is absent/],
    [
      ask('admin0', { country: 'TCD' }),
      'usage',
      /country: expected one of the options countries, columns, where/,
    ],
    [
      ask('admin0', { countries: [] }),
      'usage',
      /countries: expected a code such as HTI, or a list of at least one/,
    ],
    [ask('admin0', { countries: null }), 'usage', /countries: expected/],
    [ask('admin0', { columns: [] }), 'usage', /columns: expected a list of at least one name/],
    [ask('admin0', { limit: -1 }), 'usage', /limit: expected a whole number from 0, got -1/],
    [ask('admin0', { limit: '5' }), 'usage', /limit: expected a whole number from 0, got string/],
    [ask('admin0', { where: [] }), 'usage', /where: expected an object/],
    [
      ask('admin0', { where: { operation: undefined } }),
      'usage',
      /where\.operation: expected a text, .* got undefined/,
    ],
    [ask('admin0', { where: { operation: [] } }), 'usage', /where\.operation: .*got an empty list/],
    [
      ask('admin0', { where: { round_number: '3' } }),
      'usage',
      /where\.round_number: expected a number, .* got "3"/,
    ],
    [ask('admin0', { where: { round_number: Number.NaN } }), 'usage', /got NaN/],
    [
      ask('admin0', { where: { reporting_date: '2025-02-30' } }),
      'usage',
      /expected a date such as 2025-06-30/,
    ],
    [
      ask('admin0', { where: { reporting_date: new Date() } }),
      'usage',
      /where\.reporting_date: expected a value/,
    ],
    [
      ask('admin0', { where: { reporting_date: { min: '2025' } } }),
      'usage',
      /where\.reporting_date\.min: .* got "2025"/,
    ],
    [
      ask('admin0', { where: { reporting_date: { from: '2025-01-01' } } }),
      'usage',
      /got an object with from/,
    ],
    [
      ask('admin0', { where: { is_latest: { min: true } } }),
      'usage',
      /where\.is_latest: expected true, false or null/,
    ],
  ];
  for (const [work, kind, message] of cases) await fails(work, kind, message);
  const open =
    (address: unknown, options: object = {}) =>
    () =>
      openDataset(address as string, options);
  const addresses: [() => unknown, RegExp][] = [
    [open('./dtm-sample'), /url: expected an address such as https:.*dtm-exporter serve FOLDER/],
    [open('s3://bucket/prefix'), /expected https or http, got s3:\/\/bucket\/prefix/],
    [open('https://me:secret@example.org/'), /^(?!.*secret).*give them as headers/],
    [open('https://example.org/?token=secret'), /^(?!.*secret).*give a token as headers/],
    [
      open('http://example.org/', { headers: { 'X-Key': 'secret' } }),
      /^(?!.*secret)headers: expected an https address/,
    ],
    [
      open('https://example.org/', { headers: { 'X-Key': 'secret\nsecret' } }),
      /^(?!.*secret)headers: expected a name and a text that HTTP allows, got others for "X-Key"/,
    ],
    [open('https://example.org/', { timeout: -1 }), /timeout: expected a number from 0 to 86400, got -1/],
    [open('https://example.org/', { maxRetries: 'many' }), /maxRetries: expected a number .* got string/],
    [open('https://example.org/', { apiVersion: 'v4' }), /apiVersion: expected v3 or v2, got "v4"/],
    [open('https://example.org/', { header: {} }), /header: expected one of the options fetch, headers/],
  ];
  for (const [work, message] of addresses)
    assert.throws(work, { name: 'DatasetError', kind: 'usage', message });
});

test('a country without an answer is an error, one for which the API has no rows is not', async (t) => {
  const { url, ...world } = await simulator(t);
  const folder = await temporaryFolder(t);
  world.setFaults(['500@admin1/SDN']);
  await exportInto({ folder, url, options: { maxFailed: 50 }, api: { maxRetries: 0 } });
  const release = await openDataset(folderSource(folder)).current();
  await fails(
    collect(release.rows('admin1', { countries: 'SDN' })),
    'gap',
    /SDN has no rows in admin1 .* the unit is failed \(.+\)/,
  );
  assert.ok((await collect(release.rows('admin0', { countries: 'SDN' }))).length > 0);
  await changeManifest(folder, release.id, ({ coverage }) => {
    const { units } = coverage as { units: { status: string; country: string; level: number }[] };
    for (const unit of units) if (unit.status === 'failed') unit.status = 'empty';
  });
  const empty = await openDataset(folderSource(folder)).current();
  assert.deepEqual(await collect(empty.rows('admin1', { countries: 'SDN' })), []);
});

test("a source's own error and the reason of a signal come through as they are", async (t) => {
  const { folder } = await publishDataset(t, 1);
  const own = new Error('the disk is on fire');
  let isBroken = false;
  const source: Source = {
    get: (path, options) => (isBroken ? Promise.reject(own) : folderSource(folder).get(path, options)),
  };
  const release = await openDataset(source).current();
  isBroken = true;
  await assert.rejects(collect(release.rows('admin0')), own);
  isBroken = false;
  const reason = new Error('enough');
  await assert.rejects(collect(release.rows('admin0', { signal: AbortSignal.abort(reason) })), reason);
  await assert.rejects(release.download('LICENSE.txt', { signal: AbortSignal.abort(reason) }), reason);
  const stopped = openDataset(source, { signal: AbortSignal.abort(reason) });
  await assert.rejects(stopped.current(), reason);
});
