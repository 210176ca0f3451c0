// One call from the first request to the answer checked: the key, the attempts, the log.

import { createHash } from 'node:crypto';
import { KNOWN, type RawAnswer, readAnswer } from './answers/read-answer.ts';
import { levelOf, SYNTHETIC_HEADER } from './endpoints.ts';
import { DTMApiError } from './errors.ts';
import { withRetries } from './http/retry.ts';
import { statusError } from './http/statuses.ts';
import type { Reply, Transport } from './http/transport.ts';
import type { KeyRing } from './key-ring.ts';
import type { Settings } from './options.ts';
import type { Asked, AskOptions } from './question.ts';

/** What all calls of a client share. */
export interface Line {
  readonly settings: Settings;
  readonly keys: KeyRing;
  readonly transport: Transport;
}

/** What a call takes besides its query, bound included. */
type Bounded = AskOptions & { readonly maxBytes: number };

type Answer = RawAnswer<Record<string, unknown>>;

/**
 * Asks, again where that may help, and returns the answer checked.
 * @throws {DTMApiError} or the signal's reason
 */
export async function call(line: Line, asked: Asked, options: Bounded): Promise<Answer> {
  const { signal, knownSha256, maxBytes } = options;
  const { settings, transport, keys } = line;
  const { logger } = settings;
  const clock = createClock(settings);
  const facts = { endpoint: asked.endpoint, level: levelOf(asked.endpoint), country: asked.query.country };
  const get = (key: string): Promise<Reply> =>
    transport.get({
      asked,
      key,
      maxBytes,
      signal,
      start: () => {
        const seconds = clock.start();
        logger.debug('dtm.request', { ...facts, attempt: clock.attempts(), url: asked.url });
        return seconds;
      },
    });
  const attempt = async (): Promise<Answer> => {
    const reply = await withEitherKey(keys, get, () =>
      logger.warn('dtm.key', { ...facts, attempt: clock.attempts() }),
    );
    return read(asked, reply, { clock, knownSha256 });
  };
  const onRetry = (error: DTMApiError, wait: number) =>
    logger.warn('dtm.retry', { ...facts, ...failed(error, clock), wait });
  try {
    const answer = await withRetries(attempt, settings, { ...clock, signal, onRetry });
    logger.info('dtm.answer', { ...facts, ...summary(answer) });
    const unknownFields = [...answer.unknownFields.keys()].map(keys.redact);
    if (unknownFields.length > 0) logger.warn('dtm.drift', { ...facts, unknownFields });
    return answer;
  } catch (error) {
    if (error instanceof DTMApiError) logger.error('dtm.failure', { ...facts, ...failed(error, clock) });
    throw error;
  }
}

interface Clock {
  /** Counts an attempt and says how many seconds it may take. */
  readonly start: () => number;
  readonly attempts: () => number;
  readonly elapsed: () => number;
}

// The time in the queue before the first request does not count.
function createClock({ timeout, maxElapsed }: Settings): Clock {
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

// Decided by the key that was sent, not by the current one: another call may have changed that meanwhile.
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
  const second = await get(other);
  if (second.status !== 401) keys.prefer(other);
  return second;
}

function read(
  asked: Asked,
  reply: Reply,
  { clock, knownSha256 }: { clock: Clock; knownSha256: string | undefined },
): Answer {
  const { body, packed, status, headers, requestedAt, receivedAt } = reply;
  const error = statusError(reply, asked);
  if (error !== undefined) throw error;
  const sha256 = createHash('sha256').update(body).digest('hex');
  const answer = sha256 === knownSha256 ? KNOWN : readAnswer(asked, body);
  const synthetic = headers[SYNTHETIC_HEADER] === 'true';
  const run = { attempts: clock.attempts(), seconds: clock.elapsed() };
  return {
    ...answer,
    ...run,
    body,
    sha256,
    packed,
    status,
    url: asked.url,
    requestedAt,
    receivedAt,
    synthetic,
    serverDate: serverDateOf(headers),
  };
}

function summary({ outcome, rows, status, body, attempts, seconds }: Answer) {
  return { outcome, status, attempt: attempts, bytes: body.length, rows: rows.length, seconds };
}

function failed(error: DTMApiError, clock: Clock) {
  const { name, message, status } = error;
  return { error: name, message, status, attempt: clock.attempts(), seconds: clock.elapsed() };
}

/** RFC 9110: `Date` is when the answer was made, and `Age` how many seconds a cache has kept it since. */
function serverDateOf({ date = '', age = '0' }: Reply['headers']): Date | null {
  const time = Date.parse(date) + (Number(age) || 0) * 1000;
  return Number.isNaN(time) ? null : new Date(time);
}
