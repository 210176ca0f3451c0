// Waits until a count no longer grows.
import { setTimeout } from 'node:timers/promises';

/** Resolves to a count that has been the same for 200 ms. @throws {Error} if it still grows after ten seconds */
export async function settle(count: () => number): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const before = count();
    await setTimeout(200);
    if (count() === before) return before;
  }
  throw new Error(`still growing: ${count()}`);
}
