// The shortest time in which answers of known durations can all arrive, with `concurrency` requests at a time.

/** No schedule is shorter than the longest answer, or than the sum divided by the concurrency. */
export const lowerBound = (seconds: readonly number[], concurrency: number): number =>
  Math.max(0, ...seconds, sum(seconds) / concurrency);

/** Duration of a real schedule: longest answer first, each on the first free connection. */
export function longestFirst(seconds: readonly number[], concurrency: number): number {
  const busy: number[] = Array.from({ length: concurrency }, () => 0);
  for (const duration of seconds.toSorted((a, b) => b - a)) {
    const free = busy.indexOf(Math.min(...busy));
    busy[free] = (busy[free] as number) + duration;
  }
  return Math.max(...busy);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
