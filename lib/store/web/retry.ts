// When a web server is asked again, and after how long. What was read meanwhile counts: a download over a bad line goes on
// as long as it gets further.
import { setTimeout as sleep } from 'node:timers/promises';
import { backOff } from 'exponential-backoff';
import { StoreError } from '../store.ts';

/** How often and how long a server is asked; times in seconds. */
export interface WebRetryPolicy {
  /** Tries without progress. */
  readonly maxAttempts: number;
  /** The n-th wait is a random part of `delay * 2^n`, n from 0. */
  readonly retryDelay: number;
  /** No wait is longer, whatever `Retry-After` says. */
  readonly maxWait: number;
  /** No wait starts that would end later than this after the last progress. */
  readonly maxElapsed: number;
  /** From 0 to 1: the jitter. */
  readonly random: () => number;
  /** Ends tries and waits with its reason. */
  readonly signal: AbortSignal | undefined;
}

/** A failure that another try may mend, and after how many seconds if the server says so. */
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

/** Bytes more than before that count as progress. */
const PROGRESS_BYTES = 65_536;

/** HTTP statuses that never pass, of those from 500 on: not implemented, HTTP version, a network that wants a login. */
const PERMANENT_STATUSES = [501, 505, 511];

/** Says whether a server that answers so may answer otherwise when it is asked again. */
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

/** Seconds to wait after so many failures (1 the first): full jitter, at least what the server asked for. */
export function waitSeconds(patience: WebRetryPolicy, failures: number, retryAfter = 0): number {
  const { retryDelay, maxWait, random } = patience;
  return Math.min(maxWait, Math.max(random() * retryDelay * 2 ** (failures - 1), retryAfter));
}

/**
 * Tries until it succeeds, fails for good, or patience ends; `got` says how many bytes have come over all tries.
 * @throws the last failure, with the number of tries if there were more than one; the signal's reason
 */
export async function withRetries<T>(
  patience: WebRetryPolicy,
  attempt: () => Promise<T>,
  bytesReceived: () => number = () => 0,
): Promise<T> {
  const { maxAttempts, maxElapsed, signal } = patience;
  let [failures, attempts, bytesAtProgress, lastProgress] = [0, 0, 0, performance.now()];
  const retry = async (error: unknown): Promise<boolean> => {
    attempts++;
    failures++;
    if (bytesReceived() >= bytesAtProgress + PROGRESS_BYTES)
      [failures, bytesAtProgress, lastProgress] = [1, bytesReceived(), performance.now()];
    if (!(error instanceof RetryableError) || failures >= maxAttempts) return false;
    const seconds = waitSeconds(patience, failures, error.retryAfter);
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
