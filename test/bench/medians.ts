// From runs to figures. gzip is told apart from the rest: the aim is about our own code, and gzip is bought.
import type { Cost, ProcessCost } from './spent.ts';
import type { Row } from './stopwatch.ts';

export interface Floor extends ProcessCost {
  readonly bytes: number;
  readonly rows: number;
}

/** What was measured, run by run. */
export interface Rounds {
  readonly floor: Floor[];
  readonly whole: ProcessCost[];
  readonly stages: Row[][];
}

/** A line of the table of stages; `part` is '' for a stage, else the part of the stage above that it tells. */
export interface Line extends Cost {
  readonly stage: string;
  readonly part: string;
}

/** What an export may cost: its CPU without gzip as a multiple of the floor's, and its peak RSS in MB. */
export const AIM = { cpu: 6, rss: 400 };

/** The middle value; of an even number of values, the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

const medianCost = (costs: readonly Cost[]): Cost => ({
  wall: median(costs.map(({ wall }) => wall)),
  cpu: median(costs.map(({ cpu }) => cpu)),
});

const medianProcess = (costs: readonly ProcessCost[]): ProcessCost => ({
  ...medianCost(costs),
  rss: median(costs.map(({ rss }) => rss)),
});

/** Medians, and whether the aim is met. */
export function summarise({ floor, whole, stages }: Rounds) {
  const lines = linesOf(stages);
  const zipped = lines.filter(({ stage, part }) => part === '' && /^(gzip|gunzip) /.test(stage));
  const [bottom, all] = [medianProcess(floor), medianProcess(whole)];
  const cpu = all.cpu - zipped.reduce((sum, line) => sum + line.cpu, 0);
  return {
    bytes: floor[0]?.bytes ?? 0,
    rows: floor[0]?.rows ?? 0,
    floor: bottom,
    whole: all,
    withoutGzip: { cpu },
    stages: lines,
    aim: { ...AIM, cpuMet: cpu <= AIM.cpu * bottom.cpu, rssMet: all.rss <= AIM.rss },
  };
}

/** Stages in order, each with its parts below it, then what was set aside from all of them. */
function linesOf(runs: readonly Row[][]): Line[] {
  const rows = runs[0] ?? [];
  const cost = (belongs: (row: Row) => boolean): Cost =>
    medianCost(runs.map((run) => run.filter(belongs).reduce(add, { wall: 0, cpu: 0 })));
  const own = rows
    .filter(({ aside, again }) => aside === '' || again)
    .map(({ stage, aside }) => ({
      ...{ stage, part: aside },
      ...cost((row) => row.stage === stage && row.aside === aside),
    }));
  const aside = new Set(rows.filter((row) => row.aside !== '' && !row.again).map(asideName));
  return [
    ...own,
    ...[...aside].map((stage) => ({ stage, part: '', ...cost((row) => asideName(row) === stage) })),
  ];
}

const add = (a: Cost, b: Cost): Cost => ({ wall: a.wall + b.wall, cpu: a.cpu + b.cpu });

/** gzip is told stage by stage, SHA-256 and files for all stages together. */
function asideName({ stage, aside, again }: Row): string {
  if (aside === '' || again) return '';
  return /^(gzip|gunzip)$/.test(aside) ? `${aside} in "${stage}"` : `${aside}, all stages`;
}
