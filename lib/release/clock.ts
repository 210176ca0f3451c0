// What clocks may say. Nothing is ordered by them alone, so one that is wrong freezes nothing; what lies in the future is
// overruled, and said.

/** Milliseconds by which clocks of two machines may differ. */
const TOLERANCE = 5 * 60 * 1000;

/** Whether a time, ISO 8601, lies further ahead than clocks differ. */
export const isFuture = (time: string, now: Date): boolean => Date.parse(time) > now.getTime() + TOLERANCE;
