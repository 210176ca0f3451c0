// What an object's bytes are in what a web server sends. A file that is stored packed (`.gz`) is taken as it lies there,
// also if the server calls that an encoding; a plain file that the server packed on its way is unpacked. A read that was
// cut goes on where it ended, if the server can tell that it is still the same version.
import type { IncomingHttpHeaders } from 'node:http';
import { pipeline, Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { type ByteRange, type Entry, StoreError } from '../store.ts';
import { isWebPage, PAGE_CAME } from './login-page.ts';
import { type Answer, ask, type Question, type Web } from './request.ts';
import { PassingError, persistently } from './retry.ts';

/** What has come of an object, over all tries. */
interface Held {
  chunks: Uint8Array[];
  bytes: number;
  /** The offset of the first byte in the object. */
  from: number;
  /** The version that the bytes are of. */
  etag: string;
}

/** What is read of an object: all of it, or a range. */
interface Wanted {
  readonly key: string;
  readonly range: ByteRange | undefined;
}

const PART_OF_PACKED = 'a part of what the server packed';

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
export function getObject(web: Web, wanted: Wanted): Promise<{ body: Uint8Array; etag: string } | null> {
  const held: Held = { chunks: [], bytes: 0, from: 0, etag: '' };
  const asking = (question: Question) => ask(web, question, (answer) => take(web, wanted, { answer, held }));
  const attempt = async () => {
    const found = await asking(questionOf(wanted, held));
    const better = betterQuestion(wanted, found);
    if (better) Object.assign(held, { chunks: [], bytes: 0 });
    const body = better ? await asking(better) : found;
    if (body !== PART_OF_PACKED) return body;
    throw new StoreError(
      wanted.key,
      `${web.base}${wanted.key}: the server sent other bytes than it was asked for`,
    );
  };
  return persistently(web, attempt, () => held.bytes);
}

/** A question that brings the stored bytes, if what was found cannot be them; null if it can. */
function betterQuestion(
  { key, range }: Wanted,
  found: Awaited<ReturnType<typeof take>> | null,
): Question | null {
  const question = { key, method: 'GET' } as const;
  // A part of what the server packs says nothing: all of it is asked for.
  if (found === PART_OF_PACKED) return question;
  if (found === null || !key.endsWith('.gz') || (range && range.start > 0)) return null;
  const [first = 0x1f, second = 0x8b] = found.body;
  // Google's storage unpacks a file for who does not ask for gzip.
  return first === 0x1f && second === 0x8b ? null : { ...question, headers: { 'accept-encoding': 'gzip' } };
}

/** Asks for what is missing, on condition that it is still the version that was begun. */
function questionOf({ key, range }: Wanted, held: Held): Question {
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
async function take(
  { maxBytes }: Web,
  { key, range }: Wanted,
  { answer, held }: { answer: Answer; held: Held },
): Promise<{ body: Uint8Array; etag: string } | typeof PART_OF_PACKED> {
  const { url, status, headers } = answer;
  const unpacker = unpackerOf(key, answer);
  const etag = etagOf(headers);
  if (status === 200) Object.assign(held, { chunks: [], bytes: 0, from: 0, etag: unpacker ? '' : etag });
  else if (unpacker) return PART_OF_PACKED;
  else if (held.bytes === 0) Object.assign(held, { from: range?.start ?? 0, etag });
  const end = status === 206 ? endOf(key, answer, held.from + held.bytes) : undefined;
  const most = Math.min(range ? range.end + 1 - held.from : Number.POSITIVE_INFINITY, maxBytes + 1);
  for await (const chunk of unpacker ? unpacked(answer.bytes, unpacker()) : answer.bytes) {
    const part = chunk.subarray(0, most - held.bytes);
    held.chunks.push(part);
    held.bytes += part.length;
    if (held.bytes >= most) break;
  }
  if (end !== undefined && held.from + held.bytes < Math.min(end + 1, most))
    throw new PassingError(key, `${url}: no whole answer (it ended early); check address and network`);
  const body = joined(held);
  if (isWebPage(key, headers['content-type'], body)) throw new StoreError(key, `${url}: ${PAGE_CAME}`);
  if (body.length > maxBytes) throw new StoreError(key, `${url}: larger than ${maxBytes} bytes, not read`);
  const skip = range ? range.start - held.from : 0;
  if (range && body.length <= skip) {
    const cause = new RangeError(`has no bytes ${range.start}-${range.end}`);
    throw new StoreError(key, `${url}: ${cause.message}`, { cause });
  }
  return { body: body.subarray(skip), etag };
}

function joined({ chunks, bytes }: Held): Uint8Array {
  const body = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

/** What unpacks the answer's bytes, null if they are the stored ones. */
function unpackerOf(key: string, { url, headers }: Answer): (() => Transform) | null {
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
function endOf(key: string, { url, headers }: Answer, start: number): number {
  const [, first, last] = /^bytes (\d+)-(\d+)\//.exec(headers['content-range'] ?? '') ?? [];
  if (Number(first) === start) return Number(last);
  throw new StoreError(key, `${url}: the server sent other bytes than it was asked for`);
}

/** An object's facts without its bytes; null if there is no such object. */
export function headObject(web: Web, key: string): Promise<Entry | null> {
  return persistently(web, () => ask(web, { key, method: 'HEAD' }, async (answer) => entryOf(key, answer)));
}

function entryOf(key: string, answer: Answer): Entry {
  const { url, headers } = answer;
  if (isWebPage(key, headers['content-type'])) throw new StoreError(key, `${url}: ${PAGE_CAME}`);
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
