// Plans the commands of a mixed loop with random numbers before anything runs, and runs each command as a process.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dice } from './dice.ts';
import { type ProcessResult, randomSignals, runExporter, type TimedSignal } from './run-exporter.ts';

export const COUNTRIES = ['DMA', 'GRD', 'TCD'];

export type Kind = 'export' | 'resume' | 'withdraw' | 'prune' | 'download' | 'verify';

/** One command of a step. */
export interface Command {
  readonly kind: Kind;
  readonly signals: readonly TimedSignal[];
  /** The run to resume or the release to withdraw: 0 is the newest, 1 the one before. */
  readonly back: number;
  readonly countries: readonly string[];
  /** Releases that prune keeps. */
  readonly keep: number;
  readonly reissue: boolean;
}

/** Commands that run at the same time, with one state of the world. */
export interface Step {
  readonly faults: readonly string[];
  readonly commands: readonly Command[];
}

const KINDS: readonly Kind[] = [
  ...['export', 'export', 'export', 'export', 'resume', 'resume'],
  ...['withdraw', 'prune', 'download', 'verify'],
] as Kind[];

const randomCommand = (dice: Dice): Command => ({
  kind: dice.pick(KINDS),
  signals: randomSignals(dice),
  back: dice.between(0, 2),
  countries: dice.happens(70) ? COUNTRIES : [dice.pick(COUNTRIES)],
  keep: dice.between(1, 4),
  reissue: dice.happens(15),
});

/** Plans steps of one to four commands. The world changes before most steps. */
export function planSteps(dice: Dice, steps: number): Step[] {
  let faults: string[] = [];
  return Array.from({ length: steps }, (_, at) => {
    if (dice.happens(80))
      faults = dice.some(COUNTRIES).map((country) => `changed=${dice.between(1, 999)}@${country}`);
    const first =
      at === 0 ? [{ ...randomCommand(dice), kind: 'export', countries: COUNTRIES } as Command] : [];
    const others = Array.from({ length: dice.between(first.length === 0 ? 1 : 0, 3) }, () =>
      randomCommand(dice),
    );
    return { faults, commands: [...first, ...others] };
  });
}

/** The result of a command. */
export interface CommandResult extends ProcessResult {
  readonly command: Command;
  readonly args: readonly string[];
  /** The run id of an export; null for other commands. */
  readonly run: string | null;
  /** The release to withdraw; null for other commands. */
  readonly release: string | null;
}

/** The folders and the API of a loop, and the runs that were started, oldest first. */
export interface Workspace {
  readonly folder: string;
  readonly copy: string;
  readonly url: string;
  /** Environment of the commands, in addition to the API's. */
  readonly env: Readonly<Record<string, string>>;
  readonly runs: { readonly id: string; readonly countries: readonly string[] }[];
}

/** Releases of `releases.json`, newest first; empty without a list. */
export async function listedReleases(folder: string): Promise<string[]> {
  const body = await readFile(join(folder, 'releases.json'), 'utf8').catch(() => '{"releases":[]}');
  return (JSON.parse(body) as { releases: { release: string }[] }).releases.map(({ release }) => release);
}

export const environment = (url: string): Record<string, string> => ({
  DTMAPI_URL: url,
  DTMAPI_SUBSCRIPTION_KEY: 'sample-key',
});

export const exportArgs = (folder: string, run: string, countries: readonly string[]): string[] => [
  ...['export', '--to', folder, '--run', run, '--countries', countries.join(',')],
  ...['--levels', '0,1', '--json', '--quiet', '--retry-delay', '0'],
];

/** Starts a run with a new id. The same seed gives the same ids. */
function startRun(workspace: Workspace, countries: readonly string[]): Workspace['runs'][number] {
  const run = { id: `2026-11-24T05-00-00Z-${workspace.runs.length}`, countries };
  workspace.runs.push(run);
  return run;
}

/** Runs a command. Returns null if it needs a release and there is none. */
export async function runCommand(workspace: Workspace, command: Command): Promise<CommandResult | null> {
  const { folder, copy, url, env } = workspace;
  const runArgs = async (args: string[], overrides: Partial<Pick<CommandResult, 'run' | 'release'>> = {}) => {
    const ended = await runExporter(args, command.signals, { env: { ...environment(url), ...env } });
    return { run: null, release: null, ...overrides, command, args, ...ended };
  };
  if (command.kind === 'export' || command.kind === 'resume') {
    const resumed = command.kind === 'resume' ? workspace.runs.at(-1 - command.back) : undefined;
    const { id, countries } = resumed ?? startRun(workspace, command.countries);
    const reissue = command.reissue ? ['--reissue'] : [];
    return runArgs([...exportArgs(folder, id, countries), ...reissue], { run: id });
  }
  const listed = await listedReleases(folder);
  if (listed.length === 0) return null;
  if (command.kind === 'withdraw') {
    const release = listed[Math.min(command.back, listed.length - 1)] as string;
    return runArgs(['withdraw', folder, release, '--reason', 'chaos', '--json'], { release });
  }
  if (command.kind === 'prune')
    return runArgs([
      'prune',
      folder,
      '--keep-newest',
      String(command.keep),
      '--keep-monthly',
      '0',
      '--apply',
      '--json',
    ]);
  if (command.kind === 'download') return runArgs(['download', folder, '--to', copy, '--json', '--quiet']);
  return runArgs(['verify', folder, '--json']);
}
