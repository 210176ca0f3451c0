// A release that takes files of the release before has the same bytes as one that is built from its rows alone.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { pageFiles } from '../../lib/catalogue/page/asset-references.ts';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { DTMApi } from '../../lib/dtm/client.ts';
import { jsonBytes, sha256 } from '../../lib/release/digest.ts';
import type { Manifest } from '../../lib/release/manifest.ts';
import { withdrawRelease } from '../../lib/retire/withdraw.ts';
import { finishRun } from '../../lib/run/finish.ts';
import type { Outcome } from '../../lib/run/outcome/outcome.ts';
import { planRun } from '../../lib/run/plan.ts';
import { fetchUnits } from '../../lib/run/units/fetch-units.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { admin0Row, admin2Row, reportedOn } from '../rows.ts';
import { simulator, skipSchemaCheck, temporaryFolder } from '../setting.ts';

const COUNTRIES = ['ATL', 'LEM', 'MUX'];
const LEVELS = ['admin0', 'admin1', 'admin2'] as const;
type Level = (typeof LEVELS)[number];
type Row = Record<string, unknown>;

/** The answers of a small API, which the test changes from run to run. */
interface World {
  rows: Record<string, Record<Level, Row[]>>;
  operations: { operation: string; operationStatus: string; admin0Name: string; admin0Pcode: string }[];
}

function createWorld(): World {
  const rowsOf = (country: string, level: Level): Row[] =>
    ['2024-01-31', '2024-02-29', '2024-03-31'].map((day, at) => {
      const more = { ...reportedOn(day), admin0Pcode: country, roundNumber: at + 1, id: at + 1 };
      if (level === 'admin0') return admin0Row({ ...more, id: undefined });
      const { admin2Name, admin2Pcode, ...area } = admin2Row(more);
      return level === 'admin1' ? area : { ...area, admin2Name, admin2Pcode };
    });
  const levelsOf = (country: string) =>
    Object.fromEntries(LEVELS.map((level) => [level, rowsOf(country, level)])) as Record<Level, Row[]>;
  return {
    rows: Object.fromEntries(COUNTRIES.map((country) => [country, levelsOf(country)])),
    operations: COUNTRIES.map((admin0Pcode) => ({
      ...{ operation: 'Flood response', operationStatus: 'Active', admin0Name: 'Atlantis', admin0Pcode },
    })),
  };
}

const answer = (result: readonly unknown[]): string =>
  JSON.stringify({
    ...{ result, statusCode: 200, isSuccess: true, errorMessages: [] },
    totalRecordsCount: result.length,
  });

async function writeAnswers(folder: string, { rows, operations }: World): Promise<void> {
  const write = (name: string, result: readonly unknown[]) =>
    writeFile(join(folder, `${name}.json`), answer(result));
  const listed = operations.map(({ admin0Name, admin0Pcode }) => ({ admin0Name, admin0Pcode }));
  await write('country-list', listed);
  await write('operation-list', operations);
  for (const country of COUNTRIES)
    for (const level of LEVELS) await write(`${level}-${country}`, rows[country]?.[level] ?? []);
}

/** What happens before a run. */
type Change = (world: World, country: string, level: Level) => void;

const CHANGES: Readonly<Record<string, Change>> = {
  'a figure': ({ rows }, country, level) => {
    const [first] = rows[country]?.[level] ?? [];
    if (first) first.numPresentIdpInd = Number(first.numPresentIdpInd) + 1;
  },
  'a row more': ({ rows }, country, level) => {
    const list = rows[country]?.[level] ?? [];
    const last = list.at(-1);
    if (last) list.push({ ...last, roundNumber: Number(last.roundNumber) + 1 });
  },
  'a row less': ({ rows }, country, level) => void rows[country]?.[level].shift(),
  'the order of rows': ({ rows }, country, level) => void rows[country]?.[level].reverse(),
  'all ids': ({ rows }, country, level) => {
    for (const row of rows[country]?.[level] ?? []) if (level !== 'admin0') row.id = Number(row.id) + 100;
  },
  'the name of an operation': ({ rows }, country) => {
    for (const level of LEVELS)
      for (const row of rows[country]?.[level] ?? []) row.operation = `${row.operation}, renamed`;
  },
  'the status of an operation': ({ operations }, country) => {
    for (const one of operations)
      if (one.admin0Pcode === country)
        one.operationStatus = one.operationStatus === 'Active' ? 'Inactive' : 'Active';
  },
  'no country any more': (world, country) => {
    if (world.operations.length > 1)
      world.operations = world.operations.filter(({ admin0Pcode }) => admin0Pcode !== country);
  },
  nothing: () => {},
};

/** Formats of files to damage. */
const DAMAGES = ['damaged parquet', 'damaged csv', 'damaged xlsx'] as const;
type Damage = (typeof DAMAGES)[number];
const isDamage = (before: Step['before']): before is Damage => DAMAGES.some((damage) => damage === before);

interface Step {
  readonly change: string;
  readonly country: string;
  readonly level: Level;
  readonly fails: boolean;
  readonly isPartial: boolean;
  readonly before: 'nothing' | 'withdraw' | Damage | 'damaged summary';
}

// Without damaged Parquet files: they are an error if the run needs their rows, as of a country that it does not ask for.
const step: fc.Arbitrary<Step> = fc.record({
  change: fc.constantFrom(...Object.keys(CHANGES)),
  country: fc.constantFrom(...COUNTRIES),
  level: fc.constantFrom(...LEVELS),
  fails: fc.boolean(),
  isPartial: fc.boolean(),
  before: fc.constantFrom(
    'nothing',
    'nothing',
    'nothing',
    'withdraw',
    'damaged summary',
    'damaged csv',
    'damaged xlsx',
  ),
});

const DAY = 24 * 60 * 60 * 1000;

const OPTIONS = { maxFailed: 100, maxAge: 30, acceptDrop: true, reissue: false } as const;
const TERMS = { licence: 'For us alone.', visibility: 'private', contact: null } as const;

/** A dataset in a folder, a copy of it, and the API that it is exported from. */
interface Dataset {
  readonly folder: string;
  readonly scratch: string;
  readonly url: string;
}

function contextOf({ url }: Dataset, { folder, run, time }: { folder: string; run: string; time: Date }) {
  return {
    ...{ run, source: { url, apiVersion: 'v3' as const }, store: folderStore(folder) },
    ...{ terms: TERMS, publicUrl: null, announcer: null, now: () => time, onProgress: () => {} },
    generator: { name: 'dtm-exporter', version: '1.2.3', reading: 'one-way' },
  };
}

/**
 * Asks once, then publishes twice: without files of the current release, and with them. `disturb` is called between the
 * two.
 */
async function publishTwice(
  dataset: Dataset,
  number: number,
  countries: readonly string[] | null,
  disturb = async (): Promise<void> => {},
): Promise<{ outcome: Outcome; rebuilt: Outcome }> {
  const { folder, scratch, url } = dataset;
  const moment = { run: `2026-11-24T05-00-00Z-${number}`, time: new Date(Date.now() + number * 1000) };
  using api = new DTMApi({ subscriptionKey: 'sample-key', baseUrl: url, retryDelay: 0.001, maxRetries: 0 });
  const context = { ...contextOf(dataset, { folder, ...moment }), api };
  const take = async () => ({ apiVersion: 'v3' as const, levels: [0, 1, 2] as const, countries });
  const plan = await planRun(context, 'v3', { execution: null, take });
  const deadline = new AbortController().signal;
  await fetchUnits(context, plan, { concurrency: 4, maxFailed: 100, retryFailed: true, deadline });
  await rm(scratch, { recursive: true, force: true });
  await cp(folder, scratch, { recursive: true });
  await forgetGenerator(scratch);
  const rebuilt = await finishRun(contextOf(dataset, { folder: scratch, ...moment }), plan, OPTIONS);
  await disturb();
  return { outcome: (await finishRun(context, plan, OPTIONS)).outcome, rebuilt: rebuilt.outcome };
}

const currentManifest = async ({ folder }: Dataset): Promise<Manifest | null> =>
  (await readCurrent(folderStore(folder))).manifest;

/** Another program has read the current release: nothing of it counts as known, and no file is taken. */
async function forgetGenerator(folder: string): Promise<void> {
  const { manifest, pointer } = await readCurrent(folderStore(folder));
  if (!manifest || !pointer?.manifest) return;
  const other = jsonBytes({ ...manifest, generator: { ...manifest.generator, reading: 'another' } });
  await writeFile(join(folder, pointer.manifest), other);
  const manifest_sha256 = sha256(other);
  await writeFile(join(folder, 'latest.json'), jsonBytes({ ...pointer, manifest_sha256 }));
  const list = JSON.parse(await readFile(join(folder, 'releases.json'), 'utf8')) as {
    releases: { release: string }[];
  };
  const releases = list.releases.map((entry) =>
    entry.release === manifest.release ? { ...entry, manifest_sha256 } : entry,
  );
  await writeFile(join(folder, 'releases.json'), jsonBytes({ ...list, releases }));
}

/** Publishes once before the steps and once after each. Returns the number of files that were taken. */
async function publishSteps(t: TestContext, steps: readonly Step[]): Promise<number> {
  const [folder = '', scratch = '', answers = ''] = await Promise.all(
    [1, 2, 3].map(() => temporaryFolder(t)),
  );
  for (const path of [folder, scratch]) skipSchemaCheck(path);
  const world = createWorld();
  await writeAnswers(answers, world);
  const api = await simulator(t, { answers });
  const dataset = { folder, scratch, url: api.url };
  await publishTwice(dataset, 0, null);
  let taken = 0;
  for (const [at, { change, country, level, fails, isPartial, before }] of steps.entries()) {
    const current = await currentManifest(dataset);
    if (before === 'withdraw' && current) await withdraw(dataset, current);
    if (before === 'damaged summary' && current) await damageSummary(dataset, current);
    CHANGES[change]?.(world, country, level);
    await writeAnswers(answers, world);
    api.setFaults(fails ? [`500@${level}/${country}`] : []);
    const listed = world.operations.map(({ admin0Pcode }) => admin0Pcode);
    const asked = isPartial ? listed.slice(0, 1) : null;
    const { outcome, rebuilt } = await publishTwice(dataset, at + 1, asked, async () => {
      if (isDamage(before) && current) await damageFile(dataset, current, before);
    });
    assert.deepEqual(outcome, rebuilt);
    if (outcome.outcome !== 'published') continue;
    const release = `releases/${outcome.release}`;
    execFileSync('diff', ['-r', join(folder, release), join(scratch, release)]);
    assert.deepEqual(await chartsOf(folder), await chartsOf(scratch));
    assert.deepEqual((await verifyRelease(folderStore(folder))).problems, []);
    taken += await countLinks(join(folder, release), (await currentManifest(dataset)) as Manifest);
  }
  return taken;
}

/** The scripts that a page loads: their names have hashes of their content. */
const chartsOf = async (folder: string): Promise<string[]> =>
  pageFiles(await readFile(join(folder, 'index.html')));

async function withdraw({ folder }: Dataset, { release }: Manifest): Promise<void> {
  const options = { reason: 'wrong', now: new Date(), publicUrl: null, announcer: null };
  await withdrawRelease(folderStore(folder), release, options);
}

/** Writes other bytes of the same length into one file of a country in the current release. */
async function damageFile({ folder }: Dataset, { release, files }: Manifest, damage: Damage): Promise<void> {
  const file = files.find(({ format, country }) => damage === `damaged ${format}` && country !== null);
  if (!file) return;
  const path = join(folder, 'releases', release, file.path);
  const bytes = await readFile(path);
  await rm(path);
  await writeFile(path, bytes.fill(0, 20));
}

/** Writes a wrong number into what the run of the current release keeps of one country. */
async function damageSummary({ folder }: Dataset, { run }: Manifest): Promise<void> {
  const path = join(folder, 'runs', run, 'countries/LEM.json');
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text) await writeFile(path, text.replace('"observed": 0', '"observed": 7'));
}

async function countLinks(folder: string, { files }: Manifest): Promise<number> {
  const links = await Promise.all(files.map(async ({ path }) => (await stat(join(folder, path))).nlink));
  return links.filter((count) => count > 1).length;
}

test('with or without files of the release before, every release has the same bytes', async (t) => {
  // How many files are taken depends on the steps; the next test counts them.
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
      await publishSteps(t, steps);
    }),
    { numRuns: 6 },
  );
});

test('one changed country: all files of the others are taken, and none of its own', async (t) => {
  const only = {
    country: 'LEM',
    level: 'admin1',
    fails: false,
    isPartial: false,
    before: 'nothing',
  } as const;
  // Parquet, CSV and workbook: seven files of each of the two other countries. One with a damaged file is built again.
  assert.equal(await publishSteps(t, [{ ...only, change: 'a figure' }]), 14);
  for (const before of DAMAGES)
    assert.equal(await publishSteps(t, [{ ...only, change: 'a figure', before }]), 7, before);
  assert.equal(await publishSteps(t, [{ ...only, change: 'the status of an operation' }]), 14);
});

test('a row dated in the future is a fault until its day, also of a country whose files are taken', async (t) => {
  const [folder = '', scratch = '', answers = ''] = await Promise.all(
    [1, 2, 3].map(() => temporaryFolder(t)),
  );
  for (const path of [folder, scratch]) skipSchemaCheck(path);
  const world = createWorld();
  const tomorrow = new Date(Date.now() + DAY).toISOString().slice(0, 10);
  Object.assign(world.rows.ATL?.admin0[2] as Row, reportedOn(tomorrow));
  await writeAnswers(answers, world);
  const { url } = await simulator(t, { answers });
  const dataset = { folder, scratch, url };
  const futureRows = async (release: string | null): Promise<number> => {
    const text = await readFile(join(folder, `releases/${release}/quality.json`), 'utf8');
    const { checks } = JSON.parse(text) as { checks: { name: string; observed: number }[] };
    return checks.find(({ name }) => name === 'rows of admin0 dated in the future')?.observed ?? Number.NaN;
  };
  const first = await publishTwice(dataset, 0, null);
  assert.equal(await futureRows(first.outcome.release), 1);
  CHANGES['a figure']?.(world, 'LEM', 'admin0');
  await writeAnswers(answers, world);
  const later = await publishTwice(dataset, (3 * DAY) / 1000, null);
  assert.deepEqual(later.outcome, later.rebuilt);
  assert.equal(await futureRows(later.outcome.release), 0);
});
