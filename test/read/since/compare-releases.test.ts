// Comparisons of releases with other schemas, in a bucket, and with change logs that are not those of their rows.
import assert from 'node:assert/strict';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { compareReleases } from '../../../lib/read/since/compare-releases.ts';
import type { CountChange } from '../../../lib/read/since/counts.ts';
import { findListed, readListed } from '../../../lib/read/since/find-listed.ts';
import { jsonBytes, parseJson, sha256 } from '../../../lib/release/digest.ts';
import type { Manifest } from '../../../lib/release/manifest.ts';
import type { Releases } from '../../../lib/release/release-list.ts';
import { prune } from '../../../lib/retire/prune.ts';
import type { Store } from '../../../lib/store/store.ts';
import { LEVEL_TABLES } from '../../../lib/table/schema.ts';
import { readFilesBelow, runInThisProcess, skipSchemaCheck } from '../../setting.ts';
import { startTinyS3 } from '../../store/s3/start-tiny-s3.ts';
import { publishRevisions } from './publish-revisions.ts';

const NOW = new Date('2026-11-29T00:00:00Z');
const WORLDS = [[], ['changed=1000@AFG'], ['changed=1000@AFG', 'new-round@TCD']];

const expireAllButNewest = (store: Store) =>
  prune(store, { publicUrl: null, keepNewest: 1, keepMonthly: 0, notice: 0, keepRuns: 7, now: NOW });

async function replaceFile(path: string, body: Uint8Array): Promise<void> {
  await chmod(path, 0o600);
  await rm(path);
  await writeFile(path, body);
}

/** Changes the manifest of a published release, and its hash in the list. */
async function editManifest(
  folder: string,
  release: string,
  change: (manifest: Manifest) => Manifest,
): Promise<void> {
  const path = join(folder, `releases/${release}/manifest.json`);
  const body = jsonBytes(change(parseJson(await readFile(path)) as Manifest));
  await replaceFile(path, body);
  const list = parseJson(await readFile(join(folder, 'releases.json'))) as Releases;
  const releases = list.releases.map((entry) =>
    entry.release === release ? { ...entry, manifest_sha256: sha256(body) } : entry,
  );
  await replaceFile(join(folder, 'releases.json'), jsonBytes({ releases }));
  skipSchemaCheck(folder);
}

const withoutReasons = (manifest: Manifest): Manifest => ({
  ...manifest,
  schema_version: '1.0.0',
  tables: manifest.tables.map((table) => ({
    ...table,
    columns: table.columns.filter(({ name }) => name !== 'displacement_reason'),
  })),
});

test('a column that one release lacks is left out and named; rows differ only by the others', async (t) => {
  const { folder, releases } = await publishRevisions(t, WORLDS);
  await editManifest(folder, releases[0] as string, withoutReasons);
  const { exit, stdout } = await runInThisProcess(['diff', folder, releases[0] as string, '--json']);
  assert.equal(exit, 0);
  const { compared, changed, removed } = JSON.parse(stdout);
  assert.deepEqual(
    compared.columns_left_out,
    LEVEL_TABLES.map((table) => `${table}.displacement_reason`),
  );
  assert.deepEqual([changed, removed], [3, 0]);
  const words = await runInThisProcess(['diff', folder, releases[0] as string]);
  assert.match(words.stdout, /\nNote: not compared, since not in both: admin0\.displacement_reason, /);
});

test('releases of different major versions are not compared', async (t) => {
  const { folder, releases } = await publishRevisions(t, WORLDS);
  await editManifest(folder, releases[0] as string, (manifest) => ({ ...manifest, schema_version: '2.0.0' }));
  const { exit, stderr } = await runInThisProcess(['diff', folder, releases[0] as string]);
  assert.equal(exit, 2);
  assert.match(
    stderr,
    /2026-11-20\.1: expected tables of major version 1, found 2\.0\.0, whose rows mean something else/,
  );
});

test('a manifest that was changed afterwards is damaged, not compared', async (t) => {
  const { folder, releases } = await publishRevisions(t, WORLDS.slice(0, 2));
  await replaceFile(join(folder, `releases/${releases[0]}/manifest.json`), Buffer.from('{}'));
  skipSchemaCheck(folder);
  const { exit, stderr } = await runInThisProcess(['diff', folder, releases[0] as string]);
  assert.equal(exit, 1);
  assert.match(stderr, /manifest\.json is damaged: expected SHA-256/);
});

test('a change log of other rows is an error for diff and for history, not a wrong result', async (t) => {
  const { folder, store, releases } = await publishRevisions(t, WORLDS);
  await expireAllButNewest(store);
  const path = (release: string): string => join(folder, `releases/${release}/changes/admin0.parquet`);
  const [, second, third] = releases as [string, string, string];
  const other = await readFile(path(second));
  await replaceFile(path(third), other);
  await editManifest(folder, third, (manifest) => ({
    ...manifest,
    files: manifest.files.map((file) =>
      file.path === 'changes/admin0.parquet' ? { ...file, bytes: other.length, sha256: sha256(other) } : file,
    ),
  }));
  const manifest = await readFile(join(folder, `releases/${third}/manifest.json`));
  const latest = parseJson(await readFile(join(folder, 'latest.json'))) as object;
  await replaceFile(join(folder, 'latest.json'), jsonBytes({ ...latest, manifest_sha256: sha256(manifest) }));
  const diff = await runInThisProcess(['diff', folder, releases[0] as string]);
  assert.equal(diff.exit, 1, diff.stdout);
  assert.match(
    diff.stderr,
    /is damaged: it was to be rebuilt from release 2026-11-22\.1 and its change logs \(2\), which do not fit/,
  );
  const history = await runInThisProcess(['history', folder, '--country', 'TCD']);
  assert.deepEqual([history.exit, history.stdout], [1, '']);
  assert.match(
    history.stderr,
    /is damaged: it was to be rebuilt from release 2026-11-22\.1 and its change logs \(1\), which do not fit/,
  );
});

test('a dataset in a bucket is compared like one in a folder', async (t) => {
  const { folder, store, releases } = await publishRevisions(t, WORLDS);
  const bucket = await startTinyS3(t);
  for (const [path, body] of await readFilesBelow(folder))
    if (/^(releases\/|\w+\.json$)/.test(relative(folder, path)))
      await bucket.store.put(relative(folder, path), body, 'anything');
  const compare = async (from: Store): Promise<CountChange[]> => {
    const list = await readListed(from);
    const counts: CountChange[] = [];
    const [older, newer] = [releases[0], releases[2]].map((id) => findListed(list, id as string, NOW));
    await compareReleases(from, list, {
      ...{ from: older as never, to: newer as never, tables: LEVEL_TABLES, countries: null, now: NOW },
      onCountry: (country) => void counts.push(...country.counts),
      onProgress: () => {},
    });
    return counts;
  };
  const found = await compare(bucket.store);
  assert.ok(found.length > 3);
  assert.deepEqual(found, await compare(store));
  assert.ok(!bucket.requests.some((request) => request.includes('country=SDN') && request.startsWith('GET')));
});
