// What a mixed loop does: a plan of steps, thrown with dice before anything runs, and each act of it as a process.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Chance } from './dice.ts';
import { type Blow, blowsFor, type Ended, exporter } from './run-exporter.ts';

export const COUNTRIES = ['DMA', 'GRD', 'TCD'];

export type Kind = 'export' | 'resume' | 'withdraw' | 'prune' | 'download' | 'verify';

/** One command of a step. */
export interface Act {
  readonly kind: Kind;
  readonly blows: readonly Blow[];
  /** Which run is resumed, or which release withdrawn: so many before the newest. */
  readonly back: number;
  readonly countries: readonly string[];
  /** Releases that prune keeps. */
  readonly keep: number;
  readonly reissue: boolean;
}

/** Commands that run at once, over one state of the world. */
export interface Step {
  readonly faults: readonly string[];
  readonly acts: readonly Act[];
}

const KINDS: readonly Kind[] = [
  ...['export', 'export', 'export', 'export', 'resume', 'resume'],
  ...['withdraw', 'prune', 'download', 'verify'],
] as Kind[];

const actFrom = (dice: Chance): Act => ({
  kind: dice.pick(KINDS),
  blows: blowsFor(dice),
  back: dice.between(0, 2),
  countries: dice.happens(70) ? COUNTRIES : [dice.pick(COUNTRIES)],
  keep: dice.between(1, 4),
  reissue: dice.happens(15),
});

/** Steps of one to four commands; between most of them the world changes. */
export function planOf(dice: Chance, steps: number): Step[] {
  let faults: string[] = [];
  return Array.from({ length: steps }, (_, at) => {
    if (dice.happens(80))
      faults = dice.some(COUNTRIES).map((country) => `changed=${dice.between(1, 999)}@${country}`);
    const first = at === 0 ? [{ ...actFrom(dice), kind: 'export', countries: COUNTRIES } as Act] : [];
    const more = Array.from({ length: dice.between(first.length === 0 ? 1 : 0, 3) }, () => actFrom(dice));
    return { faults, acts: [...first, ...more] };
  });
}

/** An act that was done. */
export interface Done extends Ended {
  readonly act: Act;
  readonly words: readonly string[];
  /** The run that an export was given. */
  readonly run: string | null;
  /** The release that was to be withdrawn. */
  readonly release: string | null;
}

/** Where acts are done, and which runs were started there, oldest first. */
export interface Stage {
  readonly folder: string;
  readonly copy: string;
  readonly url: string;
  readonly runs: { readonly id: string; readonly countries: readonly string[] }[];
}

/** Releases by the list, newest first; none where there is no list yet. */
export async function listedReleases(folder: string): Promise<string[]> {
  const body = await readFile(join(folder, 'releases.json'), 'utf8').catch(() => '{"releases":[]}');
  return (JSON.parse(body) as { releases: { release: string }[] }).releases.map(({ release }) => release);
}

export const environment = (url: string): Record<string, string> => ({
  DTMAPI_URL: url,
  DTMAPI_SUBSCRIPTION_KEY: 'sample-key',
});

export const exportWords = (folder: string, run: string, countries: readonly string[]): string[] => [
  ...['export', '--to', folder, '--run', run, '--countries', countries.join(',')],
  ...['--levels', '0,1', '--json', '--quiet', '--retry-delay', '0'],
];

/** A new run's id; the same dice give the same ones. */
function startRun(stage: Stage, countries: readonly string[]): Stage['runs'][number] {
  const run = { id: `2026-11-24T05-00-00Z-${stage.runs.length}`, countries };
  stage.runs.push(run);
  return run;
}

/** Does an act, or null where there is nothing that it could be done to. */
export async function perform(stage: Stage, act: Act): Promise<Done | null> {
  const { folder, copy, url } = stage;
  const done = async (words: string[], more: Partial<Pick<Done, 'run' | 'release'>> = {}) => {
    const ended = await exporter(words, act.blows, { env: environment(url) });
    return { run: null, release: null, ...more, act, words, ...ended };
  };
  if (act.kind === 'export' || act.kind === 'resume') {
    const resumed = act.kind === 'resume' ? stage.runs.at(-1 - act.back) : undefined;
    const { id, countries } = resumed ?? startRun(stage, act.countries);
    const reissue = act.reissue ? ['--reissue'] : [];
    return done([...exportWords(folder, id, countries), ...reissue], { run: id });
  }
  const listed = await listedReleases(folder);
  if (listed.length === 0) return null;
  if (act.kind === 'withdraw') {
    const release = listed[Math.min(act.back, listed.length - 1)] as string;
    return done(['withdraw', folder, release, '--reason', 'chaos', '--json'], { release });
  }
  if (act.kind === 'prune')
    return done([
      'prune',
      folder,
      '--keep-newest',
      String(act.keep),
      '--keep-monthly',
      '0',
      '--apply',
      '--json',
    ]);
  if (act.kind === 'download') return done(['download', folder, '--to', copy, '--json', '--quiet']);
  return done(['verify', folder, '--json']);
}
