// An export is killed at every step that it takes, and started again under the same id. Every death is a process's

// own: SIGKILL before or after an operation of its store, while it holds the folder's lock, or while a file gets its name.
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
import { halfFiles, isThere, readJson, watch } from './watch-folder.ts';

const COUNTRIES = ['DMA', 'GRD'];
const SMALL = { countries: COUNTRIES, levels: [0] as const };
const RUNS = ['2026-11-24T05-00-00Z', '2026-11-24T06-00-00Z'] as const;
const AT_ONCE = 4;
const VICTIM = join(import.meta.dirname, 'export-and-die.ts');
const NAMES: Record<Kind, string> = {
  operation: 'store operations',
  swap: 'swaps under the lock',
  naming: 'namings of a new file',
};
/** V8: room for all that a short life allocates, so that none of it is collected. */
const QUICK = ['--max-semi-space-size=64', '--min-semi-space-size=64'];

interface Ended {
  readonly signal: NodeJS.Signals | null;
  readonly printed: string;
}

/** Runs an export in a process of its own; what it compiled once is read from the cache by the next. */
async function perish(orders: Orders, cache: string): Promise<Ended> {
  const child = spawn(process.execPath, [...QUICK, VICTIM, JSON.stringify(orders)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // A process that is killed would leave half a coverage report, which spoils the whole.
    env: { ...process.env, NODE_V8_COVERAGE: '', NODE_COMPILE_CACHE: cache },
  });
  const [printed, [, signal]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return { signal, printed };
}

/** What a kill test starts from: a world, and a folder with all that was published before. */
interface Scene {
  readonly world: Simulator;
  readonly before: string;
  readonly published: readonly string[];
  readonly run: string;
  readonly scratch: string;
}

const words = ({ kind, at, when }: Death): string => `${when} ${kind} ${at}`;

/** Which requests of a process the simulator has seen, as `countries/null` or `admin0/TCD`. */
const asked = (world: Simulator, userAgent: string): string[] =>
  world.requests
    .filter(({ headers }) => headers['user-agent'] === userAgent)
    .map(({ endpoint, country }) => `${endpoint}/${country}`);

/** Kills a run at one step, starts it again, and checks all that was promised; resolves to how often a reader looked. */
async function killOnce(
  scene: Scene,
  { folder, death, reader }: { folder: string; death: Death; reader: ReturnType<typeof watch> },
): Promise<number> {
  const { world, run, scratch } = scene;
  const name = words(death);
  const orders = {
    folder,
    url: world.url,
    run,
    countries: COUNTRIES,
    death,
    userAgent: `killed ${run} ${name}`,
    heard: `${folder}.heard`,
  };
  const { signal, printed } = await perish(orders, join(scratch, 'cache'));
  assert.equal(signal, 'SIGKILL', `${name}: ${printed}`);
  assert.deepEqual(await halfFiles(folder), [], name);
  const kept = await standing(folder, run);

  const userAgent = `resumed ${run} ${name}`;
  const { outcome, release } = await exportInto({
    ...{
      folder,
      url: world.url,
      run,
      ...SMALL,
      api: { userAgent },
      context: { announcer: subscriber(orders.heard) },
    },
  });
  const seen = await reader.stop();
  assert.equal(outcome, 'published', name);
  askedOnce({ kept, first: asked(world, orders.userAgent), second: asked(world, userAgent) }, name);
  await publishedOnce(scene, { folder, release: release as string, name });
  await heardOf(orders.heard, { release: release as string, name });
  const { problems } = await checkDataset(folder, {
    published: [...scene.published, release as string],
    killed: true,
  });
  assert.deepEqual(problems, [], name);
  assert.deepEqual(seen.problems, [], name);
  assert.deepEqual(seen.releases, [...scene.published, release].slice(-seen.releases.length), name);
  return seen.looks;
}

/** What was answered and recorded when the process died: none of it may be asked again. */
async function standing(folder: string, run: string): Promise<string[]> {
  const at = join(folder, 'runs', run);
  const lists = (await isThere(join(at, 'plan.json'))) ? ['countries/null', 'operations/null'] : [];
  const reports = await Promise.all(
    COUNTRIES.map(async (country) =>
      (await isThere(join(at, `units/admin0/${country}.json`))) ? [`admin0/${country}`] : [],
    ),
  );
  return [...lists, ...reports.flat()];
}

function askedOnce(
  { kept, first, second }: { kept: string[]; first: string[]; second: string[] },
  name: string,
): void {
  assert.deepEqual(
    second.filter((unit) => kept.includes(unit)),
    [],
    `${name}: asked again`,
  );
  for (const one of [first, second]) assert.equal(new Set(one).size, one.length, `${name}: ${one}`);
  const all = ['countries/null', 'operations/null', ...COUNTRIES.map((country) => `admin0/${country}`)];
  assert.deepEqual([...new Set([...first, ...second])].sort(), all.sort(), name);
  assert.ok(
    first.length + second.length <= all.length + 2,
    `${name}: only what was under way is asked again`,
  );
}

const subscriber = (heard: string): Announcer => ({
  announce: ({ id }) => appendFile(heard, `${id}\n`),
});

/** The release was announced: once, or twice if the run died before that was recorded. */
async function heardOf(heard: string, { release, name }: { release: string; name: string }): Promise<void> {
  const ids = (await readFile(heard, 'utf8')).trim().split('\n');
  assert.ok(ids.length <= 2, name);
  assert.deepEqual([...new Set(ids)], [`published/${release}`], name);
  await rm(heard);
}

async function publishedOnce(
  { published, run }: Scene,
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
  assert.deepEqual(await halfFiles(folder), [], name);
  const check = (await readStatus(store))?.last_check;
  assert.deepEqual([check?.run, check?.outcome], [run, 'published'], name);
  const report = await readJson<{ outcome: { release: string } }>(join(folder, `runs/${run}/report.json`));
  assert.equal(report?.outcome.release, release, name);
}

/** Tries all deaths, some at once; after the first that shows a fault those under way end, and no other begins. */
async function killAll(scene: Scene, deaths: readonly Death[]): Promise<number[]> {
  const faults: unknown[] = [];
  const one = async (death: Death): Promise<number> => {
    if (faults.length > 0) return 0;
    const folder = join(scene.scratch, words(death).replaceAll(' ', '-'));
    await cp(scene.before, folder, { recursive: true });
    const reader = watch(folder);
    try {
      return await killOnce(scene, { folder, death, reader });
    } catch (error) {
      faults.push(error);
      return 0;
    } finally {
      await reader.stop();
      await rm(folder, { recursive: true });
    }
  };
  const looks = await pMap(deaths, one, { concurrency: AT_ONCE });
  if (faults.length > 0) throw faults[0];
  return looks;
}

/** Kills a run before and after every step of these kinds that a whole run takes. */
async function killEverywhere(
  t: TestContext,
  scene: Scene,
  kinds: readonly Kind[],
): Promise<Record<Kind, number>> {
  const { world, before, run, scratch } = scene;
  const folder = join(scratch, 'whole');
  await cp(before, folder, { recursive: true });
  const orders = {
    folder,
    url: world.url,
    run,
    countries: COUNTRIES,
    userAgent: 'whole',
    heard: `${folder}.heard`,
    death: null,
  };
  const { printed } = await perish(orders, join(scratch, 'cache'));
  const { outcome, steps } = JSON.parse(printed) as { outcome: string; steps: Record<Kind, number> };
  assert.equal(outcome, 'published');
  const deaths = kinds.flatMap((kind) =>
    Array.from({ length: steps[kind] }, (_, at) => at + 1).flatMap((at): Death[] => [
      { kind, at, when: 'before' },
      { kind, at, when: 'after' },
    ]),
  );
  const looks = await killAll(scene, deaths);
  const covered = kinds.map((kind) => `${steps[kind]} ${NAMES[kind]}`).join(' and ');
  const line =
    `killed before and after ${covered}: ${deaths.length} deaths; ` +
    `a reader looked ${looks.reduce((sum, one) => sum + one, 0)} times at what was published`;
  t.diagnostic(line);
  process.stdout.write(`${t.name}: ${line}\n`);
  return steps;
}

async function sceneOf(t: TestContext, run: string): Promise<Scene> {
  const scratch = await temporaryFolder(t);
  const before = join(scratch, 'before');
  await mkdir(before);
  return { world: await simulator(t), before, published: [], run, scratch };
}

test('a first release, killed anywhere, is finished by the run of the same id', async (t) => {
  const steps = await killEverywhere(t, await sceneOf(t, RUNS[0]), ['operation', 'naming']);
  assert.ok(steps.operation > 50 && steps.naming > 20, JSON.stringify(steps));
});

test('an update, killed anywhere, is finished by the run of the same id', async (t) => {
  const scene = await sceneOf(t, RUNS[1]);
  const { world, before } = scene;
  const first = await exportInto({
    folder: before,
    url: world.url,
    run: RUNS[0],
    ...SMALL,
    context: { announcer: { announce: async () => {} } },
  });
  world.setFaults(['changed@GRD']);
  const steps = await killEverywhere(t, { ...scene, published: [first.release as string] }, [
    'operation',
    'swap',
  ]);
  assert.ok(steps.swap >= 3, `${steps.swap}: the pointer, the list and the status are swapped`);
});
