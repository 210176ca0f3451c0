// One call, from the first request to the read reply: it chooses the key, repeats attempts and writes the log. What a reply
// means is the caller's: both services and file downloads use it.
import type { HttpRequest } from '../api-request.ts';
import { DTMApiError } from '../errors.ts';
import type { KeyRing } from '../key-ring.ts';
import type { Settings } from '../options.ts';
import { withRetries } from './retry.ts';
import type { Reply, Transport } from './transport.ts';

/** Everything that all calls of a client share. */
export interface ClientContext {
  readonly settings: Settings;
  readonly keys: KeyRing;
  readonly transport: Transport;
}

/** What a call of any kind needs. `keys` is null for a host that must not get a key. */
export interface AttemptsContext extends Omit<ClientContext, 'keys'> {
  readonly keys: KeyRing | null;
}

/** How much a call has cost so far. `seconds` counts from its first request. */
export interface Timing {
  readonly attempts: number;
  readonly seconds: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** One call. */
export interface Exchange<T> {
  readonly request: HttpRequest;
  /** Fields of every log line: endpoint, level, country. */
  readonly logFields: Fields;
  /** Largest body of an HTTP 200 in bytes, after decompression. */
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
  /** Reads a reply of any status. It throws a DTMApiError if there is nothing to return. */
  readonly read: (reply: Reply, timing: Timing) => T;
  /** Fields of the log line of a success. */
  readonly describe: (result: T) => Fields;
}

/**
 * Sends the request, repeats it after a retryable failure, and returns what `read` makes of the reply.
 * @throws {DTMApiError} or the signal's reason
 */
export async function exchange<T>(context: AttemptsContext, call: Exchange<T>): Promise<T> {
  const { request, logFields, maxBytes, signal } = call;
  const { settings, transport, keys } = context;
  const { logger } = settings;
  const clock = createClock(settings);

  // One HTTP request
  const get = (key: string | undefined): Promise<Reply> =>
    transport.get({
      request,
      key,
      maxBytes,
      signal,
      start: () => {
        const seconds = clock.start();
        logger.debug('dtm.request', { ...logFields, attempt: clock.attempts(), url: request.url });
        return seconds;
      },
    });

  // One attempt: up to two keys, then the reply is read
  const onSwitch = () => logger.warn('dtm.key', { ...logFields, attempt: clock.attempts() });
  const attempt = async (): Promise<T> => {
    const reply = keys === null ? await get(undefined) : await withEitherKey(keys, get, onSwitch);
    return call.read(reply, { attempts: clock.attempts(), seconds: clock.elapsed() });
  };
  const onRetry = (error: DTMApiError, wait: number) =>
    logger.warn('dtm.retry', { ...logFields, ...failureFields(error, clock), wait });

  // Attempts and log
  try {
    const result = await withRetries(attempt, settings, { ...clock, signal, onRetry });
    logger.info('dtm.answer', { ...logFields, ...call.describe(result) });
    return result;
  } catch (error) {
    if (error instanceof DTMApiError)
      logger.error('dtm.failure', { ...logFields, ...failureFields(error, clock) });
    throw error;
  }
}

interface AttemptClock {
  /** Counts an attempt and returns how many seconds it may take. */
  readonly start: () => number;
  readonly attempts: () => number;
  /** Seconds since the first request. */
  readonly elapsed: () => number;
}

// The clock starts with the first request: time in the queue does not count.
function createClock({ timeout, maxElapsed }: Settings): AttemptClock {
  let began: number | undefined;
  let attempts = 0;
  const elapsed = () => (began === undefined ? 0 : Math.ceil(performance.now() - began) / 1000);
  return {
    elapsed,
    attempts: () => attempts,
    start: () => {
      began ??= performance.now();
      attempts++;
      return Math.min(timeout, Math.max(0.001, maxElapsed - elapsed()));
    },
  };
}

// After a 401, the other key than the sent one is tried. The current key does not decide: another call may have changed it.
async function withEitherKey(
  keys: KeyRing,
  get: (key: string) => Promise<Reply>,
  onSwitch: () => void,
): Promise<Reply> {
  const key = keys.current();
  const reply = await get(key);
  const other = reply.status === 401 ? keys.otherThan(key) : undefined;
  if (other === undefined) return reply;
  onSwitch();
  const otherReply = await get(other);
  if (otherReply.status !== 401) keys.prefer(other);
  return otherReply;
}

function failureFields(error: DTMApiError, clock: AttemptClock) {
  const { name, message, status } = error;
  return { error: name, message, status, attempt: clock.attempts(), seconds: clock.elapsed() };
}
