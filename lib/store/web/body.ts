// Gets an object's stored bytes from a web server's response. A stored `.gz` file is never decompressed, even if the
// server sends it with `Content-Encoding: gzip`. A plain file that the server compressed is decompressed. An
// interrupted read continues where it ended, if the server can confirm that the version is the same.
import type { IncomingHttpHeaders } from 'node:http';
import { pipeline, Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { type ByteRange, type ObjectMetadata, type StoredObject, StoreError } from '../store.ts';
import { isWebPage, WEB_PAGE_MESSAGE } from './login-page.ts';
import { requestOnce, type WebClient, type WebRequest, type WebResponse } from './request.ts';
import { RetryableError, withRetries } from './retry.ts';

/** The bytes of an object received so far, over all attempts. */
interface PartialBody {
  chunks: Uint8Array[];
  bytes: number;
  /** The offset of the first byte in the object. */
  from: number;
  /** The version of these bytes; '' if it is unknown or the bytes were decompressed. */
  etag: string;
}

/** The object to read: all of it, or a range. */
interface ObjectRequest {
  readonly key: string;
  readonly range: ByteRange | undefined;
  /** Headers of a condition. If it does not hold, the server answers 304. */
  readonly condition?: Readonly<Record<string, string>> | undefined;
}

/** The server sent a range of a compressed response, which cannot be used. */
const PARTIAL_COMPRESSED = 'a part of a compressed response';

const DECOMPRESSORS: Record<string, () => Transform> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * Reads an object's bytes, or a range of them, and its etag; null if there is no object.
 * @throws {StoreError} if the object has no bytes in the range or is too large, or the response is something else
 */
export async function getObject(web: WebClient, request: ObjectRequest): Promise<StoredObject | null> {
  // `requestOnce` rejects a 304 to a request without a condition.
  return (await readObject(web, { ...request, condition: undefined })) as StoredObject | null;
}

/**
 * As `getObject`, but `unchanged` if the object still has this version: an etag, or a `Last-Modified` in place of one.
 * An empty version is the version of no object.
 */
export async function getObjectIfChanged(
  web: WebClient,
  { key, range, version }: { key: string; range: ByteRange | undefined; version: string },
): Promise<StoredObject | 'unchanged' | null> {
  if (version === '') return getObject(web, { key, range });
  const name = /^(W\/)?"/.test(version) ? 'if-none-match' : 'if-modified-since';
  const found = await readObject(web, { key, range, condition: { [name]: version } });
  // A server without conditions sends the same version again.
  return found !== 'unchanged' && found?.etag === version ? 'unchanged' : found;
}

function readObject(web: WebClient, request: ObjectRequest): Promise<StoredObject | 'unchanged' | null> {
  const partial: PartialBody = { chunks: [], bytes: 0, from: 0, etag: '' };
  const fetchPart = (webRequest: WebRequest) =>
    requestOnce(web, webRequest, (response) => appendResponse(web, request, { response, partial }));
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

/** A second request that gets the stored bytes, if the first response cannot be them; null if it can. */
function correctedRequest(
  { key, range }: ObjectRequest,
  found: Awaited<ReturnType<typeof appendResponse>> | null,
): WebRequest | null {
  const webRequest = { key, method: 'GET' } as const;
  // A range of a compressed response cannot be used. We request the whole file.
  if (found === PARTIAL_COMPRESSED) return webRequest;
  if (found === null || found === 'unchanged' || !key.endsWith('.gz') || (range && range.start > 0))
    return null;
  const [first = 0x1f, second = 0x8b] = found.body;
  // Google's storage decompresses a file unless the client accepts gzip.
  return first === 0x1f && second === 0x8b ? null : { ...webRequest, headers: { 'accept-encoding': 'gzip' } };
}

/** The request for the missing bytes, on condition that the version has not changed. */
function nextRequest({ key, range, condition }: ObjectRequest, partial: PartialBody): WebRequest {
  if (!/^"/.test(partial.etag)) Object.assign(partial, { chunks: [], bytes: 0 });
  const { bytes, from, etag } = partial;
  const webRequest = { key, method: 'GET' } as const;
  if (bytes > 0)
    return {
      ...webRequest,
      headers: { range: `bytes=${from + bytes}-${range?.end ?? ''}`, 'if-range': etag },
    };
  return {
    ...webRequest,
    headers: { ...condition, ...(range && { range: `bytes=${range.start}-${range.end}` }) },
  };
}

/** Adds a response to the bytes received so far, and returns the requested bytes once they are complete. */
async function appendResponse(
  { maxBytes }: WebClient,
  { key, range }: ObjectRequest,
  { response, partial }: { response: WebResponse; partial: PartialBody },
): Promise<StoredObject | 'unchanged' | typeof PARTIAL_COMPRESSED> {
  const { url, status, headers } = response;
  if (status === 304) return 'unchanged';
  const decompressor = decompressorOf(key, response);
  const etag = etagOf(headers);
  // A 200 brings the whole object, a 206 the next part.
  if (status === 200)
    Object.assign(partial, { chunks: [], bytes: 0, from: 0, etag: decompressor ? '' : etag });
  else if (decompressor) return PARTIAL_COMPRESSED;
  else if (partial.bytes === 0) Object.assign(partial, { from: range?.start ?? 0, etag });
  const end = status === 206 ? endOf(key, response, partial.from + partial.bytes) : undefined;
  const maxLength = Math.min(range ? range.end + 1 - partial.from : Number.POSITIVE_INFINITY, maxBytes + 1);
  for await (const chunk of decompressor ? decompressed(response.bytes, decompressor()) : response.bytes) {
    const part = chunk.subarray(0, maxLength - partial.bytes);
    partial.chunks.push(part);
    partial.bytes += part.length;
    if (partial.bytes >= maxLength) break;
  }
  if (end !== undefined && partial.from + partial.bytes < Math.min(end + 1, maxLength))
    throw new RetryableError(key, `${url}: no whole answer (it ended early); check address and network`);
  const body = joined(partial);
  if (isWebPage(key, headers['content-type'], body)) throw new StoreError(key, `${url}: ${WEB_PAGE_MESSAGE}`);
  if (body.length > maxBytes) throw new StoreError(key, `${url}: larger than ${maxBytes} bytes, not read`);
  const skip = range ? range.start - partial.from : 0;
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

/** Creates the stream that decompresses the response; null if the response has the stored bytes. */
function decompressorOf(key: string, { url, headers }: WebResponse): (() => Transform) | null {
  const encoding = (headers['content-encoding'] ?? '').trim().toLowerCase();
  if (encoding === '' || encoding === 'identity') return null;
  if (/^(x-)?gzip$/.test(encoding) && key.endsWith('.gz')) return null;
  const decompressor = DECOMPRESSORS[encoding];
  if (decompressor) return decompressor;
  throw new StoreError(
    key,
    `${url}: expected the file as it is stored, got it as ${JSON.stringify(encoding.slice(0, 40))}; let the server send it without Content-Encoding`,
  );
}

/** Decompresses a stream only as far as it is read. */
function decompressed(bytes: AsyncIterable<Uint8Array>, decompressor: Transform): AsyncIterable<Uint8Array> {
  return pipeline(Readable.from(bytes), decompressor, () => {});
}

/**
 * The last offset in a partial response.
 * @throws {StoreError} if the response begins at another offset than requested
 */
function endOf(key: string, { url, headers }: WebResponse, start: number): number {
  const [, first, last] = /^bytes (\d+)-(\d+)\//.exec(headers['content-range'] ?? '') ?? [];
  if (Number(first) === start) return Number(last);
  throw new StoreError(key, `${url}: the server sent other bytes than it was asked for`);
}

/** Reads an object's metadata; null if there is no object. */
export function headObject(web: WebClient, key: string): Promise<ObjectMetadata | null> {
  return withRetries(web, () =>
    requestOnce(web, { key, method: 'HEAD' }, async (response) => metadataOf(key, response)),
  );
}

function metadataOf(key: string, response: WebResponse): ObjectMetadata {
  const { url, headers } = response;
  if (isWebPage(key, headers['content-type'])) throw new StoreError(key, `${url}: ${WEB_PAGE_MESSAGE}`);
  const length = headers['content-length'];
  if (length === undefined || decompressorOf(key, response))
    throw new StoreError(key, `${url}: the server does not say how large it is`);
  const modified = Date.parse(headers['last-modified'] ?? '') || Date.now();
  return { key, bytes: Number(length), etag: etagOf(headers), modified: new Date(modified) };
}

/** The server's mark for this version; '' if it sends none. */
function etagOf(headers: IncomingHttpHeaders): string {
  return headers.etag ?? headers['last-modified'] ?? '';
}
