// Two concurrent exports into one folder, as real processes of the command line. They take turns. If a turn is lost, both must
// end well, no update may be lost, and every unit must have its newest answer.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { readReleases } from '../../lib/catalogue/release-list.ts';
import type { ManifestUnit } from '../../lib/release/manifest.ts';
import type { UnitReport } from '../../lib/run/units/unit.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { checkDataset } from '../checker.ts';
import { TURNLESS } from '../lease.ts';
import { exportInto, runInChildProcess, simulator, temporaryFolder } from '../setting.ts';
import { findTruncatedFiles, readJson, watchFolder } from './watch-folder.ts';

const ROUNDS = 5;
const COUNTRIES = ['DMA', 'GRD', 'TCD'];
const ALL_COUNTRIES = COUNTRIES.join(',');
const BEFORE = '2026-11-24T05-00-00Z';

interface Racer {
  readonly url: string;
  readonly run: string;
  readonly countries: string;
}

interface RaceResult {
  readonly exit: number;
  readonly outcome: string;
  readonly release: string;
  readonly stderr: string;
}

async function race(
  folder: string,
  racers: readonly Racer[],
  { delay = 0, environment = TURNLESS }: { delay?: number; environment?: Record<string, string> } = {},
): Promise<RaceResult[]> {
  return Promise.all(
    racers.map(async ({ url, run, countries }, at) => {
      await sleep(at * delay);
      const options = ['--to', folder, '--run', run, '--countries', countries, '--levels', '0', '--json'];
      const env = { DTMAPI_URL: url, DTMAPI_SUBSCRIPTION_KEY: 'sample-key', ...environment };
      const { exit, stdout, stderr } = await runInChildProcess(['export', ...options], { env });
      return { exit, ...JSON.parse(stdout || '{}'), stderr };
    }),
  );
}

/** The newest answers of any run for a country: two, if both came in the same millisecond. */
async function newestReports(folder: string, country: string): Promise<UnitReport[]> {
  const runs = await readdir(join(folder, 'runs'));
  const reports = await Promise.all(
    runs.map((run) => readJson<UnitReport>(join(folder, `runs/${run}/units/admin0/${country}.json`))),
  );
  const answered = reports.filter((report) => report !== null);
  const newestTime = answered
    .map(({ fetched_at }) => fetched_at ?? '')
    .sort()
    .at(-1);
  return answered.filter(({ fetched_at }) => fetched_at === newestTime);
}

/** Checks a folder after a race. Returns the units of the current release. */
async function checkFolder(folder: string, results: readonly RaceResult[]): Promise<ManifestUnit[]> {
  for (const { exit, stderr } of results) assert.ok(exit === 0 || exit === 3, `exit ${exit}: ${stderr}`);
  const store = folderStore(folder);
  const { pointer, manifest } = await readCurrent(store);
  assert.deepEqual((await verifyRelease(store)).problems, []);
  assert.deepEqual(await findTruncatedFiles(folder), []);
  const published = results.map(({ release }) => release);
  assert.deepEqual((await checkDataset(folder, { published })).problems, []);
  const listed = await readReleases(store);
  assert.equal(listed[0]?.release, pointer?.release);
  // Each release supersedes the next one in the list, so no release was replaced without notice.
  const chain = listed.map(({ supersedes }) => supersedes);
  assert.deepEqual(chain, [...listed.slice(1).map(({ release }) => release), null]);
  for (const { release } of results) assert.ok(listed.some((entry) => entry.release === release));
  const units = (manifest?.coverage.units ?? []).filter(({ rows }) => rows > 0);
  assert.deepEqual(
    units.map(({ country }) => country),
    COUNTRIES,
  );
  for (const unit of units) {
    const reports = await newestReports(folder, unit.country);
    const hashes = reports.map(({ raw_sha256 }) => raw_sha256);
    assert.ok(hashes.includes(unit.raw_sha256), `${unit.country} of ${unit.fetched_at}`);
    assert.ok((unit.fetched_at ?? '') <= (reports[0]?.fetched_at ?? ''));
  }
  return units;
}

/** Number of releases that were built but never published, because the other run was faster. */
async function countUnpublished(folder: string): Promise<number> {
  const built = await readdir(join(folder, 'releases'));
  return built.length - (await readReleases(folderStore(folder))).length;
}

const createRacers = (one: Omit<Racer, 'run'>, other: Omit<Racer, 'run'>): Racer[] => [
  { ...one, run: '2026-11-24T06-00-00Z-one' },
  { ...other, run: '2026-11-24T06-00-00Z-other' },
];

function reportCollisions(t: TestContext, collisions: number): void {
  t.diagnostic(`${ROUNDS} races; ${collisions} releases were overtaken before they were published`);
}

test('of two concurrent exports one publishes, and the other says that it was skipped', async (t) => {
  const world = await simulator(t, { faults: ['latency=300'] });
  const folder = await temporaryFolder(t);
  const racer = { url: world.url, countries: 'DMA' };
  const results = await race(folder, createRacers(racer, racer), { environment: {} });
  assert.deepEqual(results.map(({ exit, outcome }) => [exit, outcome]).sort(), [
    [0, 'published'],
    [0, 'skipped'],
  ]);
  assert.equal(world.requests.length, 3);
  const { stderr } = results.find(({ outcome }) => outcome === 'skipped') as RaceResult;
  assert.match(
    stderr,
    /^dtm-exporter: skipped: run 2026-11-24T06-00-00Z-(one|other) \(process \d+ on \S+\) has been under way since /m,
  );
});

test('two concurrent first exports of different worlds publish the newest answer of every unit', async (t) => {
  const worlds = [await simulator(t), await simulator(t, { faults: ['changed@GRD'] })] as const;
  let collisions = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const folder = await temporaryFolder(t);
    const reader = watchFolder(folder);
    t.after(reader.stop);
    const [one, other] = worlds.map(({ url }) => ({ url, countries: ALL_COUNTRIES }));
    const results = await race(folder, createRacers(one as Racer, other as Racer), { delay: round % 2 });
    await checkFolder(folder, results);
    assert.deepEqual((await reader.stop()).problems, []);
    collisions += await countUnpublished(folder);
  }
  reportCollisions(t, collisions);
});

test('two concurrent updates of different countries are both published', async (t) => {
  const old = await simulator(t);
  const worlds = [
    await simulator(t, { faults: ['changed@DMA'] }),
    await simulator(t, { faults: ['changed@TCD'] }),
  ];
  let collisions = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const folder = await temporaryFolder(t);
    const first = await exportInto({ folder, url: old.url, run: BEFORE, countries: COUNTRIES, levels: [0] });
    const reader = watchFolder(folder);
    t.after(reader.stop);
    const [one, other] = worlds.map(({ url }) => url);
    const racers = createRacers(
      { url: one as string, countries: 'DMA' },
      { url: other as string, countries: 'TCD' },
    );
    const results = await race(folder, racers);
    assert.deepEqual(
      results.map(({ outcome }) => outcome),
      ['published', 'published'],
    );
    const units = await checkFolder(folder, results);
    const from = new Map(units.map((unit) => [unit.country, unit.from]));
    assert.deepEqual(
      COUNTRIES.map((country) => from.get(country)),
      [results[0]?.release, first.release, results[1]?.release],
    );
    assert.equal((await readReleases(folderStore(folder))).length, 3);
    assert.deepEqual((await reader.stop()).problems, []);
    collisions += await countUnpublished(folder);
  }
  reportCollisions(t, collisions);
});
