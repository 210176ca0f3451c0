// What clocks may say. Nothing is ordered by them alone, so one that is wrong freezes nothing; what lies in the future is
// overruled, and said.

/** Milliseconds by which clocks of two machines may differ. */
const CLOCK_TOLERANCE = 5 * 60 * 1000;

/** Milliseconds from which on a clock is wrong enough to make the times of a release wrong. */
const MAX_CLOCK_ERROR = 15 * 60 * 1000;

/** How far this machine's clock is off by the clock of a server, in words; null where it is not, or nobody says. */
export function clockFault(localTime: Date, serverTime: Date | null): string | null {
  if (serverTime === null || Math.abs(localTime.getTime() - serverTime.getTime()) < MAX_CLOCK_ERROR)
    return null;
  return `this machine's clock says ${localTime.toISOString()}, the API's server ${serverTime.toISOString()}: the times of a release would be wrong, so nothing is asked or published; set the clock and run again`;
}

/** Whether a time, ISO 8601, lies further ahead than clocks differ. */
export const isFuture = (time: string, now: Date): boolean =>
  Date.parse(time) > now.getTime() + CLOCK_TOLERANCE;
