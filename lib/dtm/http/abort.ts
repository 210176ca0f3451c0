import { setTimeout as sleep } from 'node:timers/promises';

/** Waits `seconds`; rejects with the signal's reason as soon as it is aborted. */
export async function wait(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  await untilAborted(sleep(seconds * 1000, undefined, signal && { signal }), signal);
}

/** Settles as `promise` does, or rejects with the signal's reason (not a stand-in for it) once it is aborted. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
