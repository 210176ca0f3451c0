// One call of the displacement API: sends it, and reads the reply into a checked answer.
import { createHash } from 'node:crypto';
import { type RawAnswer, readAnswer, UNCHANGED_ANSWER } from './answers/read-answer.ts';
import type { ApiRequest, AskOptions } from './api-request.ts';
import { levelOf, SYNTHETIC_HEADER } from './endpoints.ts';
import { type ClientContext, exchange, type Timing } from './http/attempts.ts';
import { statusError } from './http/statuses.ts';
import type { Reply } from './http/transport.ts';

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
  { signal, knownSha256, maxBytes }: BoundedOptions,
): Promise<Answer> {
  const logFields = {
    endpoint: request.endpoint,
    level: levelOf(request.endpoint),
    country: request.query.country,
  };
  const answer = await exchange(context, {
    ...{ request, logFields, maxBytes, signal },
    read: (reply, timing) => readReply(request, reply, { ...timing, knownSha256 }),
    describe: answerFields,
  });
  const unknownFields = [...answer.unknownFields.keys()].map(context.keys.redact);
  if (unknownFields.length > 0) context.settings.logger.warn('dtm.drift', { ...logFields, unknownFields });
  return answer;
}

function readReply(
  request: ApiRequest,
  reply: Reply,
  { attempts, seconds, knownSha256 }: Timing & { knownSha256: string | undefined },
): Answer {
  const { body, packed, status, headers, requestedAt, receivedAt } = reply;
  const error = statusError(reply, request);
  if (error !== undefined) throw error;
  const sha256 = createHash('sha256').update(body).digest('hex');
  const answer = sha256 === knownSha256 ? UNCHANGED_ANSWER : readAnswer(request, body);
  const synthetic = headers[SYNTHETIC_HEADER] === 'true';
  return {
    ...answer,
    ...{ attempts, seconds },
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

/** RFC 9110: `Date` is when the server made the answer, `Age` is how many seconds a cache has kept it since. */
function serverDateOf({ date = '', age = '0' }: Reply['headers']): Date | null {
  const time = Date.parse(date) + (Number(age) || 0) * 1000;
  return Number.isNaN(time) ? null : new Date(time);
}
