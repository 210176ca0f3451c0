// One call, from the first request to the checked answer: it chooses the key, repeats attempts and writes the log.
import { createHash } from 'node:crypto';
import { type RawAnswer, readAnswer, UNCHANGED_ANSWER } from './answers/read-answer.ts';
import type { ApiRequest, AskOptions } from './api-request.ts';
import { levelOf, SYNTHETIC_HEADER } from './endpoints.ts';
import { DTMApiError } from './errors.ts';
import { withRetries } from './http/retry.ts';
import { statusError } from './http/statuses.ts';
import type { Reply, Transport } from './http/transport.ts';
import type { KeyRing } from './key-ring.ts';
import type { Settings } from './options.ts';

/** Everything that all calls of a client share. */
export interface ClientContext {
  readonly settings: Settings;
  readonly keys: KeyRing;
  readonly transport: Transport;
}

/** Options of `ask`, with the size limit filled in. */
type BoundedOptions = AskOptions & { readonly maxBytes: number };

type Answer = RawAnswer<Record<string, unknown>>;

/**
 * Sends the request, repeats it after a retryable failure, and returns the checked answer.
 * @throws {DTMApiError} or the signal's reason
 */
export async function call(
  context: ClientContext,
  request: ApiRequest,
  options: BoundedOptions,
): Promise<Answer> {
  const { signal, knownSha256, maxBytes } = options;
  const { settings, transport, keys } = context;
  const { logger } = settings;
  // Clock and log fields of all attempts
  const clock = createClock(settings);
  const logFields = {
    endpoint: request.endpoint,
    level: levelOf(request.endpoint),
    country: request.query.country,
  };

  // One HTTP request with a key
  const get = (key: string): Promise<Reply> =>
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

  // One attempt: up to two keys, then the answer is read
  const attempt = async (): Promise<Answer> => {
    const reply = await withEitherKey(keys, get, () =>
      logger.warn('dtm.key', { ...logFields, attempt: clock.attempts() }),
    );
    return readReply(request, reply, { clock, knownSha256 });
  };
  const onRetry = (error: DTMApiError, wait: number) =>
    logger.warn('dtm.retry', { ...logFields, ...failureFields(error, clock), wait });

  // Attempts and log
  try {
    const answer = await withRetries(attempt, settings, { ...clock, signal, onRetry });
    logger.info('dtm.answer', { ...logFields, ...answerFields(answer) });
    const unknownFields = [...answer.unknownFields.keys()].map(keys.redact);
    if (unknownFields.length > 0) logger.warn('dtm.drift', { ...logFields, unknownFields });
    return answer;
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

function readReply(
  request: ApiRequest,
  reply: Reply,
  { clock, knownSha256 }: { clock: AttemptClock; knownSha256: string | undefined },
): Answer {
  const { body, packed, status, headers, requestedAt, receivedAt } = reply;
  const error = statusError(reply, request);
  if (error !== undefined) throw error;
  const sha256 = createHash('sha256').update(body).digest('hex');
  const answer = sha256 === knownSha256 ? UNCHANGED_ANSWER : readAnswer(request, body);
  const synthetic = headers[SYNTHETIC_HEADER] === 'true';
  const timing = { attempts: clock.attempts(), seconds: clock.elapsed() };
  return {
    ...answer,
    ...timing,
    body,
    sha256,
    packed,
    status,
    url: request.url,
    requestedAt,
    receivedAt,
    synthetic,
    serverDate: serverDateOf(headers),
  };
}

function answerFields({ outcome, rows, status, body, attempts, seconds }: Answer) {
  return { outcome, status, attempt: attempts, bytes: body.length, rows: rows.length, seconds };
}

function failureFields(error: DTMApiError, clock: AttemptClock) {
  const { name, message, status } = error;
  return { error: name, message, status, attempt: clock.attempts(), seconds: clock.elapsed() };
}

/** RFC 9110: `Date` is when the server made the answer, `Age` is how many seconds a cache has kept it since. */
function serverDateOf({ date = '', age = '0' }: Reply['headers']): Date | null {
  const time = Date.parse(date) + (Number(age) || 0) * 1000;
  return Number.isNaN(time) ? null : new Date(time);
}
