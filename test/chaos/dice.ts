// The dice of the chaos suite. Every decision comes from one seed, which is printed; `DTM_CHAOS_SEED` throws the same
// dice again. What the machine does between two decisions is its own, so the same seed is the same plan, not the same run.
import { createHash, randomInt } from 'node:crypto';

const { DTM_CHAOS_SEED, DTM_CHAOS_SECONDS } = process.env;

/** What all dice come from. */
export const SEED = DTM_CHAOS_SEED === undefined ? randomInt(2 ** 32) : Number(DTM_CHAOS_SEED);

/** Seconds for all that dice choose; what was begun is finished, and what is always tried takes a minute more. */
export const SECONDS = Number(DTM_CHAOS_SECONDS ?? 100);

export interface Chance {
  /** A whole number from `low` to `high`, both included. */
  readonly between: (low: number, high: number) => number;
  readonly pick: <T>(list: readonly T[]) => T;
  /** Each of the list, or not. */
  readonly some: <T>(list: readonly T[]) => T[];
  /** True in `percent` of a hundred. */
  readonly happens: (percent: number) => boolean;
}

/** Dice of a name of their own: what is thrown elsewhere does not change them. */
export function chance(name: string): Chance {
  let state = createHash('sha256').update(`${SEED} ${name}`).digest().readUInt32LE();
  // Mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    between,
    pick: <T>(list: readonly T[]): T => list[between(0, list.length - 1)] as T,
    some: <T>(list: readonly T[]): T[] => list.filter(() => next() < 0.5),
    happens: (percent) => next() * 100 < percent,
  };
}

/** Whether a share of the suite's time is not over yet, from now on. */
export function budget(share: number): { readonly isLeft: () => boolean } {
  const end = performance.now() + SECONDS * share * 1000;
  return { isLeft: () => performance.now() < end };
}

/** How the dice are thrown again. */
export const again = `DTM_CHAOS_SEED=${SEED} npm run test:chaos`;
