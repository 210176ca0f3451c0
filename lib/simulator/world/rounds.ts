// When an operation reports. Rounds before 2026-11 only: the world ends on a fixed date, whatever the clock says.

import type { Operation } from './operations.ts';
import { randomOf } from './random.ts';
import type { Size } from './size.ts';

/** One reporting of an operation. */
export interface Round {
  /** `YYYY-MM-DD` */
  readonly date: string;
  /** API: per operation, not monotonic, may be 0. */
  readonly number: number;
  /** Months since the operation's first possible round. */
  readonly months: number;
}

const monthIndex = (month: string) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1;

/** Months between the two dates or months, ignoring days. */
export const monthsBetween = (from: string, to: string) => monthIndex(to) - monthIndex(from);

/** The day on which a country reports in a month: its end as a rule, the same for all its operations. */
function reportingDate(seed: number, iso3: string, index: number): string {
  const year = Math.floor(index / 12);
  const month = (index % 12) + 1;
  const end = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const chance = randomOf(seed, 'day', iso3, index).next();
  const day = chance < 0.12 ? Math.min(30, end) : chance < 0.2 ? 15 : end;
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** The months of the rounds: some are left out, the last never. */
function roundMonths(seed: number, operation: Operation): number[] {
  const random = randomOf(seed, 'months', operation.iso3, operation.name);
  const last = monthIndex(operation.to);
  const list: number[] = [];
  for (let month = last; month >= monthIndex(operation.from); month -= operation.monthsBetweenRounds) {
    if (month === last || random.next() > 0.06) list.unshift(month);
  }
  return list;
}

/** As many of the list's items as are wanted, evenly spread, the last among them. */
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

/** Flags that show only where there is more than one round. */
const FLAGS_NEEDING_TWO = ['restart', 'twin', 'null', 'zero'];

/** The operation's rounds, by date. */
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

/** One more round after the last: at the date given, or 15 days later. */
export function nextRound(operation: Operation, rounds: readonly Round[], date?: string): Round | null {
  const last = rounds.at(-1);
  if (!last) return null;
  const later = new Date(Date.parse(`${last.date}T00:00:00Z`) + 15 * 86_400_000).toISOString().slice(0, 10);
  const on = date ?? later;
  return { date: on, number: last.number + 1, months: Math.max(0, monthsBetween(operation.from, on)) };
}
