// Runs the takes of a round. A take is one kind of process to measure. All takes run in turn in each round, so that a busy machine
// slows all of them equally.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../../lib/release/manifest.ts';
import { MAIN, measureExport, type Part, type Release, releaseOf } from './exports.ts';
import { checkSameInputs, type Inputs, type RunInputs, readRunInputs } from './inputs.ts';
import { type Cost, insidePath, runNode, runProcess } from './run-process.ts';
import type { AnswerServer } from './serve-answers.ts';

/**
 * Takes in the order of a round. `unchanged` and `changed` run in the folder of `core`, `day` in that of `all`, so they come
 * after it. `download` downloads the release of `day` into a folder that holds that of `all`.
 */
export const TAKES = [
  ...['floor', 'core', 'unchanged', 'changed', 'csv', 'zipped', 'all', 'day', 'download', 'script'],
] as const satisfies readonly string[];
export type Take = (typeof TAKES)[number];

/** A folder of answers, their server, and the folder of cached gzip results. */
export interface World {
  readonly folder: string;
  readonly gzipCache: string;
  readonly inputs: Inputs;
  readonly server: AnswerServer;
}

/** Options of a round. */
export interface RoundOptions {
  /** Folder of the round; each take has a folder below it. */
  readonly folder: string;
  readonly first: World;
  /** The same world with one changed figure in every country; null if no row needs it. */
  readonly later: World | null;
  /** The same world with one changed figure in two countries; null if no row needs it. */
  readonly day: World | null;
  /** Path of a Python with dtmapi and pandas; null if there is none. */
  readonly python: string | null;
}

/** Results of a round. */
export interface Round {
  readonly costs: Partial<Record<Take, Cost>>;
  readonly rows: number;
  /** Paths outside `runs/` that the unchanged run wrote. */
  readonly touched: readonly string[];
}

/** Takes that run our exporter. */
type ExportTake = Exclude<Take, 'floor' | 'script' | 'download'>;

const WITHOUT: Readonly<Record<ExportTake, readonly Part[]>> = {
  core: ['csv', 'raw', 'workbooks'],
  unchanged: ['csv', 'raw', 'workbooks'],
  changed: ['csv', 'raw', 'workbooks'],
  csv: ['raw', 'workbooks'],
  zipped: ['workbooks'],
  all: [],
  day: [],
};

/** Folder in which a take writes. */
export const folderOf = ({ folder }: RoundOptions, take: Take): string => join(folder, SHARED[take] ?? take);

const SHARED: Partial<Record<Take, Take>> = { unchanged: 'core', changed: 'core', day: 'all' };

/** Run id of a take. */
export const runOf = (take: Take): string => `2026-11-24T05-00-00Z-${take}`;

/** The release that a take published in the last round. */
export const releaseOfTake = (options: RoundOptions, take: Take): Promise<Release> =>
  releaseOf(folderOf(options, take), runOf(take));

/** Runs all takes in turn. @throws {DifferentInputsError} if a take had other inputs than the floor */
export async function runRound(options: RoundOptions, takes: ReadonlySet<Take>): Promise<Round> {
  const costs: Partial<Record<Take, Cost>> = {};
  const { cost, rows } = await measureFloor(options.first);
  costs.floor = cost;
  let touched: string[] = [];
  for (const take of TAKES.filter((name) => takes.has(name))) {
    if (take === 'script') costs.script = await measureScript(options);
    else if (take === 'download') costs.download = await measureDownload(options);
    else if (take !== 'floor') {
      const before = take === 'unchanged' ? await readPublishedFiles(options) : null;
      costs[take] = await measureTake(options, take, rows);
      if (before) touched = changedPaths(before, await readPublishedFiles(options));
    }
  }
  return { costs, rows, touched };
}

async function measureFloor({ folder, inputs }: World): Promise<{ cost: Cost; rows: number }> {
  const { cost, stdout } = await runNode({ name: 'floor', args: [insidePath('floor.mjs'), folder] });
  const { bytes, rows } = JSON.parse(stdout) as { bytes: number; rows: number };
  if (bytes !== inputs.bytes) throw new Error(`floor read ${bytes} bytes, expected ${inputs.bytes}`);
  return { cost, rows };
}

async function measureTake(options: RoundOptions, take: ExportTake, rows: number): Promise<Cost> {
  const to = folderOf(options, take);
  const world = (take === 'changed' ? options.later : take === 'day' ? options.day : options.first) as World;
  const {
    gzipCache,
    server: { environment },
  } = world;
  const expected = take === 'unchanged' ? 'unchanged' : 'published';
  const exportRun = {
    name: take,
    to,
    run: runOf(take),
    without: WITHOUT[take],
    gzipCache,
    expected,
    environment,
  } as const;
  const { cost, outcome } = await measureExport(exportRun);
  const input: RunInputs = { answers: world.inputs.answers, rows };
  checkSameInputs(take, await readRunInputs(to, runOf(take)), input);
  if (world !== options.first && !outcome.changes?.changed) throw new Error(`${take}: nothing had changed`);
  return cost;
}

/** Downloads the release of `all`, then that of `day`; measures the second download. */
async function measureDownload(options: RoundOptions): Promise<Cost> {
  const [source, to] = [folderOf(options, 'day'), folderOf(options, 'download')];
  const { manifest: before } = await releaseOfTake(options, 'all');
  const { manifest: after } = await releaseOfTake(options, 'day');
  const download = (release: string) =>
    runNode({
      name: 'download',
      args: [MAIN, 'download', source, '--to', to, '--release', release, '--json'],
    });
  await download(before.release);
  const { cost, stdout } = await download(after.release);
  const fetched = filesOnlyIn(after, before).length;
  const result = JSON.parse(stdout) as { fetched: number };
  if (result.fetched !== fetched)
    throw new Error(`download fetched ${result.fetched} files, expected ${fetched}`);
  return cost;
}

/** The files of a release whose SHA-256 the other one does not have. */
export function filesOnlyIn({ files }: Manifest, other: Manifest): Manifest['files'] {
  const existing = new Set(other.files.map(({ sha256 }) => sha256));
  return files.filter(({ sha256 }) => !existing.has(sha256));
}

async function measureScript(options: RoundOptions): Promise<Cost> {
  const to = folderOf(options, 'script');
  const { cost } = await runProcess({
    name: 'script.py',
    program: options.python as string,
    args: [insidePath('run-script.py'), to],
    environment: { ...options.first.server.environment, NO_PROXY: '127.0.0.1' },
  });
  return cost;
}

type Files = ReadonlyMap<string, string>;

/** All files below the prefix, with inode, time and size to detect a new write. */
async function readPublishedFiles(options: RoundOptions): Promise<Files> {
  const to = folderOf(options, 'core');
  const entries = await readdir(to, { recursive: true, withFileTypes: true });
  const files = new Map<string, string>();
  for (const entry of entries.filter((file) => file.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const { ino, mtimeMs, size } = await stat(path);
    files.set(path.slice(to.length + 1), `${ino} ${mtimeMs} ${size}`);
  }
  return files;
}

const changedPaths = (before: Files, after: Files): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => !/^(runs\/|\.lock$)/.test(path) && before.get(path) !== after.get(path),
  );
