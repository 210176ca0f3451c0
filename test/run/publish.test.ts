// What a published release holds, and when a run publishes one.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { readReleases } from '../../lib/catalogue/release-list.ts';
import { readStatus } from '../../lib/catalogue/status.ts';
import type { RunContext } from '../../lib/run/context.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { LEVEL_TABLES } from '../../lib/table/schema.ts';
import { assertSame } from '../assert-same.ts';
import { exportInto, readFilesBelow, simulator, temporaryFolder } from '../setting.ts';

const RUNS = ['2026-11-24T05-00-00Z', '2026-11-24T06-00-00Z', '2026-11-24T07-00-00Z'] as const;

const shaOf = async (folder: string, country: string): Promise<string[]> => {
  const { manifest } = await readCurrent(folderStore(folder));
  return (manifest?.files ?? []).filter((file) => file.country === country).map(({ sha256 }) => sha256);
};

test('a run of all countries is published, listed and recorded in status.json', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  const outcome = await exportInto({ folder, url, countries: null });
  assert.equal(outcome.outcome, 'published');
  const { pointer, manifest } = await readCurrent(folderStore(folder));
  assert.equal(pointer?.release, outcome.release);
  assert.equal(outcome.manifest, `releases/${outcome.release}/manifest.json`);
  assert.equal(manifest?.synthetic, true);
  assert.equal(manifest?.coverage.units.length, outcome.units.ok + outcome.units.empty);
  const [listed] = await readReleases(folderStore(folder));
  assert.deepEqual(
    [listed?.release, listed?.status, listed?.rows],
    [outcome.release, 'published', outcome.rows],
  );
  const status = await readStatus(folderStore(folder));
  assert.equal(status?.last_check?.outcome, 'published');
  assert.equal(status?.last_change?.release, outcome.release);
});

test('progress reports the number of data files from the first file on', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  const expected = new Set<number>();
  const onProgress: RunContext['onProgress'] = (progress) => {
    if (progress.stage === 'write' && /^(tables|parquet|csv|xlsx)/.test(progress.path))
      expected.add(progress.files);
  };
  await exportInto({ folder, url, context: { onProgress } });
  const { manifest } = await readCurrent(folderStore(folder));
  const data = manifest?.files.filter(({ format }) => ['parquet', 'csv', 'xlsx'].includes(format)) ?? [];
  assert.deepEqual([...expected], [data.length]);
});

test('every requested unit has the SHA-256, size and time of its answer', async (t) => {
  const { url, requests } = await simulator(t);
  const folder = await temporaryFolder(t);
  const { release } = await exportInto({ folder, url, countries: ['AFG'] });
  const { manifest } = await readCurrent(folderStore(folder));
  const asked = manifest?.coverage.units.filter(({ status }) => status !== 'absent') ?? [];
  assert.deepEqual(
    asked.map(({ country, level, status, from }) => [country, level, status, from]),
    [0, 1, 2].map((level) => ['AFG', level, 'ok', release]),
  );
  for (const unit of asked) {
    assert.match(unit.raw_sha256 ?? '', /^[0-9a-f]{64}$/);
    assert.ok((unit.raw_bytes ?? 0) > 0 && (unit.fetched_at ?? '') > '2020');
  }
  assert.equal(requests.length, 5);
});

test('the same rows make no release, except with --reissue', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  const first = await exportInto({ folder, url, run: RUNS[0] });
  const before = await readFilesBelow(join(folder, 'releases'));
  const second = await exportInto({ folder, url, run: RUNS[1] });
  assert.deepEqual([second.outcome, second.release], ['unchanged', first.release]);
  assertSame(await readFilesBelow(join(folder, 'releases')), before);
  const status = await readStatus(folderStore(folder));
  assert.deepEqual([status?.last_check?.run, status?.last_check?.outcome], [RUNS[1], 'unchanged']);
  const third = await exportInto({ folder, url, run: RUNS[2], options: { reissue: true } });
  assert.equal(third.outcome, 'published');
  assert.notEqual(third.release, first.release);
  const listed = (await readReleases(folderStore(folder))).map(({ release }) => release);
  assert.deepEqual(listed, [third.release, first.release]);
});

test('a changed licence makes a release', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url, run: RUNS[0] });
  const terms = { licence: 'CC BY-NC 4.0', visibility: 'private', contact: null } as const;
  const second = await exportInto({ folder, url, run: RUNS[1], context: { terms } });
  assert.equal(second.outcome, 'published');
  assert.equal(
    await readFile(join(folder, `releases/${second.release}/LICENSE.txt`), 'utf8').then(
      (text) => text.split('\n')[0],
    ),
    'CC BY-NC 4.0',
  );
});

test('new row ids and another row order make no release', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const first = await exportInto({ folder, url: world.url, run: RUNS[0] });
  world.setFaults(['renumber']);
  const second = await exportInto({ folder, url: world.url, run: RUNS[1] });
  assert.deepEqual([second.outcome, second.release], ['unchanged', first.release]);
});

test('one changed figure makes a release in which other countries keep their bytes', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url: world.url, run: RUNS[0] });
  const [afghanistan, chad] = [await shaOf(folder, 'AFG'), await shaOf(folder, 'TCD')];
  world.setFaults(['changed@AFG']);
  const second = await exportInto({ folder, url: world.url, run: RUNS[1] });
  assert.equal(second.outcome, 'published');
  assert.deepEqual(await shaOf(folder, 'TCD'), chad);
  assert.equal(chad.length, LEVEL_TABLES.length * 2 + 1, 'Parquet and CSV for each level, and a workbook');
  assert.notDeepEqual(await shaOf(folder, 'AFG'), afghanistan);
});

test('equal answers give equal bytes in any folder, at any time and concurrency', async (t) => {
  const { url } = await simulator(t);
  const [first, second] = [await temporaryFolder(t), await temporaryFolder(t)];
  const context = { now: () => new Date('2026-11-24T05:00:00Z') };
  await exportInto({ folder: first, url, context });
  await exportInto({ folder: second, url, context, options: { concurrency: 1 } });
  const bytes = async (folder: string) =>
    [...(await readFilesBelow(join(folder, 'releases')))].map(([path, body]) => [
      path.slice(folder.length),
      body,
    ]);
  const isManifest = (path: unknown) => String(path).endsWith('manifest.json');
  const [a, b] = [await bytes(first), await bytes(second)];
  assert.deepEqual(
    a.filter(([path]) => !isManifest(path)),
    b.filter(([path]) => !isManifest(path)),
  );
});

test('API v2 is published as dataset dtm-idp-v2 without columns of sex', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  const { outcome } = await exportInto({ folder, url, version: 'v2' });
  assert.equal(outcome, 'published');
  const { manifest } = await readCurrent(folderStore(folder));
  assert.equal(manifest?.dataset, 'dtm-idp-v2');
  const columns = manifest?.tables[0]?.columns.map(({ name }) => name);
  assert.ok(columns && !columns.includes('number_males'));
});

test('an empty unit has the reason of the API and no files', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  const { units } = await exportInto({ folder, url, countries: ['FJI', 'DMA'] });
  assert.deepEqual([units.ok, units.empty, units.failed], [1, 5, 0]);
  const { manifest } = await readCurrent(folderStore(folder));
  const empty = manifest?.coverage.units.filter(({ status }) => status === 'empty') ?? [];
  assert.deepEqual([...new Set(empty.map(({ reason }) => reason))], ['No matching data found.']);
  assert.deepEqual([...new Set(empty.map(({ rows, from }) => `${rows} ${from}`))], ['0 null']);
  const paths = manifest?.files.filter(({ country }) => country === 'FJI');
  assert.deepEqual(paths, []);
});
