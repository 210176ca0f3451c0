// What an answer means: the file or the part that was asked for, no such file, a failure after which another attempt may
// help, or an error. Servers, caches and networks on the way answer with other bytes than the file's, too.
import { DatasetError, damaged } from '../errors.ts';
import type { ByteRange, VersionedBytes } from '../source.ts';
import { type FailedAttempt, isRetryable, retryAfterOf } from './retry.ts';

export type Outcome = { readonly value: VersionedBytes | null } | FailedAttempt;

/** What a status without a file means. */
export function checkStatus({ status, headers }: Response, path: string): Outcome {
  if (status === 404 || status === 410) return { value: null };
  if (status === 416) throw damaged(path, 'it is shorter than the manifest says');
  const hint = status === 401 || status === 403 ? ': it may be private, or not there' : '';
  const error = new DatasetError('unreachable', `${path}: the server answered with HTTP ${status}${hint}`, {
    path,
    status,
  });
  if (isRetryable(status)) return { error, retryAfter: retryAfterOf(headers) };
  throw error;
}

/** A part must be the part that was asked for. @throws {DatasetError} */
export function checkRange({ headers }: Response, path: string, { start, end, size }: ByteRange): void {
  // Browsers show this header to pages of other origins only if the server exposes it.
  const sent = headers.get('Content-Range');
  const expected = `bytes ${start}-${end - 1}/`;
  if (sent === null || sent === `${expected}${size}` || sent === `${expected}*`) return;
  throw damaged(path, `expected the range ${expected}${size}, the server sent ${sent}`);
}

/** A body must have the expected length, if it is known. Too few bytes may be half of them. @throws {DatasetError} */
export function checkBody(response: Response, bytes: Uint8Array, path: string, range?: ByteRange): Outcome {
  const { status, headers } = response;
  const isPart = status === 206 && range;
  const expected = isPart ? range.end - range.start : range?.size;
  if (bytes.length !== expected && !isPart && isHtml(bytes)) throw pageInstead(response, path);
  if (expected === undefined || bytes.length === expected)
    return { value: { bytes, version: headers.get('ETag') } };
  const encoding = headers.get('Content-Encoding');
  const cause = encoding ? `; the server sends it with Content-Encoding ${encoding}` : '';
  if (bytes.length > expected) throw damaged(path, `it is longer than ${expected} bytes${cause}`);
  const error = damaged(path, `expected ${expected} bytes, found ${bytes.length}${cause}`);
  return { error, retryAfter: 0 };
}

/** True for a page of HTML. No file that the reader asks for begins like one. */
const isHtml = (bytes: Uint8Array): boolean =>
  /^\s*<(!doctype html|html)\b/i.test(new TextDecoder().decode(bytes.subarray(0, 200)));

/** A page in place of a file: of a network, of a login, or of a server that has one for every address. */
function pageInstead({ redirected, url }: Response, path: string): DatasetError {
  const place = redirected ? ` from ${new URL(url).origin}` : '';
  return new DatasetError(
    'unreachable',
    `${path}: a page of HTML came${place} in place of the file; the network or the server may ask you to sign in, or the address is wrong`,
    { path },
  );
}
