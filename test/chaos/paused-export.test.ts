// An export is paused after a random change. Meanwhile other commands withdraw the release that it supersedes or has just
// published, prune, or publish, as if its turn had expired. When the export continues, it must end well and report the truth.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pMap from 'p-map';
import { checkDataset } from '../checker.ts';
import { TURNLESS } from '../lease.ts';
import { simulator, temporaryFolder } from '../setting.ts';
import { contentHash, parseOutcome, reportFaults } from './check-outcomes.ts';
import { createDice, timeShare } from './dice.ts';
import { disturbOptions } from './disturb-process.ts';
import { COUNTRIES, environment, exportArgs, listedReleases } from './plan-commands.ts';
import { type ProcessResult, runExporter, type SignalPlan } from './run-exporter.ts';

const FIRST = '2026-11-24T05-00-00Z';
const PAUSED = '2026-11-24T06-00-00Z';
const OTHER = '2026-11-24T06-00-00Z-other';
const LAST = '2026-11-24T07-00-00Z';

/** What other commands do while the export is paused. */
const OTHER_ACTIONS = ['withdraw', 'withdraw all', 'prune', 'export', 'export and withdraw'] as const;

interface Scenario {
  /** The release before the export; null if the export is the first one. */
  readonly first: string | null;
  /** Number and description of the change after which the export is paused. */
  readonly at: number;
  readonly change: string;
  readonly otherAction: (typeof OTHER_ACTIONS)[number];
}

interface ScenarioRun extends Scenario {
  readonly folder: string;
  readonly url: string;
}

const resultText = ({ exit, stdout, stderr }: ProcessResult): string =>
  `exit ${exit} ${stdout.trim()} ${stderr.trim()}`;

const describeScenario = ({ first, at, change, otherAction }: Scenario): string =>
  `${first === null ? 'first export, ' : ''}paused after change ${at} (${change}), meanwhile ${otherAction}`;

/** Runs the other commands, one after another. */
async function runOtherCommands({ folder, url, otherAction }: ScenarioRun): Promise<ProcessResult[]> {
  const run = (args: readonly string[]) =>
    runExporter(args, [], { env: { ...environment(url), ...TURNLESS } });
  const withdraw = async (): Promise<ProcessResult[]> => {
    const pointer = join(folder, 'latest.json');
    const { release } = existsSync(pointer) ? JSON.parse(readFileSync(pointer, 'utf8')) : { release: null };
    const target = release ?? (await listedReleases(folder))[0];
    return target ? [await run(['withdraw', folder, target, '--reason', 'chaos', '--json'])] : [];
  };
  const publish = () => run([...exportArgs(folder, OTHER, COUNTRIES), '--reissue']);
  if (otherAction === 'export') return [await publish()];
  if (otherAction === 'withdraw') return withdraw();
  if (otherAction === 'export and withdraw') return [await publish(), ...(await withdraw())];
  if (otherAction === 'withdraw all') return [...(await withdraw()), ...(await withdraw())];
  if (!existsSync(join(folder, 'latest.json'))) return [];
  return [await run(['prune', folder, '--keep-newest', '1', '--keep-monthly', '0', '--apply', '--json'])];
}

/** Starts an export that pauses itself, runs the other commands, and continues it. */
async function pauseExport(
  scenario: ScenarioRun,
): Promise<{ paused: ProcessResult; others: ProcessResult[] }> {
  const { folder, url, at } = scenario;
  const log = `${folder}.log`;
  const others: ProcessResult[] = [];
  const signalPlan: SignalPlan = async (send, exited) => {
    while (!existsSync(`${log}.stopped`)) {
      if (exited.aborted) return;
      await sleep(5);
    }
    const otherCommands = runOtherCommands(scenario).then((ended) => void others.push(...ended));
    // The export may hold the folder's lock, and the others then wait for it.
    await Promise.race([otherCommands, sleep(5_000, undefined, { ref: false })]);
    // If the others had nothing to do, the export may not be stopped yet.
    for (; existsSync(`${log}.stopped`) && send('SIGCONT'); await sleep(20));
    await otherCommands;
  };
  const disturbed = disturbOptions({ folder, at, how: 'stops', log });
  const paused = await runExporter(exportArgs(folder, PAUSED, COUNTRIES), signalPlan, {
    ...disturbed,
    env: { ...environment(url), ...TURNLESS, ...disturbed.env },
  });
  return { paused, others };
}

/** Finds false reports and damage after the paused export and after a next one. */
async function faultsAfter(scenario: ScenarioRun): Promise<string[]> {
  const { folder, url, first } = scenario;
  const faults: string[] = [];
  const { paused, others } = await pauseExport(scenario);
  for (const other of others) if (other.exit !== 0) faults.push(`another: ${resultText(other)}`);
  const printed = paused.stdout ? parseOutcome(paused) : null;
  if (paused.exit !== 0 || !['published', 'unchanged'].includes(printed?.outcome ?? ''))
    faults.push(resultText(paused));
  if (printed?.outcome === 'published') {
    const path = join(folder, `releases/${printed.release}/manifest.json`);
    const { run } = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { run: null };
    if (run !== PAUSED) faults.push(`said that it published ${printed.release}, which is of run ${run}`);
  }
  const next = await runExporter(exportArgs(folder, LAST, COUNTRIES), [], { env: environment(url) });
  if (next.exit !== 0) faults.push(`and the next run: ${resultText(next)}`);
  const outcomes = [paused, next, ...others].map((ended) => (ended.stdout ? parseOutcome(ended) : null));
  const published = outcomes.flatMap((outcome) =>
    outcome?.outcome === 'published' && outcome.release ? [outcome.release] : [],
  );
  faults.push(
    ...(await checkDataset(folder, { published: first ? [first, ...published] : published })).problems,
  );
  return faults.map((fault) => `${describeScenario(scenario)}: ${fault}`);
}

test('an export that is paused while others withdraw, prune or publish ends well', async (t) => {
  const scratch = await temporaryFolder(t);
  const world = await simulator(t);
  const env = environment(world.url);
  const before = join(scratch, 'before');
  const firstResult = await runExporter(exportArgs(before, FIRST, COUNTRIES), [], { env });
  const first = parseOutcome(firstResult)?.release as string;
  world.setFaults(['changed@GRD']);
  const expectedFolder = join(scratch, 'truth');
  await runExporter(exportArgs(expectedFolder, FIRST, COUNTRIES), [], { env });

  /** All changes of an undisturbed export. */
  const changesOf = async (from: string | null): Promise<string[]> => {
    const folder = join(scratch, 'whole');
    await (from ? cp(from, folder, { recursive: true }) : mkdir(folder));
    const disturbed = disturbOptions({ folder, at: 0, how: 'stops', log: `${folder}.log` });
    const { exit } = await runExporter(exportArgs(folder, PAUSED, COUNTRIES), [], {
      ...disturbed,
      env: { ...env, ...disturbed.env },
    });
    assert.equal(exit, 0);
    await rm(folder, { recursive: true });
    return readFileSync(`${folder}.log`, 'utf8').split('\n');
  };
  const changes = { update: await changesOf(before), first: await changesOf(null) };
  const createScenario = (
    at: number,
    otherAction: Scenario['otherAction'],
    kind: keyof typeof changes = 'update',
  ): Scenario => ({
    ...{ at, otherAction, change: changes[kind][at - 1] ?? 'none' },
    first: kind === 'update' ? first : null,
  });
  /** Number of the first change that matches. */
  const after = (pattern: RegExp, kind: keyof typeof changes = 'update'): number => {
    const found = changes[kind].findIndex((change) => pattern.test(change));
    assert.ok(found >= 0, `${pattern} is among the changes`);
    return found + 1;
  };
  // Past failures are always tried, and first. The lock is released right after the pointer move, so + 1.
  const always = [
    createScenario(after(/^linkSync .*claim\.json/), 'withdraw'),
    createScenario(after(/^renameSync latest\.json/) + 1, 'withdraw'),
    createScenario(after(/^renameSync latest\.json/) + 1, 'export'),
    createScenario(after(/^linkSync latest\.json/, 'first'), 'withdraw', 'first'),
  ];
  const dice = createDice('frozen');
  const share = timeShare(0.2);
  const faults: string[] = [];
  let tried = 0;
  const tryScenario = async (scenario: Scenario, at: number): Promise<void> => {
    const folder = join(scratch, `frozen-${at}`);
    await (scenario.first ? cp(before, folder, { recursive: true }) : mkdir(folder));
    const found = await faultsAfter({ ...scenario, folder, url: world.url });
    if (found.length === 0 && (await contentHash(folder)) !== (await contentHash(expectedFolder)))
      found.push(`${describeScenario(scenario)}: the world's change is not published`);
    faults.push(...found);
    await rm(folder, { recursive: true });
    tried++;
  };
  await pMap(always, tryScenario, { concurrency: 2 });
  const tryRandom = async (worker: number): Promise<void> => {
    for (let at = worker; share.hasTime(); at += 2) {
      const kind = dice.pick(['update', 'update', 'first'] as const);
      // The last tenth of the changes come after the pointer move.
      const last = changes[kind].length;
      const change = dice.happens(60) ? dice.between(1, last) : dice.between(Math.floor(last * 0.9), last);
      await tryScenario(createScenario(change, dice.pick(OTHER_ACTIONS), kind), at);
    }
  };
  await pMap([100, 101], tryRandom);
  reportFaults(t, `${tried} exports were paused`, faults);
});
