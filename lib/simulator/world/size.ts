// How a scale is spread over the world: a small world has fewer rounds, areas and origins, and
// still every operation; a large one has more areas, since rounds are bounded by the calendar.

/** Factors on the full-size world's numbers. */
export interface Size {
  readonly admin1: number;
  readonly admin2: number;
  readonly rounds: number;
  /** On the chance that an area has a row for a lesser reason or origin. */
  readonly splits: number;
}

/** The factors whose product makes about `scale` times the rows. */
export function sizeOf(scale: number): Size {
  if (!(scale > 0 && scale <= 50)) {
    throw new RangeError(`scale: ${scale} is not a number above 0 and up to 50`);
  }
  if (scale >= 1) return { admin1: scale ** 0.4, admin2: scale, rounds: 1, splits: 1 };
  return { admin1: scale ** 0.5, admin2: scale ** 0.5, rounds: scale ** 0.5, splits: scale ** 0.15 };
}
