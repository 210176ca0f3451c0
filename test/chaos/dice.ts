// Random decisions of the chaos suite. All come from one printed seed; `DTM_CHAOS_SEED` repeats them. The timing of the machine
// still differs, so the same seed gives the same plan, but not the same run.
import { createHash, randomInt } from 'node:crypto';

const { DTM_CHAOS_SEED, DTM_CHAOS_SECONDS } = process.env;

/** The seed of all dice. */
export const SEED = DTM_CHAOS_SEED === undefined ? randomInt(2 ** 32) : Number(DTM_CHAOS_SEED);

/** Seconds for random cases. A case that has begun is finished; the fixed cases take a minute more. */
export const SECONDS = Number(DTM_CHAOS_SECONDS ?? 100);

export interface Dice {
  /** A whole number from `low` to `high`, both included. */
  readonly between: (low: number, high: number) => number;
  readonly pick: <T>(list: readonly T[]) => T;
  /** A random part of the list. */
  readonly some: <T>(list: readonly T[]) => T[];
  /** True with a probability of `percent`. */
  readonly happens: (percent: number) => boolean;
}

/** Creates dice with their own stream of random numbers, so that dice of other names do not change them. */
export function createDice(name: string): Dice {
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

/** Reserves a share of the suite's time, from now on. */
export function timeShare(share: number): { readonly hasTime: () => boolean } {
  const end = performance.now() + SECONDS * share * 1000;
  return { hasTime: () => performance.now() < end };
}

/** The command line that repeats this run's decisions. */
export const repeatCommand = `DTM_CHAOS_SEED=${SEED} npm run test:chaos`;
