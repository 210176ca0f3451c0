// A published dataset at a web address, to read only. A web server gives no listing, so what needs one is refused: what
// `latest.json` and a manifest name is what can be reached. The clock measures silence, not the length of a download.
import { checkKey } from './key.ts';
import { type ByteRange, type Entry, type Store, StoreError } from './store.ts';

/** How many milliseconds of silence, and how many bytes of one object, are borne. */
export interface WebOptions {
  readonly timeout?: number;
  readonly maxBytes?: number;
}

/** One request for a key. */
interface Question {
  readonly key: string;
  readonly method: 'GET' | 'HEAD';
  readonly headers?: Record<string, string>;
}

const MAX_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * The store at an https address, or at an http address of this machine.
 * @throws {StoreError} if the address is another one, or has a user, query or fragment
 */
export function webStore(url: string, options: WebOptions = {}): Store {
  const base = baseOf(url);
  const { timeout = 30_000, maxBytes = 2 ** 29 } = options;
  const refuse = (what: string) => async (key: string) => {
    throw new StoreError(key, `${url} is a web address: ${what}; use the folder or bucket behind it`);
  };
  return {
    location: url,
    get: (key, range) => {
      const headers = range ? { range: `bytes=${range.start}-${range.end}` } : {};
      return asking(base, timeout, { key, method: 'GET', headers }, async (answer, alive) => ({
        body: await bodyOf(key, answer, { range, maxBytes, alive }),
        etag: etagOf(answer),
      }));
    },
    head: (key) => asking(base, timeout, { key, method: 'HEAD' }, async (answer) => entryOf(key, answer)),
    put: refuse('nothing can be written there'),
    delete: refuse('nothing can be removed there'),
    list: refuse('what lies there cannot be listed'),
    folders: refuse('what lies there cannot be listed'),
    sync: async () => {},
    checkPromises: async () => {},
  };
}

/** The address with a slash at its end, below which the keys lie. */
function baseOf(url: string): URL {
  const base = URL.canParse(url) ? new URL(url) : null;
  if (base?.username || base?.password || base?.search || base?.hash) {
    throw new StoreError('', `${base.origin}: give the address without user, password, ? and #`);
  }
  const allowed = base?.protocol === 'https:' || (base?.protocol === 'http:' && isLoopback(base.hostname));
  if (base === null || !allowed) {
    throw new StoreError('', `${url}: use an https:// address (http:// only for 127.0.0.1 or localhost)`);
  }
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return base;
}

/** Says whether a URL's host name is this machine's own. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Asks for a key and hands over a good answer, with what to call at each sign of life; null if there is no such object.
 * @throws {StoreError} that names the address and the status, or what kept the answer away
 */
async function asking<T>(
  base: URL,
  timeout: number,
  question: Question,
  use: (answer: Response, alive: () => void) => Promise<T>,
): Promise<T | null> {
  const { key } = question;
  checkKey(key);
  const url = new URL(key.split('/').map(encodeURIComponent).join('/'), base);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(new Error(`nothing came for ${timeout / 1000} s`)), timeout);
  try {
    const answer = await follow(url, question, stop.signal);
    if (answer.status === 404 || answer.status === 410) return null;
    if (!answer.ok)
      throw new StoreError(key, `${url}: the server answers ${answer.status}${hint(answer.status)}`);
    return await use(answer, () => timer.refresh());
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    throw new StoreError(key, `${url}: no whole answer (${reasonOf(cause)}); check address and network`, {
      cause,
    });
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

/** Fetches, and follows redirects within the origin only. */
async function follow(url: URL, { key, method, headers }: Question, signal: AbortSignal): Promise<Response> {
  let target = url;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const init = {
      method,
      signal,
      redirect: 'manual',
      headers: { 'accept-encoding': 'identity', ...headers },
    } as const;
    const answer = await fetch(target, init);
    const location = REDIRECTS.includes(answer.status) ? answer.headers.get('location') : null;
    if (location === null) return answer;
    await answer.body?.cancel();
    target = new URL(location, target);
    if (target.origin === url.origin) continue;
    throw new StoreError(
      key,
      `${url}: the server points to ${target.origin}; if you trust it, give that address`,
    );
  }
  throw new StoreError(key, `${url}: the server redirects in circles`);
}

/** The body, or the range's part of it, of `maxBytes` at most; a server that ignores ranges is read up to its end. */
async function bodyOf(
  key: string,
  answer: Response,
  { range, maxBytes, alive }: { range: ByteRange | undefined; maxBytes: number; alive: () => void },
): Promise<Uint8Array> {
  const partial = answer.status === 206;
  if (partial && !answer.headers.get('content-range')?.startsWith(`bytes ${range?.start}-`)) {
    throw new StoreError(key, `${answer.url}: the server sent other bytes than it was asked for`);
  }
  const from = range && !partial ? range.start : 0;
  const to = range ? from + range.end - range.start + 1 : Number.POSITIVE_INFINITY;
  const bytes = await readUpTo(answer, Math.min(to, maxBytes + 1), alive);
  if (bytes.length > maxBytes)
    throw new StoreError(key, `${answer.url}: larger than ${maxBytes} bytes, not read`);
  if (range && bytes.length <= from)
    throw new StoreError(key, `${answer.url}: has no bytes ${range.start}-${range.end}`);
  return bytes.subarray(from);
}

/** Reads a body until it ends or has this many bytes. */
async function readUpTo(answer: Response, most: number, alive: () => void): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body ?? []) {
    alive();
    chunks.push(chunk.subarray(0, most - length));
    length += chunk.length;
    if (length >= most) break;
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function entryOf(key: string, answer: Response): Entry {
  const length = answer.headers.get('content-length');
  if (length === null) throw new StoreError(key, `${answer.url}: the server does not say how large it is`);
  const modified = Date.parse(answer.headers.get('last-modified') ?? '') || Date.now();
  return { key, bytes: Number(length), etag: etagOf(answer), modified: new Date(modified) };
}

/** What the server tells versions apart by; '' if by nothing. */
function etagOf(answer: Response): string {
  return answer.headers.get('etag') ?? answer.headers.get('last-modified') ?? '';
}

function hint(status: number): string {
  if (status === 416) return ': it has no such bytes';
  if (status === 401 || status === 403) return ': it is not public there, or not there (buckets say so too)';
  return '; try again later or check the address';
}

/** The innermost reason: fetch wraps "connection refused" into "fetch failed". */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return cause.message || ('code' in cause ? String(cause.code) : cause.name);
}
