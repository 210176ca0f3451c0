// When a request is sent again. Never after a refusal or wrong bytes: those stay the same. The loop is not that of
// exponential-backoff, which is CommonJS: a page without a bundler could not load it.
import type { DatasetError } from '../errors.ts';

/** An attempt failed, and another one may help. */
export interface FailedAttempt {
  readonly error: DatasetError;
  /** Seconds that the server asked for. */
  readonly retryAfter: number;
}

export interface RetryPolicy {
  readonly maxRetries: number;
  /** Seconds. */
  readonly retryDelay: number;
}

/** Longest wait in seconds, also if a server asks for more. */
const MAX_WAIT = 30;

/** True for HTTP statuses after which another attempt often helps. */
export const isRetryable = (status: number): boolean => status === 408 || status === 429 || status >= 500;

/** The seconds of a `Retry-After` header; 0 if it is a date, or missing. */
export const retryAfterOf = (headers: Headers): number => {
  const value = headers.get('Retry-After') ?? '';
  return /^\d{1,9}$/.test(value) ? Number(value) : 0;
};

/** Waits, and rejects with the signal's reason if it is aborted. */
function wait(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((done, fail) => {
    const abort = (): void => {
      clearTimeout(timer);
      fail(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      done();
    }, seconds * 1000);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** Runs `attempt` until it gives a value, or there are no attempts left. Then it throws the last error. */
export async function withRetries<T>(
  attempt: () => Promise<{ readonly value: T } | FailedAttempt>,
  { maxRetries, retryDelay }: RetryPolicy,
  signal: AbortSignal | undefined,
): Promise<T> {
  for (let retry = 0; ; retry++) {
    const outcome = await attempt();
    if ('value' in outcome) return outcome.value;
    if (retry >= maxRetries) throw outcome.error;
    signal?.throwIfAborted();
    const seconds = Math.max(Math.random() * retryDelay * 2 ** retry, outcome.retryAfter);
    await wait(Math.min(seconds, MAX_WAIT), signal);
  }
}
