// `verify` finds every changed byte and every added or missing file, and names the file.
import assert from 'node:assert/strict';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { serveDataset } from '../../lib/read/serve.ts';
import { jsonBytes, sha256 } from '../../lib/release/digest.ts';
import type { Manifest, ManifestFile } from '../../lib/release/manifest.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { webStore } from '../../lib/store/web/web-store.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { exportInto, readFilesBelow, simulator, skipSchemaCheck, temporaryFolder } from '../setting.ts';

async function publishChad(t: TestContext): Promise<{ folder: string; release: string }> {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  const { release } = await exportInto({ folder, url, countries: ['TCD'] });
  return { folder, release: release as string };
}

const problemsOf = async (folder: string) => (await verifyRelease(folderStore(folder))).problems;

test('an unchanged release has no problems', async (t) => {
  const { folder, release } = await publishChad(t);
  const paths: string[] = [];
  const result = await verifyRelease(folderStore(folder), (path) => paths.push(path));
  assert.deepEqual([result.release, result.problems, result.unlistable], [release, [], null]);
  assert.equal(paths.length, result.files);
});

test('a changed byte in any file is reported with the file name', async (t) => {
  const { folder, release } = await publishChad(t);
  const root = join(folder, 'releases', release);
  const files = [...(await readFilesBelow(root))];
  assert.ok(files.length > 20);
  for (const [path, body] of files) {
    const changed = Buffer.from(body);
    changed[body.length >> 1] = (changed[body.length >> 1] as number) ^ 1;
    await writeFile(path, changed);
    const problems = await problemsOf(folder);
    assert.ok(problems.length > 0 && problems.some((one) => one.includes(path.slice(root.length + 1))), path);
    await writeFile(path, body);
  }
  assert.deepEqual(await problemsOf(folder), []);
});

test('a missing or truncated file is reported', async (t) => {
  const { folder, release } = await publishChad(t);
  for (const [path, body] of await readFilesBelow(join(folder, 'releases', release))) {
    await rm(path);
    assert.match((await problemsOf(folder)).join(), /missing/, path);
    await writeFile(path, body.subarray(0, -1));
    assert.ok((await problemsOf(folder)).length > 0, path);
    await writeFile(path, body);
  }
});

test('an unknown or missing key in published JSON is reported', async (t) => {
  const { folder, release } = await publishChad(t);
  skipSchemaCheck(folder);
  const change = async (path: string, edit: (value: Record<string, unknown>) => void): Promise<string> => {
    const file = join(folder, path);
    const before = await readFile(file, 'utf8');
    const value = JSON.parse(before);
    edit(value);
    await writeFile(file, jsonBytes(value));
    return before;
  };
  for (const path of ['latest.json', 'releases.json', 'status.json']) {
    const before = await change(path, (value) => Object.assign(value, { surprise: 1 }));
    assert.deepEqual(await problemsOf(folder), [
      `${path}: the whole: must NOT have additional properties ("surprise")`,
    ]);
    await writeFile(join(folder, path), before);
  }
  // The manifest lists the new hash, as if another program had written the file.
  const quality = `releases/${release}/quality.json`;
  await change(quality, (value) => delete value.freshness);
  const body = await readFile(join(folder, quality));
  const manifest = `releases/${release}/manifest.json`;
  await change(manifest, ({ files }) => {
    const entry = (files as ManifestFile[]).find(({ path }) => path === 'quality.json');
    Object.assign(entry as ManifestFile, { bytes: body.length, sha256: sha256(body) });
  });
  const manifest_sha256 = sha256(await readFile(join(folder, manifest)));
  await change('latest.json', (value) => Object.assign(value, { manifest_sha256 }));
  assert.deepEqual(await problemsOf(folder), [
    "quality.json: the whole: must have required property 'freshness'",
  ]);
});

test('an unlisted file anywhere below the release is reported', async (t) => {
  const { folder, release } = await publishChad(t);
  for (const path of [
    'extra.txt',
    'tables/admin0/admin0 (copy).parquet',
    'parquet/admin0/country=XXX/x.parquet',
  ]) {
    const unlisted = join(folder, 'releases', release, path);
    await mkdir(join(unlisted, '..'), { recursive: true });
    await writeFile(unlisted, 'x');
    assert.deepEqual(await problemsOf(folder), [`${path}: not listed in manifest.json`]);
    await rm(unlisted);
  }
});

test('a pointer that is damaged, missing or names another manifest is reported', async (t) => {
  const { folder, release } = await publishChad(t);
  const path = join(folder, 'latest.json');
  const pointer = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ manifest_sha256: '0'.repeat(64) }, /manifest\.json is damaged: latest\.json expects SHA-256 0000/],
    [{ manifest: 'releases/../x/manifest.json' }, /latest\.json is damaged: manifest: expected releases\//],
    [
      { release: '2020-01-01.1', manifest: 'releases/2020-01-01.1/manifest.json' },
      /names it, but it is missing/,
    ],
    [{ rows: 'many' }, /latest\.json is damaged: rows: /],
  ];
  for (const [change, problem] of cases) {
    await writeFile(path, JSON.stringify({ ...pointer, ...change }));
    assert.match((await problemsOf(folder)).join(), problem);
  }
  await writeFile(path, '{"release":');
  assert.match((await problemsOf(folder)).join(), /latest\.json is damaged/);
  await writeFile(path, 'null');
  assert.match(
    (await problemsOf(folder)).join(),
    /latest\.json is damaged: Expected an object, but received: null/,
  );
  await rm(path);
  assert.match(
    (await problemsOf(folder)).join(),
    /latest\.json is missing, though releases\.json is there: .*repair DEST/,
  );
  assert.ok(release);
});

test('a manifest with wrong rows or columns is reported even if every hash is right', async (t) => {
  const { folder, release } = await publishChad(t);
  const copy = await temporaryFolder(t);
  const lies: [
    (manifest: {
      files: { path: string; rows: number | null }[];
      tables: { name: string; columns: { name: string }[] }[];
    }) => void,
    RegExp,
  ][] = [
    [
      (manifest) => {
        const file = manifest.files.find(({ path }) => path === 'tables/admin1/admin1.parquet');
        if (file) file.rows = 1_000_000;
      },
      /admin1\.parquet: expected 1000000 rows, its footer says/,
    ],
    [
      (manifest) => {
        const file = manifest.files.find(({ path }) => path === 'csv/admin2.csv.gz');
        if (file) file.rows = 999;
      },
      /admin2\.csv\.gz: expected 999 rows, found/,
    ],
    [
      (manifest) => {
        const file = manifest.files.find(({ path }) => path === 'xlsx/snapshots.xlsx');
        if (file) file.rows = 1;
      },
      /xlsx\/snapshots\.xlsx: expected 1 rows, found \d+/,
    ],
    [
      (manifest) => {
        manifest.tables.find(({ name }) => name === 'admin0')?.columns.reverse();
      },
      /admin0\.parquet: expected columns id.*csv\/admin0\.csv\.gz: expected the header id,/,
    ],
  ];
  for (const [lie, problem] of lies) {
    await cp(folder, copy, { recursive: true });
    await changeManifest(copy, release, lie);
    assert.match((await problemsOf(copy)).join('\n').replaceAll('\n', ' '), problem);
  }
});

test('a release on the web verifies, and `unlistable` says that its folder cannot be listed', async (t) => {
  const { folder, release } = await publishChad(t);
  const served = await serveDataset(folderStore(folder), { port: 0 });
  t.after(() => served.close());
  const result = await verifyRelease(webStore(served.url));
  assert.deepEqual([result.release, result.problems], [release, []]);
  assert.match(result.unlistable ?? '', /list/);
});

test('a release of an older format version verifies with its older keys and CSV header', async (t) => {
  const { folder, release } = await publishChad(t);
  // These files no longer match the schemas that every test checks at its end.
  skipSchemaCheck(folder);
  const root = join(folder, 'releases', release);
  const files: Record<string, (body: Buffer) => Buffer> = {
    'csv/countries.csv.gz': (body) => gzipSync(String(gunzipSync(body)).replaceAll('"', '')),
    'schema.json': (body) => Buffer.from(JSON.stringify(withoutHxl(JSON.parse(String(body))))),
  };
  for (const [path, older] of Object.entries(files)) {
    const body = older(await readFile(join(root, path)));
    await writeFile(join(root, path), body);
    await changeManifest(folder, release, ({ files }) => {
      const entry = files.find((each) => each.path === path);
      Object.assign(entry ?? {}, { bytes: body.length, sha256: sha256(body) });
    });
  }
  assert.match((await problemsOf(folder)).join('\n'), /^schema\.json: .*must have required property 'hxl'/);
  await changeManifest(folder, release, (manifest) => {
    manifest.format_version = 2;
  });
  assert.deepEqual(await problemsOf(folder), []);
});

/** `schema.json` without the HXL hashtags of its columns. */
const withoutHxl = (schema: { tables: { columns: Record<string, unknown>[] }[] }) => {
  for (const column of schema.tables.flatMap(({ columns }) => columns)) delete column.hxl;
  return schema;
};

/** Changes a manifest and updates its SHA-256 in the pointer. */
async function changeManifest(
  folder: string,
  release: string,
  change: (manifest: Mutable<Manifest>) => void,
): Promise<void> {
  const path = join(folder, 'releases', release, 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8'));
  change(manifest);
  const text = JSON.stringify(manifest);
  await writeFile(path, text);
  const pointer = JSON.parse(await readFile(join(folder, 'latest.json'), 'utf8'));
  await writeFile(join(folder, 'latest.json'), JSON.stringify({ ...pointer, manifest_sha256: sha256(text) }));
}

type Mutable<T> = { -readonly [key in keyof T]: T[key] };
