// Report lines about a slow API and about Lambda.
import { billedSeconds, gigabyteSeconds } from '../lambda.ts';
import type { Measurements } from '../measurements.ts';
import { median, medianCost } from '../statistics.ts';
import { type Line, megabytes, plainLine, seconds, targetLine, times, whole } from './line.ts';

export function latencyLines({ latency }: Measurements): Line[] {
  if (!latency) return [];
  const { wall, best, answers, sum } = latency;
  return [
    targetLine('an API with latency at concurrency 4, everything in, wall clock', {
      ...{ value: wall / best, target: 1.1, further: 1.05, says: ['1.1 x best schedule', '1.05 x'] },
      measured: `${seconds(wall)} = ${times(wall / best, 3)} ${seconds(best)} (${answers} answers of ${whole(sum)} s together)`,
    }),
  ];
}

const COLD: Readonly<Record<string, number>> = { plan: 150, fetch: 150, publish: 250 };

export const coldLines = ({ imports = {} }: Measurements): Line[] =>
  Object.entries(imports).map(([name, values]) => {
    const [value, target] = [median(values), COLD[name] ?? 0];
    const aim = { value, target, says: [`${target} ms`] };
    return targetLine(`cold start: import of ${name}`, { ...aim, measured: `${value.toFixed(0)} ms` });
  });

export function publishLines({ publish }: Measurements): Line[] {
  if (!publish) return [];
  const { memory, waits } = publish;
  const { wall, cpu, rss } = medianCost(publish.costs);
  const billed = billedSeconds({ wall, cpu }, memory.publish);
  const waited = waits.reduce((sum, wait) => sum + wait, 0);
  const month = (value: number, size: number) =>
    `${whole(gigabyteSeconds(value, size))} GB-s a month at ${size} MB`;
  return [
    plainLine(
      'publish alone from staged units, daily',
      `wall ${seconds(wall)}, CPU ${seconds(cpu)}, ${megabytes(rss)}; ${seconds(billed)} billed, ${month(billed, memory.publish)}`,
    ),
    plainLine(
      'fetch, its waiting alone, daily',
      `${waits.length} answers of ${whole(waited)} s together, ${month(waited, memory.fetch)}`,
    ),
  ];
}
