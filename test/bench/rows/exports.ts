// Report lines about the cost of exports: as multiples of the floor, and compared with the Python script.
import type { Measurements } from '../measurements.ts';
import type { Take } from '../rounds.ts';
import type { Cost } from '../run-process.ts';
import { medianCost } from '../statistics.ts';
import { type Line, megabytes, plainLine, seconds, targetLine, times } from './line.ts';

/** Median cost of a take. */
export const costOf = ({ takes }: Measurements, take: Take): Cost => medianCost(takes[take] ?? []);

/** CPU or wall time of a take as a multiple of the floor's. */
function multiple(measured: Measurements, take: Take, kind: 'cpu' | 'wall') {
  const [spent, floor] = [costOf(measured, take)[kind], costOf(measured, 'floor')[kind]];
  return { value: spent / floor, measured: `${seconds(spent)} = ${times(spent / floor)} floor` };
}

export const exportLines = (all: Measurements): Line[] => [
  targetLine('whole export to a folder, CPU', {
    ...{ ...multiple(all, 'core', 'cpu'), target: 3.5, further: 2.7 },
    says: ['3.5 x floor', '2.7 x'],
  }),
];

export const wallLines = (all: Measurements): Line[] => [
  targetLine('whole export with CSV gzip, wall clock', {
    ...{ ...multiple(all, 'zipped', 'wall'), target: 3.5, further: 2.6 },
    says: ['3.5 x floor', '2.6 x'],
  }),
];

/** CPU time that a take costs in addition to another take. */
export function extraLines(all: Measurements, what: string, [take, than]: readonly [Take, Take]): Line[] {
  const extra = costOf(all, take).cpu - costOf(all, than).cpu;
  return [plainLine(what, `${seconds(extra)} of CPU = ${times(extra / costOf(all, 'floor').cpu)} floor`)];
}

export function everythingLines(all: Measurements): Line[] {
  const { wall, rss } = costOf(all, 'all');
  const cpu = multiple(all, 'all', 'cpu').measured;
  return [plainLine('everything, as a user runs it', `CPU ${cpu}, wall ${seconds(wall)}, ${megabytes(rss)}`)];
}

export const changesLines = (all: Measurements): Line[] => [
  plainLine(
    'export over a release of which every country has changed, CPU',
    multiple(all, 'changed', 'cpu').measured,
  ),
];

export function pythonLines(all: Measurements): Line[] {
  const [ours, script] = [costOf(all, 'zipped'), costOf(all, 'script')];
  const [wall, cpu] = [script.wall / ours.wall, script.cpu / ours.cpu];
  return [
    targetLine('against dtmapi + pandas, wall clock', {
      ...{ value: wall, target: 3, further: 3.5, atLeast: true, says: ['3 x faster', '3.5 x'] },
      measured: `${seconds(ours.wall)} against ${seconds(script.wall)} = ${times(wall)} faster (CPU ${times(cpu)})`,
    }),
    targetLine('against dtmapi + pandas, peak RSS', {
      ...{ value: ours.rss / script.rss, target: 1, says: ['less'] },
      measured: `${megabytes(ours.rss)} against ${megabytes(script.rss)}`,
    }),
  ];
}

export function memoryLines(all: Measurements): Line[] {
  const { rss } = costOf(all, 'core');
  const aim = { value: rss, target: 300, further: 220, says: ['300 MB', '220 MB'] };
  return [targetLine('peak RSS', { ...aim, measured: megabytes(rss) })];
}

export function unchangedLines(all: Measurements): Line[] {
  const written = (all.touched ?? []).filter((path) => path !== 'status.json');
  return [
    targetLine('unchanged run, CPU', {
      ...{ ...multiple(all, 'unchanged', 'cpu'), target: 2, says: ['2 x floor'] },
    }),
    {
      ...{ what: 'unchanged run, files written beside status.json', target: 'none', further: '' },
      measured: written.join(', ') || 'none',
      verdict: written.length === 0 ? 'met' : `NOT met, by ${written.length} files`,
    },
  ];
}
