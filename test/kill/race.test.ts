// Two exports at once into one folder, as real processes of the command line: each ends well, no update is lost, and
// for every unit the newest answer stands.
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
import { exportInto, runInChildProcess, simulator, temporaryFolder } from '../setting.ts';
import { halfFiles, readJson, watch } from './watch-folder.ts';

const ROUNDS = 5;
const COUNTRIES = ['DMA', 'GRD', 'TCD'];
const ALL = COUNTRIES.join(',');
const BEFORE = '2026-11-24T05-00-00Z';

interface Racer {
  readonly url: string;
  readonly run: string;
  readonly countries: string;
}

interface Finish {
  readonly exit: number;
  readonly outcome: string;
  readonly release: string;
  readonly stderr: string;
}

async function race(folder: string, racers: readonly Racer[], delay = 0): Promise<Finish[]> {
  return Promise.all(
    racers.map(async ({ url, run, countries }, at) => {
      await sleep(at * delay);
      const options = ['--to', folder, '--run', run, '--countries', countries, '--levels', '0', '--json'];
      const env = { DTMAPI_URL: url, DTMAPI_SUBSCRIPTION_KEY: 'sample-key' };
      const { exit, stdout, stderr } = await runInChildProcess(['export', ...options], { env });
      return { exit, ...JSON.parse(stdout || '{}'), stderr };
    }),
  );
}

/** The newest answers that any run has had for a country: two, if both came in the same millisecond. */
async function newest(folder: string, country: string): Promise<UnitReport[]> {
  const runs = await readdir(join(folder, 'runs'));
  const reports = await Promise.all(
    runs.map((run) => readJson<UnitReport>(join(folder, `runs/${run}/units/admin0/${country}.json`))),
  );
  const answered = reports.filter((report) => report !== null);
  const last = answered
    .map(({ fetched_at }) => fetched_at ?? '')
    .sort()
    .at(-1);
  return answered.filter(({ fetched_at }) => fetched_at === last);
}

/** Checks all that holds after a race; resolves to the units of the current release. */
async function checkFolder(folder: string, finishes: readonly Finish[]): Promise<ManifestUnit[]> {
  for (const { exit, stderr } of finishes) assert.ok(exit === 0 || exit === 3, `exit ${exit}: ${stderr}`);
  const store = folderStore(folder);
  const { pointer, manifest } = await readCurrent(store);
  assert.deepEqual((await verifyRelease(store)).problems, []);
  assert.deepEqual(await halfFiles(folder), []);
  const published = finishes.map(({ release }) => release);
  assert.deepEqual((await checkDataset(folder, { published })).problems, []);
  const listed = await readReleases(store);
  assert.equal(listed[0]?.release, pointer?.release);
  // Each release stands on the one below it: none was overtaken unseen.
  const chain = listed.map(({ supersedes }) => supersedes);
  assert.deepEqual(chain, [...listed.slice(1).map(({ release }) => release), null]);
  for (const { release } of finishes) assert.ok(listed.some((entry) => entry.release === release));
  const units = (manifest?.coverage.units ?? []).filter(({ rows }) => rows > 0);
  assert.deepEqual(
    units.map(({ country }) => country),
    COUNTRIES,
  );
  for (const unit of units) {
    const reports = await newest(folder, unit.country);
    const hashes = reports.map(({ raw_sha256 }) => raw_sha256);
    assert.ok(hashes.includes(unit.raw_sha256), `${unit.country} of ${unit.fetched_at}`);
    assert.ok((unit.fetched_at ?? '') <= (reports[0]?.fetched_at ?? ''));
  }
  return units;
}

/** How many of the releases that were made were overtaken before they were published. */
async function overtaken(folder: string): Promise<number> {
  const made = await readdir(join(folder, 'releases'));
  return made.length - (await readReleases(folderStore(folder))).length;
}

const racersOf = (one: Omit<Racer, 'run'>, other: Omit<Racer, 'run'>): Racer[] => [
  { ...one, run: '2026-11-24T06-00-00Z-one' },
  { ...other, run: '2026-11-24T06-00-00Z-other' },
];

function tell(t: TestContext, collisions: number): void {
  t.diagnostic(`${ROUNDS} races; ${collisions} releases were overtaken before they were published`);
}

test('two first exports at once over different worlds: the newest answer of every unit stands', async (t) => {
  const worlds = [await simulator(t), await simulator(t, { faults: ['changed@GRD'] })] as const;
  let collisions = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const folder = await temporaryFolder(t);
    const reader = watch(folder);
    t.after(reader.stop);
    const [one, other] = worlds.map(({ url }) => ({ url, countries: ALL }));
    const finishes = await race(folder, racersOf(one as Racer, other as Racer), round % 2);
    await checkFolder(folder, finishes);
    assert.deepEqual((await reader.stop()).problems, []);
    collisions += await overtaken(folder);
  }
  tell(t, collisions);
});

test('two updates at once, each of another country: both are in the end', async (t) => {
  const old = await simulator(t);
  const worlds = [
    await simulator(t, { faults: ['changed@DMA'] }),
    await simulator(t, { faults: ['changed@TCD'] }),
  ];
  let collisions = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const folder = await temporaryFolder(t);
    const first = await exportInto({ folder, url: old.url, run: BEFORE, countries: COUNTRIES, levels: [0] });
    const reader = watch(folder);
    t.after(reader.stop);
    const [one, other] = worlds.map(({ url }) => url);
    const racers = racersOf(
      { url: one as string, countries: 'DMA' },
      { url: other as string, countries: 'TCD' },
    );
    const finishes = await race(folder, racers);
    assert.deepEqual(
      finishes.map(({ outcome }) => outcome),
      ['published', 'published'],
    );
    const units = await checkFolder(folder, finishes);
    const from = new Map(units.map((unit) => [unit.country, unit.from]));
    assert.deepEqual(
      COUNTRIES.map((country) => from.get(country)),
      [finishes[0]?.release, first.release, finishes[1]?.release],
    );
    assert.equal((await readReleases(folderStore(folder))).length, 3);
    assert.deepEqual((await reader.stop()).problems, []);
    collisions += await overtaken(folder);
  }
  tell(t, collisions);
});
