// The rounds of an operation. All are before 2026-11: the world ends on a fixed date and does not depend on the clock.
import type { Operation } from './operations.ts';
import { randomOf } from './random.ts';
import type { Size } from './size.ts';

/** One round of an operation. */
export interface Round {
  /** `YYYY-MM-DD` */
  readonly date: string;
  /** API: per operation, not monotonic, may be 0. */
  readonly number: number;
  /** Months since the first possible round of the operation. */
  readonly months: number;
}

const monthIndex = (month: string) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1;

/** Months between two dates or months. Days do not count. */
export const monthsBetween = (from: string, to: string) => monthIndex(to) - monthIndex(from);

/** The reporting date of a country in a month: usually its last day. It is the same for all operations of the country. */
function reportingDate(seed: number, iso3: string, index: number): string {
  const year = Math.floor(index / 12);
  const month = (index % 12) + 1;
  const end = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const chance = randomOf(seed, 'day', iso3, index).next();
  const day = chance < 0.12 ? Math.min(30, end) : chance < 0.2 ? 15 : end;
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** The months of the rounds. Some are skipped at random, but never the last. */
function roundMonths(seed: number, operation: Operation): number[] {
  const random = randomOf(seed, 'months', operation.iso3, operation.name);
  const last = monthIndex(operation.to);
  const list: number[] = [];
  for (let month = last; month >= monthIndex(operation.from); month -= operation.monthsBetweenRounds) {
    if (month === last || random.next() > 0.06) list.unshift(month);
  }
  return list;
}

/** Picks `count` items of the list, evenly spread, always with the last. */
function spread<T>(list: readonly T[], count: number): T[] {
  if (count >= list.length) return [...list];
  if (count === 1) return list.slice(-1);
  const step = (list.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, i) => list[Math.round(i * step)] as T);
}

/** The number of the i-th of n rounds. */
function roundNumber(operation: Operation, i: number, n: number): number {
  if (operation.flags.has('zero')) return i;
  const restart = Math.ceil(n / 2);
  if (operation.flags.has('restart')) return i < restart ? 70 - restart + i : 5 + i - restart;
  return i + 1;
}

/** Flags that need at least two rounds. */
const FLAGS_NEEDING_TWO = ['restart', 'twin', 'null', 'zero'];

/** The rounds of an operation, by date. */
export function roundsOf(seed: number, operation: Operation, size: Size): Round[] {
  const all = roundMonths(seed, operation);
  const needsTwo =
    operation.assessments.length > 1 || FLAGS_NEEDING_TWO.some((flag) => operation.flags.has(flag));
  const selected = spread(all, Math.max(needsTwo ? 2 : 1, Math.round(all.length * size.rounds)));
  const start = monthIndex(operation.from);
  const rounds = selected.map((month, i) => ({
    date: reportingDate(seed, operation.iso3, month),
    number: roundNumber(operation, i, selected.length),
    months: month - start,
  }));
  const last = rounds.at(-1);
  if (last && operation.flags.has('twin')) rounds.push({ ...last, number: last.number + 1 });
  return rounds;
}

/** An additional round after the last, at `date` or 15 days later. */
export function nextRound(operation: Operation, rounds: readonly Round[], date?: string): Round | null {
  const last = rounds.at(-1);
  if (!last) return null;
  const later = new Date(Date.parse(`${last.date}T00:00:00Z`) + 15 * 86_400_000).toISOString().slice(0, 10);
  const nextDate = date ?? later;
  const months = Math.max(0, monthsBetween(operation.from, nextDate));
  return { date: nextDate, number: last.number + 1, months };
}
