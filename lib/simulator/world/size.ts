// Turns a scale into factors. A small world has fewer rounds, areas and origins, but all operations. A large world has more
// areas, because the calendar limits the rounds.

/** Factors for the numbers of the world at scale 1. */
export interface Size {
  readonly admin1: number;
  readonly admin2: number;
  readonly rounds: number;
  /** Factor for the chance that an area has a secondary reason or origin. */
  readonly splits: number;
}

/** The factors that together give about `scale` times the rows. */
export function sizeOf(scale: number): Size {
  if (!(scale > 0 && scale <= 50)) {
    throw new RangeError(`scale: ${scale} is not a number above 0 and up to 50`);
  }
  if (scale >= 1) return { admin1: scale ** 0.4, admin2: scale, rounds: 1, splits: 1 };
  return { admin1: scale ** 0.5, admin2: scale ** 0.5, rounds: scale ** 0.5, splits: scale ** 0.15 };
}
