// A release holds the whole dataset of its prefix: a unit that failed is carried, a unit that was not requested is kept,
// and the manifest declares both.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { readStatus } from '../../lib/catalogue/status.ts';
import { sha256 } from '../../lib/release/digest.ts';
import type { ManifestUnit } from '../../lib/release/manifest.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { duckdb, exportInto, simulator, temporaryFolder } from '../setting.ts';

const RUNS = ['2026-11-24T05-00-00Z', '2026-11-24T06-00-00Z', '2026-11-24T07-00-00Z'] as const;
/** All countries at one level, which is faster than at three. */
const WORLD = { countries: null, levels: [0] } as const;
const HALF = { options: { maxFailed: 50 } };

async function manifestOf(folder: string) {
  const { manifest } = await readCurrent(folderStore(folder));
  if (!manifest) throw new Error('nothing is published');
  return manifest;
}

const unitsOf = async (folder: string, country: string): Promise<ManifestUnit[]> =>
  (await manifestOf(folder)).coverage.units.filter((unit) => unit.country === country);

const hashesOf = async (folder: string, country: string): Promise<string[]> =>
  (await manifestOf(folder)).files.filter((file) => file.country === country).map(({ sha256 }) => sha256);

test('a country without an answer is carried with its rows and the fields of its last answer', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const first = await exportInto({ folder, url: world.url, run: RUNS[0] });
  const [before, hashes] = [await unitsOf(folder, 'SDN'), await hashesOf(folder, 'SDN')];
  world.setFaults(['dead@SDN', 'changed@AFG']);
  const second = await exportInto({ folder, url: world.url, run: RUNS[1], ...HALF });
  assert.equal(second.outcome, 'published');
  assert.deepEqual([second.units.ok, second.units.carried, second.units.failed], [6, 3, 0]);
  const carried = await unitsOf(folder, 'SDN');
  for (const [level, unit] of carried.entries()) {
    assert.match(unit.reason ?? '', /^DTMApiRequestError: .*500/);
    const expected = { ...before[level], status: 'carried', reason: unit.reason, from: first.release };
    assert.deepEqual(unit, expected);
  }
  assert.deepEqual(await hashesOf(folder, 'SDN'), hashes);
  assert.deepEqual((await verifyRelease(folderStore(folder))).problems, []);
});

test('a carried unit beside unchanged ones makes no release, and status.json records it', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const first = await exportInto({ folder, url: world.url, run: RUNS[0] });
  world.setFaults(['dead@SDN']);
  const second = await exportInto({ folder, url: world.url, run: RUNS[1], ...HALF });
  assert.deepEqual([second.outcome, second.release, second.units.carried], ['unchanged', first.release, 3]);
  const status = await readStatus(folderStore(folder));
  assert.deepEqual([status?.last_check?.run, status?.last_check?.coverage.carried], [RUNS[1], 3]);
});

test('a unit that is carried twice keeps its first release and its last answer', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const first = await exportInto({ folder, url: world.url, run: RUNS[0] });
  const [before] = await unitsOf(folder, 'SDN');
  world.setFaults(['dead@SDN', 'changed@AFG']);
  await exportInto({ folder, url: world.url, run: RUNS[1], ...HALF });
  world.setFaults(['dead@SDN']);
  const third = await exportInto({ folder, url: world.url, run: RUNS[2], ...HALF });
  assert.equal(third.outcome, 'published');
  const [unit] = await unitsOf(folder, 'SDN');
  assert.deepEqual(
    [unit?.status, unit?.from, unit?.fetched_at, unit?.raw_sha256],
    ['carried', first.release, before?.fetched_at, before?.raw_sha256],
  );
});

test('a unit without an answer and without earlier rows is declared as failed', async (t) => {
  const world = await simulator(t, { faults: ['dead@SDN'] });
  const folder = await temporaryFolder(t);
  const outcome = await exportInto({ folder, url: world.url, ...HALF });
  assert.deepEqual([outcome.outcome, outcome.units.failed, outcome.units.ok], ['published', 3, 6]);
  const [unit] = await unitsOf(folder, 'SDN');
  assert.deepEqual([unit?.status, unit?.rows, unit?.from], ['failed', 0, null]);
  assert.match(unit?.reason ?? '', /500/);
  const { quality } = await manifestOf(folder);
  assert.ok(quality.failed.includes('units without an answer'));
});

test('a run of one country keeps the files of the others byte for byte', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const first = await exportInto({ folder, url: world.url, run: RUNS[0] });
  const [chad, sudan] = [await hashesOf(folder, 'TCD'), await hashesOf(folder, 'SDN')];
  world.setFaults(['changed@AFG']);
  const asked = world.requests.length;
  const second = await exportInto({ folder, url: world.url, run: RUNS[1], countries: ['AFG'] });
  assert.equal(world.requests.length - asked, 5);
  assert.equal(second.outcome, 'published');
  assert.deepEqual([second.units.ok, second.units.kept, second.rows], [3, 6, first.rows]);
  assert.deepEqual([await hashesOf(folder, 'TCD'), await hashesOf(folder, 'SDN')], [chad, sudan]);
  const [kept] = await unitsOf(folder, 'TCD');
  assert.deepEqual([kept?.status, kept?.from], ['kept', first.release]);
  const table = `${folder}/releases/${second.release}/tables/admin1/admin1.parquet`;
  const countries = await duckdb(`SELECT DISTINCT admin0_pcode AS country FROM '${table}' ORDER BY 1`);
  assert.deepEqual(countries, [{ country: 'AFG' }, { country: 'SDN' }, { country: 'TCD' }]);
});

test('a run of one level keeps the other levels, and makes no release without a change', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const first = await exportInto({ folder, url: world.url, run: RUNS[0] });
  const selection = { apiVersion: 'v3', levels: [0], countries: ['AFG', 'SDN', 'TCD'] } as const;
  const second = await exportInto({ folder, url: world.url, run: RUNS[1], options: { selection } });
  assert.deepEqual([second.outcome, second.release], ['unchanged', first.release]);
  assert.deepEqual([second.units.ok, second.units.kept], [3, 6]);
});

test('empty units are kept, and failed units stay failed if they are not requested again', async (t) => {
  const world = await simulator(t, { faults: ['dead@SDN'] });
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url: world.url, run: RUNS[0], countries: ['AFG', 'FJI', 'SDN'], ...HALF });
  const second = await exportInto({ folder, url: world.url, run: RUNS[1], countries: ['TCD'] });
  assert.equal(second.outcome, 'published');
  const statuses = async (country: string) => (await unitsOf(folder, country)).map(({ status }) => status);
  assert.deepEqual(await statuses('FJI'), ['kept', 'kept', 'kept']);
  assert.deepEqual(await statuses('SDN'), ['failed', 'failed', 'failed']);
  assert.deepEqual(await statuses('AFG'), ['kept', 'kept', 'kept']);
  assert.deepEqual(await statuses('YEM'), ['absent', 'absent', 'absent']);
});

test('`from` stays the first release for unchanged rows and is the new one for changed rows', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const first = await exportInto({ folder, url: world.url, run: RUNS[0] });
  world.setFaults(['changed@AFG']);
  const second = await exportInto({ folder, url: world.url, run: RUNS[1] });
  const from = async (country: string) => (await unitsOf(folder, country)).map((unit) => unit.from);
  assert.deepEqual(await from('TCD'), [first.release, first.release, first.release]);
  assert.deepEqual(await from('AFG'), [second.release, second.release, second.release]);
});

test("a change of the file bytes alone keeps each row's first release", async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  const first = await exportInto({ folder, url, run: RUNS[0] });
  const terms = { licence: 'CC BY-NC 4.0', visibility: 'private', contact: null } as const;
  const second = await exportInto({ folder, url, run: RUNS[1], context: { terms } });
  assert.equal(second.outcome, 'published');
  const { manifest } = await readCurrent(folderStore(folder));
  const shaIn = async (release: string) =>
    sha256(await readFile(join(folder, `releases/${release}/parquet/admin0/country=TCD/admin0-TCD.parquet`)));
  assert.notEqual(
    await shaIn(String(first.release)),
    await shaIn(String(second.release)),
    'the licence is in the footer',
  );
  const withRows = manifest?.coverage.units.filter(({ rows }) => rows > 0) ?? [];
  assert.deepEqual([...new Set(withRows.map(({ from }) => from))], [first.release]);
  assert.deepEqual(manifest?.changes, { added: 0, removed: 0, changed: 0, relabelled: 0, countries: [] });
});

test('a release of an older format version is replaced once, without a changed row', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  const first = await exportInto({ folder, url, run: RUNS[0] });
  const path = join(folder, String(first.manifest));
  const older = Buffer.from(
    JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), format_version: 2 }),
  );
  const pointer = JSON.parse(await readFile(join(folder, 'latest.json'), 'utf8'));
  await writeFile(path, older);
  await writeFile(
    join(folder, 'latest.json'),
    JSON.stringify({ ...pointer, manifest_sha256: sha256(older) }),
  );
  const second = await exportInto({ folder, url, run: RUNS[1] });
  assert.equal(second.outcome, 'published');
  assert.deepEqual(second.changes, { added: 0, removed: 0, changed: 0, relabelled: 0 });
  const third = await exportInto({ folder, url, run: '2026-11-26T05-00-00Z' });
  assert.deepEqual([third.outcome, third.release], ['unchanged', second.release]);
});

test('a damaged file of a kept unit: DamagedFileError names it, and nothing is published', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const { release } = await exportInto({ folder, url: world.url, run: RUNS[0] });
  const path = `releases/${release}/parquet/admin1/country=TCD/admin1-TCD.parquet`;
  await writeFile(join(folder, path), 'damaged');
  world.setFaults(['changed@AFG']);
  await assert.rejects(exportInto({ folder, url: world.url, run: RUNS[1], countries: ['AFG'] }), {
    name: 'DamagedFileError',
    message: new RegExp(`${path.replaceAll('.', '\\.')} is damaged: expected SHA-256`),
  });
  assert.equal((await manifestOf(folder)).release, release);
});

test('--accept-drop publishes a refused run with its failed units and sends no request', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url: world.url, run: RUNS[0], ...WORLD });
  world.setFaults(['gone@AFG', 'dead@SDN']);
  const refused = await exportInto({ folder, url: world.url, run: RUNS[1], ...WORLD });
  assert.deepEqual([refused.outcome, refused.units.carried], ['refused', 1]);
  const asked = world.requests.length;
  const options = { acceptDrop: true };
  const accepted = await exportInto({ folder, url: world.url, run: RUNS[1], ...WORLD, options });
  assert.deepEqual(
    [accepted.outcome, accepted.units.carried, world.requests.length],
    ['published', 1, asked],
  );
  assert.deepEqual(await unitsOf(folder, 'AFG'), []);
});
