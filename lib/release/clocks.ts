// Limits for wrong clocks. No order depends on clocks alone, so a wrong clock blocks no run. A time in the future is
// ignored and reported.

/** Milliseconds by which the clocks of two machines may differ. */
const CLOCK_TOLERANCE = 5 * 60 * 1000;

/** A clock that is wrong by this many milliseconds would make the times of a release wrong. */
const MAX_CLOCK_ERROR = 15 * 60 * 1000;

/**
 * A message if this machine's clock differs from the server's by 15 minutes or more. Null if it does not, or if the
 * server sent no time.
 */
export function clockFault(localTime: Date, serverTime: Date | null): string | null {
  if (serverTime === null || Math.abs(localTime.getTime() - serverTime.getTime()) < MAX_CLOCK_ERROR)
    return null;
  return `this machine's clock says ${localTime.toISOString()}, the API's server ${serverTime.toISOString()}: the times of a release would be wrong, so nothing is asked or published; set the clock and run again`;
}

/** True if a time (ISO 8601) is later than `now` by more than clocks may differ. */
export const isFuture = (time: string, now: Date): boolean =>
  Date.parse(time) > now.getTime() + CLOCK_TOLERANCE;
