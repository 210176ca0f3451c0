// The order of a benchmark: worlds, rounds, comparison, and what is measured on its own. Each step is done only if a row
// needs it.
import { mkdir } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { environmentPython } from '../interop/python.ts';
import { compareOutputs } from './compare-outputs.ts';
import { measureFootprints } from './footprint.ts';
import { measureGrowth } from './growth.ts';
import { type Inputs, readInputs } from './inputs.ts';
import { bundleFunctions, functionMemory, measureImports, measurePublish } from './lambda.ts';
import { durations, measureLatency } from './latency.ts';
import type { Measured, Need, PublishCosts } from './measurements.ts';
import {
  folderOf,
  madeBy,
  type Round,
  runOf,
  runRound,
  type Setting,
  TAKES,
  type Take,
  type World,
} from './rounds.ts';
import type { Cost } from './run-process.ts';
import { A_WEEK_LATER, makeAnswers, serveAnswers } from './serve-answers.ts';

/** What to measure, and into which folder. */
export interface Task {
  readonly needs: ReadonlySet<Need>;
  readonly runs: number;
  readonly scale: number;
  readonly folder: string;
  readonly say: (text: string) => void;
}

export interface Result {
  readonly measured: Measured;
  readonly inputs: Inputs;
  readonly python: string | null;
  /** Why something could not be measured. */
  readonly missing: Partial<Record<Need, string>>;
}

/** Imports of each bundle in a round's stead: they are short. */
const IMPORTS_A_RUN = 5;
/** At most; as many as rounds, if those are fewer. */
const PUBLISHES = 3;

/** Measures all that is needed. @throws {OtherInputsError}; {UnequalOutputsError} */
export async function measure(task: Task): Promise<Result> {
  const { needs, folder, runs, scale, say } = task;
  say('making the answers');
  await using first = await openWorld(join(folder, 'answers'), scale, []);
  await using later = needs.has('changed')
    ? await openWorld(join(folder, 'later'), scale, A_WEEK_LATER)
    : null;
  const { python, missing } = needs.has('script') ? await findPython() : { python: null, missing: {} };
  const setting: Setting = { folder: join(folder, `round-${runs}`), first, later, python };
  const takes = new Set(TAKES.filter((take) => needs.has(take) && !(take in missing)));
  const rounds = takes.size > 0 ? await runRounds(setting, takes, task) : [];
  const measured = { ...ofRounds(rounds), ...(await measureRest(task, setting)) };
  return { measured, inputs: first.inputs, python, missing };
}

async function openWorld(folder: string, scale: number, faults: readonly string[]) {
  const memory = `${folder}-memory`;
  await mkdir(memory);
  await makeAnswers(folder, scale, faults);
  const server = await serveAnswers({ folder, memory });
  const world: World = { folder, memory, inputs: await readInputs(folder), server };
  return { ...world, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

async function findPython(): Promise<Pick<Result, 'python' | 'missing'>> {
  try {
    return { python: await environmentPython(), missing: {} };
  } catch (error) {
    return { python: null, missing: { script: (error as Error).message } };
  }
}

/** Rounds into folders of their own, the last into the setting's: to remove files slows whoever writes next. */
async function runRounds(
  setting: Setting,
  takes: ReadonlySet<Take>,
  { folder, runs, say }: Task,
): Promise<Round[]> {
  const into = (round: number): Setting => ({ ...setting, folder: join(folder, `round-${round}`) });
  // One before the first fills caches: the disk's, and those of what is compressed.
  const filling: readonly Take[] = ['core', 'changed'];
  await runRound(into(0), new Set(filling.filter((take) => take === 'core' || takes.has(take))));
  const rounds: Round[] = [];
  for (let round = 1; round <= runs; round++) {
    say(`round ${round} of ${runs}, load average ${loadavg()[0]?.toFixed(1)}`);
    rounds.push(await runRound(into(round), takes));
  }
  say('comparing what was written');
  await compareOutputs(setting, takes);
  return rounds;
}

function ofRounds(rounds: readonly Round[]): Measured {
  const [first] = rounds;
  if (!first) return { takes: {} };
  const costs = (take: Take): Cost[] => rounds.flatMap((round) => round.costs[take] ?? []);
  return {
    takes: Object.fromEntries(TAKES.map((take) => [take, costs(take)]).filter(([, all]) => all?.length)),
    rows: first.rows,
    touched: [...new Set(rounds.flatMap(({ touched }) => touched))],
  };
}

async function measureRest(task: Task, setting: Setting): Promise<Partial<Measured>> {
  const { needs, folder, runs, say } = task;
  const found: { -readonly [K in keyof Measured]?: Measured[K] } = {};
  const step = (need: Need): boolean => {
    if (needs.has(need)) say(`measuring ${need}`);
    return needs.has(need);
  };
  if (step('footprints')) found.footprints = await measureFootprints(await madeBy(setting, 'core'));
  const bundles = join(folder, 'bundles');
  if (needs.has('imports') || needs.has('publish')) await bundleFunctions(bundles);
  if (step('imports')) found.imports = await measureImports(bundles, IMPORTS_A_RUN * runs);
  if (step('publish')) found.publish = await publishCosts(bundles, setting, Math.min(PUBLISHES, runs));
  if (step('latency')) found.latency = await measureLatency(folder, setting.first);
  if (step('growth')) found.growth = await measureGrowth(folder);
  return found;
}

async function publishCosts(bundles: string, setting: Setting, times: number): Promise<PublishCosts> {
  const to = folderOf(setting, 'all');
  const costs = await measurePublish(bundles, { to, run: runOf('all'), times });
  const { lists, units } = await durations(setting.first);
  return { costs, memory: await functionMemory(), waits: [...lists, ...units] };
}
