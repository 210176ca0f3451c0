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
    ...{ ...multiple(all, 'core', 'cpu'), target: 6, further: 4.5 },
    says: ['6 x floor', '4.5 x'],
  }),
];

export const wallLines = (all: Measurements): Line[] => [
  targetLine('whole export with CSV gzip, wall clock', {
    ...{ ...multiple(all, 'zipped', 'wall'), target: 5.5 },
    says: ['5.5 x floor'],
  }),
];

/** CPU time that a take costs in addition to another take. */
export function extraLines(all: Measurements, what: string, [take, than]: readonly [Take, Take]): Line[] {
  const extra = costOf(all, take).cpu - costOf(all, than).cpu;
  return [plainLine(what, `${seconds(extra)} of CPU = ${times(extra / costOf(all, 'floor').cpu)} floor`)];
}

export function workbookLines(all: Measurements): Line[] {
  const extra = costOf(all, 'all').cpu - costOf(all, 'zipped').cpu;
  const value = extra / costOf(all, 'floor').cpu;
  const measured = `${seconds(extra)} of CPU = ${times(value)} floor`;
  return [targetLine('workbooks', { value, target: 4, further: 3, says: ['4 x floor', '3 x'], measured })];
}

export function everythingLines(all: Measurements): Line[] {
  const { wall, rss } = costOf(all, 'all');
  const cpu = multiple(all, 'all', 'cpu').measured;
  const aim = { value: rss, target: 300, further: 250, says: ['300 MB', '250 MB'] };
  return [
    plainLine('first export, everything in', `CPU ${cpu}, wall ${seconds(wall)}`),
    targetLine('the same, peak RSS', { ...aim, measured: megabytes(rss) }),
  ];
}

export function dayLines(all: Measurements): Line[] {
  const { rss, wall } = costOf(all, 'day');
  const what = 'a day on which 2 of 50 countries changed, everything in';
  return [
    targetLine(`${what}, CPU`, {
      ...{ ...multiple(all, 'day', 'cpu'), target: 4.5, further: 3.5, says: ['4.5 x floor', '3.5 x'] },
    }),
    targetLine('the same, wall clock', {
      ...{ ...multiple(all, 'day', 'wall'), target: 4, further: 3, says: ['4 x floor', '3 x'] },
    }),
    targetLine('the same, peak RSS', {
      ...{ value: rss, target: 250, further: 200, says: ['250 MB', '200 MB'], measured: megabytes(rss) },
    }),
    ...('script' in all.takes ? dayAgainstScript(wall, rss, costOf(all, 'script')) : []),
  ];
}

/** The script writes no workbooks and no page, and can only do all again. */
function dayAgainstScript(wall: number, rss: number, script: Cost): Line[] {
  const value = script.wall / wall;
  return [
    targetLine('the same against dtmapi + pandas, which do all again, wall clock', {
      ...{ value, target: 4, further: 6, atLeast: true, says: ['4 x faster', '6 x'] },
      measured: `${seconds(wall)} against ${seconds(script.wall)} = ${times(value)} faster`,
    }),
    targetLine('the same against dtmapi + pandas, peak RSS', {
      ...{ value: rss / script.rss, target: 1, says: ['less'] },
      measured: `${megabytes(rss)} against ${megabytes(script.rss)}`,
    }),
  ];
}

export function downloadLines(all: Measurements): Line[] {
  const { fetched = 0, all: bytes = 0 } = all.downloaded ?? {};
  const { cpu, wall, rss } = costOf(all, 'download');
  return [
    plainLine(
      'download of that day over an earlier download',
      `${megabytes(fetched / 1e6)} of ${megabytes(bytes / 1e6)} fetched; CPU ${seconds(cpu)}, wall ${seconds(wall)}, ${megabytes(rss)}`,
    ),
  ];
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
      ...{ value: wall, target: 2.5, further: 3, atLeast: true, says: ['2.5 x faster', '3 x'] },
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
