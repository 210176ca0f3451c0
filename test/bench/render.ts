// The report as a person reads it. Stages run one at a time, so their wall times add up to more than the whole export's,
// which waits for nothing while it can work.
import type { summarise } from './medians.ts';
import type { Cost, ProcessCost } from './spent.ts';

type Report = ReturnType<typeof summarise> & {
  readonly node: string;
  readonly runs: number;
  readonly scale: number;
  readonly answers: number;
};

const seconds = (value: number): string => value.toFixed(2);
const times = (value: number): string => `${value.toFixed(2)} x`;

/** The whole report as text. */
export function render(report: Report): string {
  const { floor, whole, withoutGzip, stages, aim } = report;
  const multiple = (cpu: number) => times(cpu / floor.cpu);
  const line = (name: string, { wall, cpu }: Cost) => [name, seconds(cpu), multiple(cpu), seconds(wall)];
  const process = (name: string, cost: ProcessCost) => [...line(name, cost), cost.rss.toFixed(0)];
  const sum = stages.filter(({ part }) => part === '').reduce(add, { wall: 0, cpu: 0 });
  const met = (is: boolean): string => (is ? 'met' : 'not met');
  return [
    `\nNode ${report.node}, medians of ${report.runs} runs, each in a fresh process`,
    `${report.rows} rows in ${report.answers} answers of ${(report.bytes / 1e6).toFixed(1)} MB of JSON; over HTTP they come as gzip\n`,
    ...table([
      ['', 'CPU s', 'x floor', 'wall s', 'peak MB'],
      process('floor: read the answers, JSON.parse', floor),
      process('whole export', whole),
      ['whole without gzip (the three rows below)', seconds(withoutGzip.cpu), multiple(withoutGzip.cpu)],
    ]),
    `\nAim: ${aim.cpu} x the floor's CPU without gzip: ${met(aim.cpuMet)} (${multiple(withoutGzip.cpu)})`,
    `Aim: ${aim.rss} MB: ${met(aim.rssMet)} (${whole.rss.toFixed(0)} MB)\n`,
    ...table([
      ['one stage after another', 'CPU s', 'x floor', 'wall s'],
      ...stages.map((row) => line(row.part === '' ? row.stage : `  of it ${row.part}`, row)),
      line('all stages', sum),
    ]),
    "\nHTTP's gunzip is not told apart: it counts as our own work, in the aim too.",
  ].join('\n');
}

const add = (a: Cost, b: Cost): Cost => ({ wall: a.wall + b.wall, cpu: a.cpu + b.cpu });

/** Lines with their first column to the left and figures to the right. */
function table(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart((widths[at] ?? 0) + 2)))
      .join(''),
  );
}
