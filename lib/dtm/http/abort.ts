import { setTimeout as sleep } from 'node:timers/promises';

/** Waits `seconds`. If the signal is aborted, it rejects at once with the signal's reason. */
export async function wait(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  await untilAborted(sleep(seconds * 1000, undefined, signal && { signal }), signal);
}

/**
 * Settles like `promise`. If the signal is aborted first, it rejects with `signal.reason` itself, not with an AbortError
 * around it.
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
