// When to ask again, and after how long. The waiting is done here and not by exponential-backoff, whose waits cannot be
// aborted and whose jitter cannot be given from outside; it drives the attempts.

import { backOff } from 'exponential-backoff';
import { DTMApiError, DTMApiRequestError, DTMApiTimeoutError } from '../errors.ts';
import { wait } from './abort.ts';

/** How patient a call is; all times in seconds. */
export interface RetryPolicy {
  /** Attempts after the first. */
  readonly maxRetries: number;
  /** The n-th wait is a random part of `retryDelay * 2^n`, n from 0. */
  readonly retryDelay: number;
  /** No wait is longer, whatever `Retry-After` says. */
  readonly maxWait: number;
  /** No wait starts that would end later than this after the first request. */
  readonly maxElapsed: number;
  /** From 0 to 1: the jitter. */
  readonly random: () => number;
}

/** A call's clock and counter, and what is told before a wait. */
export interface RetryContext {
  /** Seconds since the call's first request, 0 before. */
  readonly elapsed: () => number;
  /** Requests sent so far. */
  readonly attempts: () => number;
  readonly signal: AbortSignal | undefined;
  readonly onRetry: (error: DTMApiError, seconds: number) => void;
}

/** HTTP statuses that often pass when asked again, 520 to 524 those of a CDN that missed the server; never 400, 401, 403, 404. */
const RETRYABLE_STATUSES: readonly unknown[] = [
  ...[408, 425, 429, 500, 502, 503, 504],
  ...[520, 521, 522, 523, 524],
];
// In less than 10 ms no answer comes, and timers may fire a millisecond early.
const MIN_ATTEMPT_SECONDS = 0.01;
const RETRYABLE_REASONS: readonly string[] = ['network', 'cut', 'not-json'];
const REASONS_WITH_STATUS: readonly string[] = ['status', 'proxy'];

/** True for the failures that another attempt may mend; refusals, wrong shapes and programming errors are not. */
export function isRetryable(error: unknown): error is DTMApiError {
  if (error instanceof DTMApiTimeoutError) return true;
  if (!(error instanceof DTMApiRequestError)) return false;
  return (
    RETRYABLE_REASONS.includes(error.reason) ||
    (REASONS_WITH_STATUS.includes(error.reason) && RETRYABLE_STATUSES.includes(error.status))
  );
}

/** Seconds to wait before retry `n` (0 the first): full jitter, at least what the server asked for, at most `maxWait`. */
export function waitSeconds(policy: RetryPolicy, n: number, retryAfter = 0): number {
  const backoff = Math.min(policy.maxWait, policy.retryDelay * 2 ** Math.min(n, 40));
  return Math.min(policy.maxWait, Math.max(policy.random() * backoff, retryAfter));
}

/** The seconds that a `Retry-After` header asks for, given as a number or as an HTTP date; undefined if it is neither. */
export function parseRetryAfter(header: string | undefined, now: Date): number | undefined {
  const value = header?.trim() ?? '';
  if (/^\d+$/.test(value)) return Number(value);
  // RFC 9110: three forms of date, all in GMT; the oldest does not say so.
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /.test(value)) return undefined;
  const time = Date.parse(value.endsWith(' GMT') ? value : `${value} GMT`);
  return Number.isNaN(time) ? undefined : Math.max(0, (time - now.getTime()) / 1000);
}

/**
 * Runs `attempt` until it succeeds or the policy gives up, and then throws its last error with `attempts` and `elapsed` set.
 * Rejects with the signal's reason as soon as it is aborted, also in the middle of a wait.
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  policy: RetryPolicy,
  context: RetryContext,
): Promise<T> {
  const retry = async (error: unknown, failures: number): Promise<boolean> => {
    if (!isRetryable(error) || failures > policy.maxRetries) return false;
    const retryAfter = error instanceof DTMApiRequestError ? error.retryAfter : undefined;
    const seconds = waitSeconds(policy, failures - 1, retryAfter);
    if (context.elapsed() + seconds + MIN_ATTEMPT_SECONDS >= policy.maxElapsed) return false;
    context.onRetry(error, seconds);
    await wait(seconds, context.signal);
    return true;
  };
  try {
    return await backOff(attempt, { numOfAttempts: policy.maxRetries + 1, startingDelay: 0, retry });
  } catch (error) {
    if (error instanceof DTMApiError) {
      error.attempts = context.attempts();
      error.elapsed = context.elapsed();
    }
    throw error;
  }
}
