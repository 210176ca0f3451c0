// A dataset behind an http(s) address. Only what is needed is asked for; a server without ranges sends the whole file.
import { DatasetError } from '../errors.ts';
import type { ByteRange, GetOptions, Source } from '../source.ts';
import { readBody, startStallTimer } from './body.ts';
import { checkBody, checkRange, checkStatus, type Outcome } from './check-answer.ts';
import type { WebSettings } from './options.ts';
import { withRetries } from './retry.ts';

/** A source at an address. */
export const webSource = (settings: WebSettings): Source => ({
  get: (path, request) => withRetries(() => attempt(settings, path, request), settings, request.signal),
});

/** One request with its body. */
async function attempt(web: WebSettings, path: string, request: GetOptions): Promise<Outcome> {
  const timer = startStallTimer(web.timeout);
  const signal = request.signal ? AbortSignal.any([request.signal, timer.signal]) : timer.signal;
  try {
    const response = await web.fetch(new URL(path, web.url).href, {
      headers: { ...web.headers, ...rangeHeader(request.range) },
      signal,
      // Pointer and list change. The files of a release never do.
      cache: path.includes('/') ? 'default' : 'no-cache',
      redirect: Object.keys(web.headers).length > 0 ? 'error' : 'follow',
    });
    timer.progress();
    if (!response.ok) return checkStatus(response, path);
    const part = response.status === 206 ? request.range : undefined;
    if (part) checkRange(response, path, part);
    const limit = part ? part.end - part.start : request.maxBytes;
    return checkBody(response, await readBody(response, limit, timer.progress), path, request.range);
  } catch (cause) {
    request.signal?.throwIfAborted();
    if (cause instanceof DatasetError) throw cause;
    return { error: unreached(web, path, timer.signal.aborted ? timer.signal.reason : cause), retryAfter: 0 };
  } finally {
    timer.stop();
  }
}

const isPart = ({ start, end, size }: ByteRange): boolean => start > 0 || end < size;

const rangeHeader = (range: ByteRange | undefined): Record<string, string> =>
  range && isPart(range) ? { Range: `bytes=${range.start}-${range.end - 1}` } : {};

/** The error of a request without an answer. Browsers hide the reason, which is often a missing CORS header. */
function unreached({ url, headers }: WebSettings, path: string, cause: unknown): DatasetError {
  const page = (globalThis as { location?: { origin: string } }).location?.origin;
  const hints = [
    ...(page !== undefined && page !== url.origin
      ? [`${url.origin} must allow pages of ${page} to read (Access-Control-Allow-Origin)`]
      : []),
    ...(Object.keys(headers).length > 0 ? ['with headers, redirects are not followed'] : []),
  ];
  const { message, cause: inner } = cause as Error;
  const reason = inner instanceof Error && inner.message ? inner.message : message;
  return new DatasetError(
    'unreachable',
    `${path}: ${url.origin} could not be reached (${[reason, ...hints].join('; ')})`,
    { path, cause },
  );
}
