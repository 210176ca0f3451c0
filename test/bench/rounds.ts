// What is measured turn by turn, so that a busy machine slows all alike: each take a fresh process, each round all takes.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { measureExport, type Part, type Release, releaseOf } from './exports.ts';
import { type Inputs, refuseOthers, type Seen, seenByRun } from './inputs.ts';
import { type Cost, fresh, freshNode, inside } from './run-process.ts';
import type { Server } from './serve-answers.ts';

/** In the order of a round: `unchanged` and `changed` follow `core` into its folder. */
export const TAKES = ['floor', 'core', 'unchanged', 'changed', 'csv', 'zipped', 'all', 'script'] as const;
export type Take = (typeof TAKES)[number];

/** Answers, a server of them, and where results of gzip are remembered. */
export interface World {
  readonly folder: string;
  readonly memory: string;
  readonly inputs: Inputs;
  readonly server: Server;
}

/** What rounds are run in. */
export interface Setting {
  /** Of one round: below it each take has its own. */
  readonly folder: string;
  readonly first: World;
  /** The same world when one figure of every country is another; absent if nothing asks for it. */
  readonly later: World | null;
  /** Python with dtmapi and pandas; null if there is none. */
  readonly python: string | null;
}

/** What a round has found. */
export interface Round {
  readonly costs: Partial<Record<Take, Cost>>;
  readonly rows: number;
  /** Paths below the prefix that an unchanged run wrote, its own run's apart. */
  readonly touched: readonly string[];
}

/** The takes that are exports of ours. */
type ExportTake = Exclude<Take, 'floor' | 'script'>;

const WITHOUT: Readonly<Record<ExportTake, readonly Part[]>> = {
  core: ['csv', 'raw', 'workbooks'],
  unchanged: ['csv', 'raw', 'workbooks'],
  changed: ['csv', 'raw', 'workbooks'],
  csv: ['raw', 'workbooks'],
  zipped: ['workbooks'],
  all: [],
};

/** Where a take writes. */
export const folderOf = ({ folder }: Setting, take: Take): string =>
  join(folder, take === 'unchanged' || take === 'changed' ? 'core' : take);

/** The id of a take's run. */
export const runOf = (take: Take): string => `2026-11-24T05-00-00Z-${take}`;

/** The release that a take has made in the last round. */
export const madeBy = (setting: Setting, take: Take): Promise<Release> =>
  releaseOf(folderOf(setting, take), runOf(take));

/** One take after another. @throws {OtherInputsError} if one was given another input than the floor */
export async function runRound(setting: Setting, takes: ReadonlySet<Take>): Promise<Round> {
  const costs: Partial<Record<Take, Cost>> = {};
  const { cost, rows } = await measureFloor(setting.first);
  costs.floor = cost;
  let touched: string[] = [];
  for (const take of TAKES.filter((each) => takes.has(each))) {
    if (take === 'script') costs.script = await measureScript(setting);
    else if (take !== 'floor') {
      const before = take === 'unchanged' ? await published(setting) : null;
      costs[take] = await measureTake(setting, take, rows);
      if (before) touched = differing(before, await published(setting));
    }
  }
  return { costs, rows, touched };
}

async function measureFloor({ folder, inputs }: World): Promise<{ cost: Cost; rows: number }> {
  const { cost, said } = await freshNode({ name: 'floor', words: [inside('floor.mjs'), folder] });
  const { bytes, rows } = JSON.parse(said) as { bytes: number; rows: number };
  if (bytes !== inputs.bytes) throw new Error(`floor read ${bytes} bytes, expected ${inputs.bytes}`);
  return { cost, rows };
}

async function measureTake(setting: Setting, take: ExportTake, rows: number): Promise<Cost> {
  const to = folderOf(setting, take);
  const world = take === 'changed' ? (setting.later as World) : setting.first;
  const {
    memory,
    server: { environment },
  } = world;
  const expected = take === 'unchanged' ? 'unchanged' : 'published';
  const asked = {
    name: take,
    to,
    run: runOf(take),
    without: WITHOUT[take],
    memory,
    expected,
    environment,
  } as const;
  const { cost, outcome } = await measureExport(asked);
  const input: Seen = { answers: world.inputs.answers, rows };
  refuseOthers(take, await seenByRun(to, runOf(take)), input);
  if (take === 'changed' && !outcome.changes?.changed) throw new Error('changed: nothing had changed');
  return cost;
}

async function measureScript(setting: Setting): Promise<Cost> {
  const to = folderOf(setting, 'script');
  const { cost } = await fresh({
    name: 'script.py',
    program: setting.python as string,
    words: [inside('run-script.py'), to],
    environment: { ...setting.first.server.environment, NO_PROXY: '127.0.0.1' },
  });
  return cost;
}

type Files = ReadonlyMap<string, string>;

/** All that readers can reach, with what tells whether it was written again. */
async function published(setting: Setting): Promise<Files> {
  const to = folderOf(setting, 'core');
  const entries = await readdir(to, { recursive: true, withFileTypes: true });
  const files = new Map<string, string>();
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const { ino, mtimeMs, size } = await stat(path);
    files.set(path.slice(to.length + 1), `${ino} ${mtimeMs} ${size}`);
  }
  return files;
}

const differing = (before: Files, after: Files): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => !/^(runs\/|\.lock$)/.test(path) && before.get(path) !== after.get(path),
  );
