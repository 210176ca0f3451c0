// Waits for what a test has set off, and says what did not come.
import pWaitFor from 'p-wait-for';

/**
 * Asks every `interval` ms, and returns the first answer that is neither false nor null.
 * @throws {Error} with what was waited for, after `limitSeconds`
 */
export function waitFor<T>(
  what: string,
  ask: () => T | Promise<T>,
  { interval = 200, limitSeconds = 300 } = {},
): Promise<Exclude<T, false | null>> {
  const condition = async () => {
    const answer = await ask();
    if (answer === false || answer === null) return false;
    return pWaitFor.resolveWith(answer as Exclude<T, false | null>);
  };
  const message = `waited ${limitSeconds} s in vain: ${what}`;
  return pWaitFor(condition, { interval, timeout: { milliseconds: limitSeconds * 1000, message } });
}
