// Runs a benchmark in order: worlds, rounds, comparison of outputs, then separate measurements. It skips steps that no row needs.
import { mkdir } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { environmentPython } from '../interop/python-environment.ts';
import { compareOutputs } from './compare-outputs.ts';
import { measureFootprints } from './footprint.ts';
import { measureGrowth } from './growth.ts';
import { type Inputs, readInputs } from './inputs.ts';
import { bundleFunctions, functionMemory, measureImports, measurePublish } from './lambda.ts';
import { durations, measureLatency } from './latency.ts';
import type { Measurements, Need, PublishCosts } from './measurements.ts';
import {
  filesOnlyIn,
  folderOf,
  type Round,
  type RoundOptions,
  releaseOfTake,
  runOf,
  runRound,
  TAKES,
  type Take,
  type World,
} from './rounds.ts';
import type { Cost } from './run-process.ts';
import { CHANGED_FAULTS, DAY_FAULTS, makeAnswers, serveAnswers } from './serve-answers.ts';

/** What to measure, and where to write. */
export interface Task {
  readonly needs: ReadonlySet<Need>;
  readonly runs: number;
  readonly scale: number;
  readonly folder: string;
  readonly say: (text: string) => void;
}

export interface Result {
  readonly measured: Measurements;
  readonly inputs: Inputs;
  readonly python: string | null;
  /** Reasons why a measurement was impossible. */
  readonly missing: Partial<Record<Need, string>>;
}

/** Imports of each bundle per round. They are short, so several are affordable. */
const IMPORTS_PER_RUN = 5;
/** Calls of `publish`: at most this number, and not more than rounds. */
const MAX_PUBLISH_RUNS = 3;

/** Measures everything that is needed. @throws {DifferentInputsError}; {UnequalOutputsError} */
export async function measure(task: Task): Promise<Result> {
  const { needs, folder, runs, scale, say } = task;
  say('making the answers');
  await using first = await openWorld(join(folder, 'answers'), scale, []);
  await using later = needs.has('changed')
    ? await openWorld(join(folder, 'later'), scale, CHANGED_FAULTS)
    : null;
  await using day = needs.has('day') ? await openWorld(join(folder, 'day'), scale, DAY_FAULTS) : null;
  const { python, missing } = needs.has('script') ? await findPython() : { python: null, missing: {} };
  const options: RoundOptions = { folder: join(folder, `round-${runs}`), first, later, day, python };
  const takes = new Set(TAKES.filter((take) => needs.has(take) && !(take in missing)));
  const rounds = takes.size > 0 ? await runRounds(options, takes, task) : [];
  const measured = { ...summariseRounds(rounds), ...(await measureSeparately(task, options)) };
  return { measured, inputs: first.inputs, python, missing };
}

async function openWorld(folder: string, scale: number, faults: readonly string[]) {
  const gzipCache = `${folder}-gzip`;
  await mkdir(gzipCache);
  await makeAnswers(folder, scale, faults);
  const server = await serveAnswers({ folder, gzipCache });
  const world: World = { folder, gzipCache, inputs: await readInputs(folder), server };
  return { ...world, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

async function findPython(): Promise<Pick<Result, 'python' | 'missing'>> {
  try {
    return { python: await environmentPython(), missing: {} };
  } catch (error) {
    return { python: null, missing: { script: (error as Error).message } };
  }
}

/** Each round has its own folder, the last one that of `options`. Folders are not removed between rounds: that slows later writes. */
async function runRounds(
  options: RoundOptions,
  takes: ReadonlySet<Take>,
  { folder, runs, say }: Task,
): Promise<Round[]> {
  const inRound = (round: number): RoundOptions => ({ ...options, folder: join(folder, `round-${round}`) });
  // A round before the first fills the disk cache and the gzip cache.
  const cachedTakes: readonly Take[] = ['core', 'changed'];
  await runRound(inRound(0), new Set(cachedTakes.filter((take) => take === 'core' || takes.has(take))));
  const rounds: Round[] = [];
  for (let round = 1; round <= runs; round++) {
    say(`round ${round} of ${runs}, load average ${loadavg()[0]?.toFixed(1)}`);
    rounds.push(await runRound(inRound(round), takes));
  }
  say('comparing what was written');
  await compareOutputs(options, takes);
  return rounds;
}

function summariseRounds(rounds: readonly Round[]): Measurements {
  const [first] = rounds;
  if (!first) return { takes: {} };
  const costs = (take: Take): Cost[] => rounds.flatMap((round) => round.costs[take] ?? []);
  return {
    takes: Object.fromEntries(TAKES.map((take) => [take, costs(take)]).filter(([, all]) => all?.length)),
    rows: first.rows,
    touched: [...new Set(rounds.flatMap(({ touched }) => touched))],
  };
}

async function measureSeparately(task: Task, options: RoundOptions): Promise<Partial<Measurements>> {
  const { needs, folder, runs, say } = task;
  const results: { -readonly [K in keyof Measurements]?: Measurements[K] } = {};
  const isNeeded = (need: Need): boolean => {
    if (needs.has(need)) say(`measuring ${need}`);
    return needs.has(need);
  };
  if (needs.has('download')) results.downloaded = await downloadedBytes(options);
  if (isNeeded('footprints'))
    results.footprints = await measureFootprints(await releaseOfTake(options, 'core'));
  const bundles = join(folder, 'bundles');
  if (needs.has('imports') || needs.has('publish')) await bundleFunctions(bundles);
  if (isNeeded('imports')) results.imports = await measureImports(bundles, IMPORTS_PER_RUN * runs);
  if (isNeeded('publish'))
    results.publish = await publishCosts(bundles, options, Math.min(MAX_PUBLISH_RUNS, runs));
  if (isNeeded('latency')) results.latency = await measureLatency(folder, options.first);
  if (isNeeded('growth')) results.growth = await measureGrowth(folder);
  return results;
}

/** Bytes that a download of the release of `day` fetches and takes from an earlier download. */
async function downloadedBytes(options: RoundOptions): Promise<Measurements['downloaded']> {
  const { manifest: before } = await releaseOfTake(options, 'all');
  const { manifest: after } = await releaseOfTake(options, 'day');
  const sum = (files: typeof after.files) => files.reduce((bytes, file) => bytes + file.bytes, 0);
  return { fetched: sum(filesOnlyIn(after, before)), all: sum(after.files) };
}

async function publishCosts(bundles: string, options: RoundOptions, times: number): Promise<PublishCosts> {
  const to = folderOf(options, 'all');
  const costs = await measurePublish(bundles, { to, run: runOf('all'), times });
  const { lists, units } = await durations(options.first);
  return { costs, memory: await functionMemory(), waits: [...lists, ...units] };
}
