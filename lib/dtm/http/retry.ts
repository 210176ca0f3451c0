// Decides when a request is sent again, and after how long. exponential-backoff repeats the attempts. The waits are done here,
// because its waits cannot be aborted and its jitter cannot be set.
// Note: 401 is not retried. The second key is tried instead (call.ts).
import { backOff } from 'exponential-backoff';
import { DTMApiError, DTMApiRequestError, DTMApiTimeoutError } from '../errors.ts';
import { wait } from './abort.ts';

/** When a call is retried. All times are in seconds. */
export interface RetryPolicy {
  /** Number of attempts after the first. */
  readonly maxRetries: number;
  /** Wait n (from 0) is a random part of `retryDelay * 2^n`. */
  readonly retryDelay: number;
  /** Longest wait, also if `Retry-After` asks for more. */
  readonly maxWait: number;
  /** A wait that would end later than this after the first request is not started: the call fails. */
  readonly maxElapsed: number;
  /** Jitter: a number from 0 to 1. */
  readonly random: () => number;
}

/** Clock and counter of a call, its signal, and a callback before each wait. */
export interface RetryContext {
  /** Seconds since the first request of the call. 0 before it. */
  readonly elapsed: () => number;
  /** Number of requests sent so far. */
  readonly attempts: () => number;
  readonly signal: AbortSignal | undefined;
  readonly onRetry: (error: DTMApiError, seconds: number) => void;
}

/**
 * HTTP statuses after which a retry often helps. 520 to 524 come from a CDN that could not reach the server. Never 400,
 * 401, 403, 404.
 */
const RETRYABLE_STATUSES: readonly unknown[] = [
  ...[408, 425, 429, 500, 502, 503, 504],
  ...[520, 521, 522, 523, 524],
];
// The shortest useful attempt: no answer comes in less than 10 ms, and timers may fire a millisecond early.
const MIN_ATTEMPT_SECONDS = 0.01;
const RETRYABLE_REASONS: readonly string[] = ['network', 'cut', 'not-json'];
const REASONS_WITH_STATUS: readonly string[] = ['status', 'proxy'];

/** True if another attempt may help. False for refusals, wrong shapes and programming errors. */
export function isRetryable(error: unknown): error is DTMApiError {
  if (error instanceof DTMApiTimeoutError) return true;
  if (!(error instanceof DTMApiRequestError)) return false;
  return (
    RETRYABLE_REASONS.includes(error.reason) ||
    (REASONS_WITH_STATUS.includes(error.reason) && RETRYABLE_STATUSES.includes(error.status))
  );
}

/** Seconds to wait before retry `n` (from 0): full jitter, at least `retryAfter`, at most `maxWait`. */
export function waitSeconds(policy: RetryPolicy, n: number, retryAfter = 0): number {
  const backoff = Math.min(policy.maxWait, policy.retryDelay * 2 ** Math.min(n, 40));
  return Math.min(policy.maxWait, Math.max(policy.random() * backoff, retryAfter));
}

/** Seconds of a `Retry-After` header, which is a number or an HTTP date. Undefined if it is neither. */
export function parseRetryAfter(header: string | undefined, now: Date): number | undefined {
  const value = header?.trim() ?? '';
  if (/^\d+$/.test(value)) return Number(value);
  // RFC 9110: dates have three forms, all in GMT. The oldest form does not name the zone.
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /.test(value)) return undefined;
  const time = Date.parse(value.endsWith(' GMT') ? value : `${value} GMT`);
  return Number.isNaN(time) ? undefined : Math.max(0, (time - now.getTime()) / 1000);
}

/**
 * Runs `attempt` until it succeeds or the policy gives up. Then it throws the last error, with `attempts` and `elapsed` set.
 * If the signal is aborted, it rejects at once with the signal's reason, also during a wait.
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
