// Serves a dataset over HTTP on this machine with the ranges, validators and headers of a bucket. Two checks protect
// private figures from web pages in a browser on this machine: the Host header must be local (DNS rebinding), and pages
// of other origins can read a public dataset only.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { isLoopback } from '../environment/loopback.ts';
import { headersFor, type Visibility } from '../store/headers.ts';
import { isKey } from '../store/key.ts';
import { type ByteRange, type ObjectMetadata, type Store, StoreError } from '../store/store.ts';
import { evaluateConditions, quoteEtag } from './conditional-request.ts';
import { createConnectionQueue } from './connection-queue.ts';

export interface ServeOptions {
  /** 0 takes any free port. @default 8000 */
  readonly port?: number;
  /** Whether pages of any origin may read. @default 'private' */
  readonly visibility?: Visibility;
  /** Called with the error of a failed request. The client gets a status only. */
  readonly onError?: (error: unknown) => void;
}

export interface DatasetServer {
  /** `http://127.0.0.1:PORT/`. */
  readonly url: string;
  readonly port: number;
  /** Stops at once, and aborts responses in progress. */
  close(): Promise<void>;
}

/** One request, its response, and what is served. */
interface Exchange {
  readonly store: Store;
  readonly visibility: Visibility;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Bytes of a response that are read from the store at a time. */
const CHUNK_BYTES = 1 << 20;

/** Lookups of an object that is replaced between the reads of its metadata and its bytes. */
const MAX_LOOKUPS = 5;

/** For a dataset of a version without pages, or a partial download. */
const NO_PAGE =
  'This dataset has no page; the next run of dtm-exporter export writes one. What is published is told by /latest.json and /releases.json.';

const METHODS = 'GET, HEAD, OPTIONS';

/**
 * Serves the published files of a store on 127.0.0.1. Requests for `runs/`, dotfiles and other paths get a 404.
 * @throws {StoreError} if the port is not available
 */
export async function serveDataset(store: Store, options: ServeOptions = {}): Promise<DatasetServer> {
  const { visibility = 'private', onError = () => {} } = options;
  const enqueue = createConnectionQueue();
  const server = createServer((request, response) => {
    const exchange = { store, visibility, request, response };
    const sendFailure = (error: unknown): void => {
      onError(error);
      if (response.headersSent) response.destroy();
      else sendText(exchange, 500, 'The dataset could not be read.');
    };
    enqueue(exchange, () => respond(exchange).catch(sendFailure));
  });
  const port = await listen(server, options.port ?? 8000);
  return { url: `http://127.0.0.1:${port}/`, port, close: () => close(server) };
}

/** Listens, and resolves to the port. */
async function listen(server: Server, port: number): Promise<number> {
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? cause.code : '';
    const why = reason === 'EADDRINUSE' ? 'is in use' : `cannot be had (${reason})`;
    throw new StoreError('', `port ${port} ${why}: choose another one`, { cause });
  }
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : port;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

async function respond(exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  setCorsHeaders(exchange);
  if (!isLoopback(hostOf(request.headers.host))) return sendText(exchange, 403, 'Only localhost is served.');
  if (request.method === 'OPTIONS') return void response.writeHead(204, { Allow: METHODS }).end();
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return sendText(exchange, 405, 'A published dataset is only read.', { Allow: METHODS });
  }
  const path = pathOf(request.url ?? '');
  for (let lookup = 1; lookup <= MAX_LOOKUPS; lookup++) {
    const entry = await findObject(exchange.store, path);
    if (entry === null && path === '') return sendText(exchange, 404, NO_PAGE);
    if (entry === null) return sendText(exchange, 404, 'There is no such file here.');
    if (await sendObject(exchange, entry)) return;
  }
  sendText(exchange, 503, 'The file is being replaced all the time; try again.', { 'Retry-After': '1' });
}

/** Allows pages of other origins to read: all origins for a public dataset, else local ones. */
function setCorsHeaders({ request, response, visibility }: Exchange): void {
  const { origin = '' } = request.headers;
  response.setHeader('X-Content-Type-Options', 'nosniff');
  if (visibility === 'private') response.setHeader('Vary', 'Origin');
  if (visibility === 'private' && !isLoopback(hostOf(origin.replace(/^https?:\/\//, '')))) return;
  response.setHeader('Access-Control-Allow-Origin', visibility === 'public' ? '*' : origin);
  response.setHeader('Access-Control-Expose-Headers', 'ETag, Content-Range, Content-Length, Accept-Ranges');
  if (request.method !== 'OPTIONS') return;
  response.setHeader('Access-Control-Allow-Methods', METHODS);
  response.setHeader('Access-Control-Allow-Headers', 'Range, If-Range, If-None-Match, If-Modified-Since');
  response.setHeader('Access-Control-Max-Age', '86400');
}

/** The host name of a Host header without its port; '' if it has none. */
function hostOf(host = ''): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
}

/** The decoded path without its first slash and its query; null if the URL is invalid. */
function pathOf(url: string): string | null {
  try {
    return url.startsWith('/') ? decodeURIComponent(url.slice(1).replace(/\?.*/s, '')) : null;
  } catch {
    return null;
  }
}

/** The metadata of a published object; null if there is none. `RUNS/` is refused too: some file systems ignore case. */
async function findObject(store: Store, path: string | null): Promise<ObjectMetadata | null> {
  const key = path === '' ? 'index.html' : path;
  return key === null || !isKey(key) || /^runs\//i.test(key) ? null : store.head(key);
}

/** Responds with a plain sentence. */
function sendText(
  { request, response }: Exchange,
  status: number,
  sentence: string,
  headers: Record<string, string> = {},
): void {
  const body = `${sentence}\n`;
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Responds with an object. False, with nothing sent, if the object was replaced meanwhile. */
async function sendObject(
  { store, visibility, request, response }: Exchange,
  entry: ObjectMetadata,
): Promise<boolean> {
  const { range, ...conditions } = request.headers;
  const isGet = request.method === 'GET';
  const result = evaluateConditions(isGet ? request.headers : conditions, entry);
  const { contentType, cacheControl, contentDisposition } = headersFor(entry.key, visibility);
  const headers: Record<string, string | number> = {
    ...(entry.etag && { ETag: quoteEtag(entry.etag) }),
    'Last-Modified': entry.modified.toUTCString(),
    'Cache-Control': cacheControl,
    'Accept-Ranges': 'bytes',
  };
  if (result.status === 416)
    Object.assign(headers, { 'Content-Range': `bytes */${entry.bytes}`, 'Content-Length': 0 });
  if (result.status === 206) headers['Content-Range'] = `bytes ${result.start}-${result.end}/${entry.bytes}`;
  if (!('start' in result)) {
    response.writeHead(result.status, headers).end();
    return true;
  }
  const first = isGet ? await readChunk(store, entry, result) : new Uint8Array();
  if (first === null) return false;
  headers['Content-Type'] = contentType;
  if (contentDisposition) headers['Content-Disposition'] = contentDisposition;
  headers['Content-Length'] = result.end - result.start + 1;
  response.writeHead(result.status, headers);
  if (isGet) await stream(readChunks(store, entry, result, first), response);
  else response.end();
  return true;
}

/** Reads the first chunk of a range. Null if the object was replaced since its metadata were read. */
async function readChunk(
  store: Store,
  { key, etag }: ObjectMetadata,
  { start, end }: ByteRange,
): Promise<Uint8Array | null> {
  if (end < start) return new Uint8Array();
  const last = Math.min(end, start + CHUNK_BYTES - 1);
  const part = await store.get(key, { start, end: last });
  return part?.etag === etag && part.body.length === last - start + 1 ? part.body : null;
}

/** Reads a range chunk by chunk, as fast as the client takes it. */
async function* readChunks(
  store: Store,
  entry: ObjectMetadata,
  { start, end }: ByteRange,
  first: Uint8Array,
): AsyncGenerator<Uint8Array> {
  yield first;
  for (let at = start + first.length; at <= end; at += CHUNK_BYTES) {
    const next = await readChunk(store, entry, { start: at, end });
    if (next === null) throw new StoreError(entry.key, `${entry.key}: was replaced while it was being sent`);
    yield next;
  }
}

/** Sends bytes as fast as the client takes them. A client that closes the connection is no error. */
async function stream(bytes: AsyncGenerator<Uint8Array>, response: ServerResponse): Promise<void> {
  try {
    await pipeline(bytes, response);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code !== 'ERR_STREAM_PREMATURE_CLOSE' && code !== 'ECONNRESET' && code !== 'EPIPE') throw error;
  }
}
