// How soon answers that take so long each can all be there, so many at a time.

/** No schedule is shorter: the longest answer takes its time, and all together take theirs. */
export const lowerBound = (seconds: readonly number[], atOnce: number): number =>
  Math.max(0, ...seconds, sum(seconds) / atOnce);

/** A schedule that can be had: longest first, each to whoever is free. */
export function longestFirst(seconds: readonly number[], atOnce: number): number {
  const busy: number[] = Array.from({ length: atOnce }, () => 0);
  for (const each of seconds.toSorted((a, b) => b - a)) {
    const free = busy.indexOf(Math.min(...busy));
    busy[free] = (busy[free] as number) + each;
  }
  return Math.max(...busy);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
