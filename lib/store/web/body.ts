// What an object's bytes are in what a web server sends. A file that is stored packed (`.gz`) is taken as it lies there,
// also if the server calls that an encoding; a plain file that the server packed on its way is unpacked. A read that was
// cut goes on where it ended, if the server can tell that it is still the same version.
import type { IncomingHttpHeaders } from 'node:http';
import { pipeline, Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { type ByteRange, type ObjectMetadata, StoreError } from '../store.ts';
import { isWebPage, WEB_PAGE_MESSAGE } from './login-page.ts';
import { requestOnce, type WebClient, type WebRequest, type WebResponse } from './request.ts';
import { RetryableError, withRetries } from './retry.ts';

/** What has come of an object, over all tries. */
interface PartialBody {
  chunks: Uint8Array[];
  bytes: number;
  /** The offset of the first byte in the object. */
  from: number;
  /** The version that the bytes are of. */
  etag: string;
}

/** What is read of an object: all of it, or a range. */
interface ObjectRequest {
  readonly key: string;
  readonly range: ByteRange | undefined;
}

const PARTIAL_COMPRESSED = 'a part of what the server packed';

const UNPACKERS: Record<string, () => Transform> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * An object's bytes, or a range of them, and its etag; null if there is no such object.
 * @throws {StoreError} if it has no such bytes, is too large, or something else came
 */
export function getObject(
  web: WebClient,
  request: ObjectRequest,
): Promise<{ body: Uint8Array; etag: string } | null> {
  const partial: PartialBody = { chunks: [], bytes: 0, from: 0, etag: '' };
  const fetchPart = (webRequest: WebRequest) =>
    requestOnce(web, webRequest, (answer) => appendResponse(web, request, { answer, held: partial }));
  const attempt = async () => {
    const found = await fetchPart(nextRequest(request, partial));
    const corrected = correctedRequest(request, found);
    if (corrected) Object.assign(partial, { chunks: [], bytes: 0 });
    const body = corrected ? await fetchPart(corrected) : found;
    if (body !== PARTIAL_COMPRESSED) return body;
    throw new StoreError(
      request.key,
      `${web.base}${request.key}: the server sent other bytes than it was asked for`,
    );
  };
  return withRetries(web, attempt, () => partial.bytes);
}

/** A question that brings the stored bytes, if what was found cannot be them; null if it can. */
function correctedRequest(
  { key, range }: ObjectRequest,
  found: Awaited<ReturnType<typeof appendResponse>> | null,
): WebRequest | null {
  const question = { key, method: 'GET' } as const;
  // A part of what the server packs says nothing: all of it is asked for.
  if (found === PARTIAL_COMPRESSED) return question;
  if (found === null || !key.endsWith('.gz') || (range && range.start > 0)) return null;
  const [first = 0x1f, second = 0x8b] = found.body;
  // Google's storage unpacks a file for who does not ask for gzip.
  return first === 0x1f && second === 0x8b ? null : { ...question, headers: { 'accept-encoding': 'gzip' } };
}

/** Asks for what is missing, on condition that it is still the version that was begun. */
function nextRequest({ key, range }: ObjectRequest, held: PartialBody): WebRequest {
  if (!/^"/.test(held.etag)) Object.assign(held, { chunks: [], bytes: 0 });
  const { bytes, from, etag } = held;
  const question = { key, method: 'GET' } as const;
  if (bytes > 0)
    return {
      ...question,
      headers: { range: `bytes=${from + bytes}-${range?.end ?? ''}`, 'if-range': etag },
    };
  return range ? { ...question, headers: { range: `bytes=${range.start}-${range.end}` } } : question;
}

/** Adds what an answer brings to what is held, and gives what was wanted of it once it is whole. */
async function appendResponse(
  { maxBytes }: WebClient,
  { key, range }: ObjectRequest,
  { answer: response, held }: { answer: WebResponse; held: PartialBody },
): Promise<{ body: Uint8Array; etag: string } | typeof PARTIAL_COMPRESSED> {
  const { url, status, headers } = response;
  const unpacker = unpackerOf(key, response);
  const etag = etagOf(headers);
  if (status === 200) Object.assign(held, { chunks: [], bytes: 0, from: 0, etag: unpacker ? '' : etag });
  else if (unpacker) return PARTIAL_COMPRESSED;
  else if (held.bytes === 0) Object.assign(held, { from: range?.start ?? 0, etag });
  const end = status === 206 ? endOf(key, response, held.from + held.bytes) : undefined;
  const maxLength = Math.min(range ? range.end + 1 - held.from : Number.POSITIVE_INFINITY, maxBytes + 1);
  for await (const chunk of unpacker ? unpacked(response.bytes, unpacker()) : response.bytes) {
    const part = chunk.subarray(0, maxLength - held.bytes);
    held.chunks.push(part);
    held.bytes += part.length;
    if (held.bytes >= maxLength) break;
  }
  if (end !== undefined && held.from + held.bytes < Math.min(end + 1, maxLength))
    throw new RetryableError(key, `${url}: no whole answer (it ended early); check address and network`);
  const body = joined(held);
  if (isWebPage(key, headers['content-type'], body)) throw new StoreError(key, `${url}: ${WEB_PAGE_MESSAGE}`);
  if (body.length > maxBytes) throw new StoreError(key, `${url}: larger than ${maxBytes} bytes, not read`);
  const skip = range ? range.start - held.from : 0;
  if (range && body.length <= skip) {
    const cause = new RangeError(`has no bytes ${range.start}-${range.end}`);
    throw new StoreError(key, `${url}: ${cause.message}`, { cause });
  }
  return { body: body.subarray(skip), etag };
}

function joined({ chunks, bytes }: PartialBody): Uint8Array {
  const body = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

/** What unpacks the answer's bytes, null if they are the stored ones. */
function unpackerOf(key: string, { url, headers }: WebResponse): (() => Transform) | null {
  const encoding = (headers['content-encoding'] ?? '').trim().toLowerCase();
  if (encoding === '' || encoding === 'identity') return null;
  if (/^(x-)?gzip$/.test(encoding) && key.endsWith('.gz')) return null;
  const unpacker = UNPACKERS[encoding];
  if (unpacker) return unpacker;
  throw new StoreError(
    key,
    `${url}: expected the file as it is stored, got it as ${JSON.stringify(encoding.slice(0, 40))}; let the server send it without Content-Encoding`,
  );
}

/** Unpacks bytes as they are taken, and not further. */
function unpacked(bytes: AsyncIterable<Uint8Array>, unpacker: Transform): AsyncIterable<Uint8Array> {
  return pipeline(Readable.from(bytes), unpacker, () => {});
}

/** The last offset that a partial answer brings. @throws {StoreError} if it does not begin where it was asked to */
function endOf(key: string, { url, headers }: WebResponse, start: number): number {
  const [, first, last] = /^bytes (\d+)-(\d+)\//.exec(headers['content-range'] ?? '') ?? [];
  if (Number(first) === start) return Number(last);
  throw new StoreError(key, `${url}: the server sent other bytes than it was asked for`);
}

/** An object's facts without its bytes; null if there is no such object. */
export function headObject(web: WebClient, key: string): Promise<ObjectMetadata | null> {
  return withRetries(web, () =>
    requestOnce(web, { key, method: 'HEAD' }, async (answer) => entryOf(key, answer)),
  );
}

function entryOf(key: string, answer: WebResponse): ObjectMetadata {
  const { url, headers } = answer;
  if (isWebPage(key, headers['content-type'])) throw new StoreError(key, `${url}: ${WEB_PAGE_MESSAGE}`);
  const length = headers['content-length'];
  if (length === undefined || unpackerOf(key, answer))
    throw new StoreError(key, `${url}: the server does not say how large it is`);
  const modified = Date.parse(headers['last-modified'] ?? '') || Date.now();
  return { key, bytes: Number(length), etag: etagOf(headers), modified: new Date(modified) };
}

/** What the server tells versions apart by; '' if by nothing. */
function etagOf(headers: IncomingHttpHeaders): string {
  return headers.etag ?? headers['last-modified'] ?? '';
}
