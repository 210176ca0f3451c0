// The number of people that an operation counts over time: a rise, a plateau or a decline, with seasons.
import type { Operation, Trend } from './operations.ts';
import { randomOf } from './random.ts';
import { monthsBetween } from './rounds.ts';

const logistic = (x: number) => 1 / (1 + Math.exp(-x));

/** Share of the peak at a progress of 0 to 1, `months` after the start. `phase` shifts the waves. */
const TRENDS: Record<Trend, (progress: number, months: number, phase: number) => number> = {
  sudden: (_, months) => 0.04 + 0.96 * Math.exp(-months / 7),
  rise: (progress) => 0.12 + 0.88 * logistic((progress - 0.45) * 8),
  plateau: (progress, months, phase) =>
    logistic((progress - 0.12) * 22) * (0.88 + 0.08 * Math.sin(phase + months / 17)),
  decline: (progress) => logistic((progress - 0.06) * 50) * (0.25 + 0.75 * logistic((0.45 - progress) * 7)),
  waves: (progress, months, phase) =>
    (0.25 + 0.75 * progress) * (0.72 + 0.22 * Math.sin(phase + months / 6.5) + 0.06 * Math.sin(months / 2.3)),
};

/** The number of people at a number of months since the start, without the random variation of a round. */
export function stockOf(seed: number, operation: Operation): (months: number) => number {
  const random = randomOf(seed, 'stock', operation.iso3, operation.name);
  const peak = operation.peak * (0.85 + 0.3 * random.next());
  const phase = 2 * Math.PI * random.next();
  const season = 0.01 + 0.03 * random.next();
  const length = Math.max(1, monthsBetween(operation.from, operation.to));
  const trend = TRENDS[operation.trend];
  return (months) =>
    peak *
    trend(Math.min(1, months / length), months, phase) *
    (1 + season * Math.sin(phase + (2 * Math.PI * months) / 12));
}
