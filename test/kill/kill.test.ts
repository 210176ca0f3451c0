// An export is killed at every step and started again with the same id. Each process kills itself with SIGKILL: before or after a
// write to its store, before the first read after one, while it holds the folder's lock, or while it names a new file.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import pMap from 'p-map';
import type { Announcer } from '../../lib/catalogue/announce.ts';
import { readReleases } from '../../lib/catalogue/release-list.ts';
import { readStatus } from '../../lib/catalogue/status.ts';
import type { Simulator } from '../../lib/simulator/server.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { checkDataset } from '../checker.ts';
import { exportInto, simulator, temporaryFolder } from '../setting.ts';
import type { Death, Kind, Orders } from './export-and-die.ts';
import { fileExists, findTruncatedFiles, readJson, watchFolder } from './watch-folder.ts';

const COUNTRIES = ['DMA', 'GRD'];
const SMALL = { countries: COUNTRIES, levels: [0] as const };
const RUNS = ['2026-11-24T05-00-00Z', '2026-11-24T06-00-00Z'] as const;
const MAX_CONCURRENT_KILLS = 4;
const KILLED_EXPORT = join(import.meta.dirname, 'export-and-die.ts');
const NAMES: Record<Kind, string> = {
  read: 'first reads after a change',
  write: 'writes',
  swap: 'swaps under the lock',
  naming: 'namings of a new file',
};
/** V8: space for all allocations of a short process, so that it never collects garbage. */
const NO_GC_OPTIONS = ['--max-semi-space-size=64', '--min-semi-space-size=64'];

interface KilledExport {
  readonly signal: NodeJS.Signals | null;
  readonly printed: string;
}

/** Runs an export that may kill itself, in a separate process. `cache` is the compile cache of all these processes. */
async function runKilledExport(orders: Orders, cache: string): Promise<KilledExport> {
  const child = spawn(process.execPath, [...NO_GC_OPTIONS, KILLED_EXPORT, JSON.stringify(orders)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // A killed process would leave a truncated coverage report, which makes the whole report unreadable.
    env: { ...process.env, NODE_V8_COVERAGE: '', NODE_COMPILE_CACHE: cache },
  });
  const [printed, [, signal]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return { signal, printed };
}

/** Start of a kill test: a world, and a folder with the releases published before. */
interface Setup {
  readonly world: Simulator;
  readonly before: string;
  readonly published: readonly string[];
  readonly run: string;
  readonly scratch: string;
}

const describeDeath = ({ kind, at, when }: Death): string => `${when} ${kind} ${at}`;

/** Requests of a process at the simulator, as `countries/null` or `admin0/TCD`. */
const requestsOf = (world: Simulator, userAgent: string): string[] =>
  world.requests
    .filter(({ headers }) => headers['user-agent'] === userAgent)
    .map(({ endpoint, country }) => `${endpoint}/${country}`);

/** Kills a run at one step, starts it again, and checks the result. Returns how often a reader looked. */
async function killOnce(
  setup: Setup,
  { folder, death, reader }: { folder: string; death: Death; reader: ReturnType<typeof watchFolder> },
): Promise<number> {
  const { world, run, scratch } = setup;
  const name = describeDeath(death);
  const orders = {
    folder,
    url: world.url,
    run,
    countries: COUNTRIES,
    death,
    userAgent: `killed ${run} ${name}`,
    announcements: `${folder}.heard`,
  };
  const { signal, printed } = await runKilledExport(orders, join(scratch, 'cache'));
  assert.equal(signal, 'SIGKILL', `${name}: ${printed}`);
  assert.deepEqual(await findTruncatedFiles(folder), [], name);
  const recorded = await recordedAnswers(folder, run);

  const userAgent = `resumed ${run} ${name}`;
  const { outcome, release } = await exportInto({
    ...{
      folder,
      url: world.url,
      run,
      ...SMALL,
      api: { userAgent },
      context: { announcer: recordingAnnouncer(orders.announcements) },
    },
  });
  const observed = await reader.stop();
  assert.equal(outcome, 'published', name);
  checkRequestedOnce(
    { recorded, first: requestsOf(world, orders.userAgent), second: requestsOf(world, userAgent) },
    name,
  );
  await checkPublishedOnce(setup, { folder, release: release as string, name });
  await checkAnnounced(orders.announcements, { release: release as string, name });
  const { problems } = await checkDataset(folder, {
    published: [...setup.published, release as string],
    killed: true,
  });
  assert.deepEqual(problems, [], name);
  assert.deepEqual(observed.problems, [], name);
  assert.deepEqual(observed.releases, [...setup.published, release].slice(-observed.releases.length), name);
  return observed.looks;
}

/** Answers that were recorded when the process died: they must not be requested again. */
async function recordedAnswers(folder: string, run: string): Promise<string[]> {
  const at = join(folder, 'runs', run);
  const lists = (await fileExists(join(at, 'plan.json'))) ? ['countries/null', 'operations/null'] : [];
  const reports = await Promise.all(
    COUNTRIES.map(async (country) =>
      (await fileExists(join(at, `units/admin0/${country}.json`))) ? [`admin0/${country}`] : [],
    ),
  );
  return [...lists, ...reports.flat()];
}

function checkRequestedOnce(
  { recorded, first, second }: { recorded: string[]; first: string[]; second: string[] },
  name: string,
): void {
  assert.deepEqual(
    second.filter((unit) => recorded.includes(unit)),
    [],
    `${name}: requested again`,
  );
  for (const requests of [first, second])
    assert.equal(new Set(requests).size, requests.length, `${name}: ${requests}`);
  const all = ['countries/null', 'operations/null', ...COUNTRIES.map((country) => `admin0/${country}`)];
  assert.deepEqual([...new Set([...first, ...second])].sort(), all.sort(), name);
  assert.ok(
    first.length + second.length <= all.length + 2,
    `${name}: only requests in progress are sent again`,
  );
}

const recordingAnnouncer = (announcements: string): Announcer => ({
  announce: ({ id }) => appendFile(announcements, `${id}\n`),
});

/** Checks that the release was announced: once, or twice if the run died before it recorded that. */
async function checkAnnounced(
  announcements: string,
  { release, name }: { release: string; name: string },
): Promise<void> {
  const ids = (await readFile(announcements, 'utf8')).trim().split('\n');
  assert.ok(ids.length <= 2, name);
  assert.deepEqual([...new Set(ids)], [`published/${release}`], name);
  await rm(announcements);
}

async function checkPublishedOnce(
  { published, run }: Setup,
  { folder, release, name }: { folder: string; release: string; name: string },
): Promise<void> {
  const store = folderStore(folder);
  const verdict = await verifyRelease(store);
  assert.deepEqual([verdict.release, verdict.problems], [release, []], name);
  const listed = await readReleases(store);
  assert.deepEqual(
    listed.map((entry) => entry.release),
    [release, ...published.toReversed()],
    name,
  );
  assert.ok(listed[0]?.announced_at, name);
  assert.deepEqual((await readdir(join(folder, 'releases'))).sort(), [...published, release].sort(), name);
  assert.deepEqual(await findTruncatedFiles(folder), [], name);
  const check = (await readStatus(store))?.last_check;
  assert.deepEqual([check?.run, check?.outcome], [run, 'published'], name);
  const report = await readJson<{ outcome: { release: string } }>(join(folder, `runs/${run}/report.json`));
  assert.equal(report?.outcome.release, release, name);
}

/** Tries all kills, some at the same time. After the first fault, no other begins. */
async function killAll(setup: Setup, deaths: readonly Death[]): Promise<number[]> {
  const faults: unknown[] = [];
  const tryDeath = async (death: Death): Promise<number> => {
    if (faults.length > 0) return 0;
    const folder = join(setup.scratch, describeDeath(death).replaceAll(' ', '-'));
    await cp(setup.before, folder, { recursive: true });
    const reader = watchFolder(folder);
    try {
      return await killOnce(setup, { folder, death, reader });
    } catch (error) {
      faults.push(error);
      return 0;
    } finally {
      await reader.stop();
      await rm(folder, { recursive: true });
    }
  };
  const looks = await pMap(deaths, tryDeath, { concurrency: MAX_CONCURRENT_KILLS });
  if (faults.length > 0) throw faults[0];
  return looks;
}

/**
 * Kills a run before and after each step of these kinds, and before the first read after a change: a read changes nothing,
 * so the moments before and after all others are the same. The number of steps comes from an undisturbed run.
 */
async function killEverywhere(
  t: TestContext,
  setup: Setup,
  kinds: readonly Kind[],
): Promise<Record<Kind, number>> {
  const { world, before, run, scratch } = setup;
  const folder = join(scratch, 'whole');
  await cp(before, folder, { recursive: true });
  const orders = {
    folder,
    url: world.url,
    run,
    countries: COUNTRIES,
    userAgent: 'whole',
    announcements: `${folder}.heard`,
    death: null,
  };
  const { printed } = await runKilledExport(orders, join(scratch, 'cache'));
  const { outcome, steps } = JSON.parse(printed) as { outcome: string; steps: Record<Kind, number> };
  assert.equal(outcome, 'published');
  const deaths = kinds.flatMap((kind) =>
    Array.from({ length: steps[kind] }, (_, at) => at + 1).flatMap((at): Death[] => [
      { kind, at, when: 'before' },
      ...(kind === 'read' ? [] : [{ kind, at, when: 'after' } as const]),
    ]),
  );
  const looks = await killAll(setup, deaths);
  const covered = kinds.map((kind) => `${steps[kind]} ${NAMES[kind]}`).join(' and ');
  const line =
    `killed at ${covered}: ${deaths.length} deaths; ` +
    `a reader looked ${looks.reduce((sum, count) => sum + count, 0)} times at what was published`;
  t.diagnostic(line);
  process.stdout.write(`${t.name}: ${line}\n`);
  return steps;
}

async function setUp(t: TestContext, run: string): Promise<Setup> {
  const scratch = await temporaryFolder(t);
  const before = join(scratch, 'before');
  await mkdir(before);
  return { world: await simulator(t), before, published: [], run, scratch };
}

test('a first export killed at any step is finished by a run with the same id', async (t) => {
  const steps = await killEverywhere(t, await setUp(t, RUNS[0]), ['read', 'write', 'naming']);
  assert.ok(steps.read > 10 && steps.write > 20 && steps.naming > 20, JSON.stringify(steps));
});

test('an update killed at any step is finished by a run with the same id', async (t) => {
  const setup = await setUp(t, RUNS[1]);
  const { world, before } = setup;
  const first = await exportInto({
    folder: before,
    url: world.url,
    run: RUNS[0],
    ...SMALL,
    context: { announcer: { announce: async () => {} } },
  });
  world.setFaults(['changed@GRD']);
  const steps = await killEverywhere(t, { ...setup, published: [first.release as string] }, [
    'read',
    'write',
    'swap',
  ]);
  assert.ok(steps.swap >= 3, `${steps.swap}: expected swaps of pointer, list and status`);
});
