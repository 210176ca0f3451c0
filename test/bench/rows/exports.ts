// What exports cost, as multiples of the floor and beside the Python script.

import type { Measured } from '../measurements.ts';
import type { Take } from '../rounds.ts';
import type { Cost } from '../run-process.ts';
import { medianCost } from '../statistics.ts';
import { aimed, type Line, megabytes, reported, seconds, times } from './line.ts';

/** The medians of a take. */
export const costOf = ({ takes }: Measured, take: Take): Cost => medianCost(takes[take] ?? []);

/** CPU or wall time as a multiple of the floor's. */
function multiple(measured: Measured, take: Take, kind: 'cpu' | 'wall') {
  const [spent, floor] = [costOf(measured, take)[kind], costOf(measured, 'floor')[kind]];
  return { value: spent / floor, measured: `${seconds(spent)} = ${times(spent / floor)} floor` };
}

export const exportLines = (all: Measured): Line[] => [
  aimed('whole export to a folder, CPU', {
    ...{ ...multiple(all, 'core', 'cpu'), target: 3.5, further: 2.7 },
    says: ['3.5 x floor', '2.7 x'],
  }),
];

export const wallLines = (all: Measured): Line[] => [
  aimed('whole export with CSV gzip, wall clock', {
    ...{ ...multiple(all, 'zipped', 'wall'), target: 3.5, further: 2.6 },
    says: ['3.5 x floor', '2.6 x'],
  }),
];

/** The CPU that a take costs beyond another. */
export function extraLines(all: Measured, what: string, [take, than]: readonly [Take, Take]): Line[] {
  const extra = costOf(all, take).cpu - costOf(all, than).cpu;
  return [reported(what, `${seconds(extra)} of CPU = ${times(extra / costOf(all, 'floor').cpu)} floor`)];
}

export function everythingLines(all: Measured): Line[] {
  const { wall, rss } = costOf(all, 'all');
  const cpu = multiple(all, 'all', 'cpu').measured;
  return [reported('everything, as a user runs it', `CPU ${cpu}, wall ${seconds(wall)}, ${megabytes(rss)}`)];
}

export const changesLines = (all: Measured): Line[] => [
  reported(
    'export over a release of which every country has changed, CPU',
    multiple(all, 'changed', 'cpu').measured,
  ),
];

export function pythonLines(all: Measured): Line[] {
  const [ours, theirs] = [costOf(all, 'zipped'), costOf(all, 'script')];
  const [wall, cpu] = [theirs.wall / ours.wall, theirs.cpu / ours.cpu];
  return [
    aimed('against dtmapi + pandas, wall clock', {
      ...{ value: wall, target: 3, further: 3.5, atLeast: true, says: ['3 x faster', '3.5 x'] },
      measured: `${seconds(ours.wall)} against ${seconds(theirs.wall)} = ${times(wall)} faster (CPU ${times(cpu)})`,
    }),
    aimed('against dtmapi + pandas, peak RSS', {
      ...{ value: ours.rss / theirs.rss, target: 1, says: ['less'] },
      measured: `${megabytes(ours.rss)} against ${megabytes(theirs.rss)}`,
    }),
  ];
}

export function memoryLines(all: Measured): Line[] {
  const { rss } = costOf(all, 'core');
  const aim = { value: rss, target: 300, further: 220, says: ['300 MB', '220 MB'] };
  return [aimed('peak RSS', { ...aim, measured: megabytes(rss) })];
}

export function unchangedLines(all: Measured): Line[] {
  const made = (all.touched ?? []).filter((path) => path !== 'status.json');
  return [
    aimed('unchanged run, CPU', {
      ...{ ...multiple(all, 'unchanged', 'cpu'), target: 2, says: ['2 x floor'] },
    }),
    {
      ...{ what: 'unchanged run, files written beside status.json', target: 'none', further: '' },
      measured: made.join(', ') || 'none',
      verdict: made.length === 0 ? 'met' : `NOT met, by ${made.length} files`,
    },
  ];
}
