// Decides when a request to a web server is repeated, and after how long. Progress resets the counter: a download over
// a bad line continues as long as new bytes arrive.
import { setTimeout as sleep } from 'node:timers/promises';
import { backOff } from 'exponential-backoff';
import { StoreError } from '../store.ts';

/** Limits for attempts; times in seconds. */
export interface WebRetryPolicy {
  /** Attempts without progress. */
  readonly maxAttempts: number;
  /** The n-th wait is a random part of `delay * 2^n`, n from 0. */
  readonly retryDelay: number;
  /** The longest wait, even if `Retry-After` asks for more. */
  readonly maxWait: number;
  /** A wait starts only if it ends within this time after the last progress. */
  readonly maxElapsed: number;
  /** The source of the jitter: numbers from 0 to 1. */
  readonly random: () => number;
  /** Aborts attempts and waits; they reject with its reason. */
  readonly signal: AbortSignal | undefined;
}

/** A failure that another attempt may repair. `retryAfter` is in seconds, if the server sent it. */
export class RetryableError extends StoreError {
  readonly retryAfter: number | undefined;
  constructor(
    key: string,
    message: string,
    options: ErrorOptions & { retryAfter?: number | undefined } = {},
  ) {
    super(key, message, options);
    this.retryAfter = options.retryAfter;
  }
}

/** So many new bytes count as progress. */
const PROGRESS_BYTES = 65_536;

/** HTTP statuses from 500 on that are not retryable: not implemented, wrong HTTP version, network login required. */
const PERMANENT_STATUSES = [501, 505, 511];

/** True if another attempt may get another status. */
export function isRetryableStatus(status: number): boolean {
  return [408, 425, 429].includes(status) || (status >= 500 && !PERMANENT_STATUSES.includes(status));
}

/** The seconds that `Retry-After` asks for, given as a number or as an HTTP date; undefined if it is neither. */
export function parseRetryAfter(header: string | undefined, now: number = Date.now()): number | undefined {
  const value = header?.trim() ?? '';
  if (/^\d+$/.test(value)) return Number(value);
  const time = /^[A-Z][a-z]+,? .* GMT$/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : Math.max(0, (time - now) / 1000);
}

/** Seconds to wait after so many failures (1 after the first). Full jitter, but at least `retryAfter`. */
export function waitSeconds(policy: WebRetryPolicy, failures: number, retryAfter = 0): number {
  const { retryDelay, maxWait, random } = policy;
  return Math.min(maxWait, Math.max(random() * retryDelay * 2 ** (failures - 1), retryAfter));
}

/**
 * Repeats `attempt` until it succeeds, fails permanently, or reaches a limit of the policy. `bytesReceived` returns the
 * bytes of all attempts together.
 * @throws the last failure, with the number of attempts if there were several; the signal's reason
 */
export async function withRetries<T>(
  policy: WebRetryPolicy,
  attempt: () => Promise<T>,
  bytesReceived: () => number = () => 0,
): Promise<T> {
  const { maxAttempts, maxElapsed, signal } = policy;
  let [failures, attempts, bytesAtProgress, lastProgress] = [0, 0, 0, performance.now()];
  const retry = async (error: unknown): Promise<boolean> => {
    attempts++;
    failures++;
    if (bytesReceived() >= bytesAtProgress + PROGRESS_BYTES)
      [failures, bytesAtProgress, lastProgress] = [1, bytesReceived(), performance.now()];
    if (!(error instanceof RetryableError) || failures >= maxAttempts) return false;
    const seconds = waitSeconds(policy, failures, error.retryAfter);
    if ((performance.now() - lastProgress) / 1000 + seconds > maxElapsed) return false;
    await sleep(seconds * 1000, undefined, signal && { signal }).catch(() => {});
    signal?.throwIfAborted();
    return true;
  };
  try {
    return await backOff(attempt, { numOfAttempts: Number.POSITIVE_INFINITY, startingDelay: 0, retry });
  } catch (error) {
    if (!(error instanceof RetryableError) || attempts < 2) throw error;
    throw new StoreError(error.key, `${error.message} (tried ${attempts} times)`, { cause: error.cause });
  }
}
