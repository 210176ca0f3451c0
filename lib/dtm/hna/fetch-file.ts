// Fetches the file behind a download link. The host is not the API's: it gets no key, and its statuses say nothing about one.
import { requestLabel } from '../api-request.ts';
import { DTMApiRequestError, type RequestFailure } from '../errors.ts';
import { type AttemptsContext, exchange } from '../http/attempts.ts';
import { parseRetryAfter } from '../http/retry.ts';
import type { Reply } from '../http/transport.ts';
import type { HnaRequest } from './hna-request.ts';
import type { HnaDownloadLink } from './link.ts';
import { linkRedactor, shownLink } from './redact-link.ts';

/** The bounds of a download. */
export interface FileOptions {
  readonly country: string;
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * The bytes of the file. Redirects are not followed.
 * @throws {DTMApiRequestError | DTMApiTimeoutError} or the signal's reason
 */
export function fetchFile(
  context: Omit<AttemptsContext, 'keys'>,
  link: HnaDownloadLink,
  { country, maxBytes, signal }: FileOptions,
): Promise<Uint8Array> {
  const url = new URL(link.downloadUrl);
  const request: HnaRequest = {
    endpoint: 'hna-file',
    query: { country, operation: undefined },
    url: shownLink(url),
    secretUrl: url.href,
    redact: linkRedactor(url),
  };
  return exchange(
    { ...context, keys: null },
    {
      ...{ request, maxBytes, signal },
      logFields: { endpoint: request.endpoint, level: undefined, country },
      read: (reply) => readFile(reply, request, link),
      describe: ({ length }) => ({ status: 200, bytes: length }),
    },
  );
}

function readFile(reply: Reply, request: HnaRequest, { fileName, expiresAt }: HnaDownloadLink): Uint8Array {
  const { status, headers, body } = reply;
  const fail = (problem: string, reason: RequestFailure, retryAfter?: number) =>
    new DTMApiRequestError(`${requestLabel(request)}: ${problem}`, {
      ...{ url: request.url, status, reason, retryAfter },
    });
  if (status === 200) {
    if (!/\.xlsx$/i.test(fileName ?? '') || isWholeZip(body)) return body;
    throw fail(
      `expected a whole workbook (zip), got ${body.length} bytes of something else; ask again`,
      'cut',
    );
  }
  if (status >= 300 && status < 400 && status !== 304)
    throw fail(
      `expected HTTP 200, got a redirect (${status}), which is not followed; ask for a new link`,
      'redirect',
    );
  const isRefused = [401, 403, 404, 410].includes(status);
  const advice = isRefused
    ? `the link was refused: ${expiryText(expiresAt)}; ask for a new link`
    : 'try later';
  const retryAfter = parseRetryAfter(headers['retry-after'], new Date());
  throw fail(`expected HTTP 200, got ${status}; ${advice}`, 'status', retryAfter);
}

function expiryText(expiresAt: Date | null): string {
  if (expiresAt === null) return 'it may have expired';
  const verb = expiresAt.getTime() <= Date.now() ? 'expired' : 'expires';
  return `it ${verb} at ${expiresAt.toISOString()}`;
}

const ZIP_START = Buffer.from('PK\u0003\u0004', 'latin1');
const ZIP_END = Buffer.from('PK\u0005\u0006', 'latin1');

/** True if the bytes begin as a zip and have its directory at the end. A connection can end early without an error. */
function isWholeZip(body: Uint8Array): boolean {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  // Zip: after the last record, which has 22 bytes, a comment of up to 65,535 may follow.
  const tail = bytes.subarray(Math.max(0, bytes.length - 65_557));
  return bytes.subarray(0, 4).equals(ZIP_START) && tail.includes(ZIP_END);
}
