// One GET over node:http or node:https, with everything bounded: time, bytes after decompression, requests at once.
// Not `fetch`: it costs 0.2 s of CPU more per 100 MB and has a hidden timeout of its own. A body is unpacked in one piece
// when all of it is there: in a stream it costs three times as much, most of it in buffers to be collected.

import http from 'node:http';
import https from 'node:https';
import pLimit from 'p-limit';
import { untilAborted } from './abort.ts';
import { type Asked, nameOf } from './asked.ts';
import { KEY_HEADER } from './endpoints.ts';
import { type DTMApiError, DTMApiRequestError, DTMApiTimeoutError, type RequestFailure } from './errors.ts';
import { isTooLarge, unpack, unpackSome } from './unpack.ts';

/** One request for what is asked. */
export interface Request {
  readonly asked: Asked;
  readonly key: string;
  /** Called when the request leaves; says how many seconds headers and body together may take. */
  readonly start: () => number;
  readonly signal: AbortSignal | undefined;
}

/** A body as text's bytes, and the gzip in which it came, null if it came plain. */
export interface Body {
  readonly body: Uint8Array;
  readonly packed: Uint8Array | null;
}

/** A whole answer; unless its status is 200 its body is cut at 64 KiB. */
export interface Reply extends Body {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly requestedAt: Date;
  readonly receivedAt: Date;
}

export interface Transport {
  /** @throws {DTMApiTimeoutError | DTMApiRequestError} or the signal's reason */
  readonly get: (request: Request) => Promise<Reply>;
  /** Closes the sockets that no request uses. */
  readonly close: () => void;
}

export interface TransportOptions {
  readonly secure: boolean;
  readonly concurrency: number;
  readonly maxBytes: number;
  readonly userAgent: string;
}

const ERROR_BYTES = 64 * 1024;

/** A transport with its own pool of connections, which never keeps a process alive. */
export function createTransport(options: TransportOptions): Transport {
  const { Agent } = options.secure ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: options.concurrency });
  const limit = pLimit(options.concurrency);
  return {
    get: (request) =>
      untilAborted(
        limit(() => send(request, agent, options)),
        request.signal,
      ),
    close: () => {
      for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
    },
  };
}

async function send(request: Request, agent: http.Agent, options: TransportOptions): Promise<Reply> {
  request.signal?.throwIfAborted();
  const seconds = request.start();
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), seconds * 1000);
  const signal = request.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, request.signal]);
  const progress: Progress = { phase: 'headers' };
  try {
    return await exchange({ request, agent, signal, progress }, options);
  } catch (error) {
    if (stop.signal.aborted) throw late(request, seconds, progress);
    throw failure(error, request, progress);
  } finally {
    clearTimeout(timer);
  }
}

interface Progress {
  phase: 'headers' | 'body';
  status?: number;
}

interface Exchange {
  readonly request: Request;
  readonly agent: http.Agent;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

async function exchange(exchange: Exchange, options: TransportOptions): Promise<Reply> {
  const { request, progress } = exchange;
  const requestedAt = new Date();
  const response = await headersOf(exchange, options);
  const status = response.statusCode ?? 0;
  Object.assign(progress, { phase: 'body', status });
  const read = status === 200 ? await readAll(response, request, options.maxBytes) : await readSome(response);
  return { ...read, status, headers: response.headers, requestedAt, receivedAt: new Date() };
}

function headersOf(
  { request, agent, signal }: Exchange,
  options: TransportOptions,
): Promise<http.IncomingMessage> {
  const headers = {
    Accept: 'application/json',
    'Accept-Encoding': 'gzip',
    'User-Agent': options.userAgent,
    [KEY_HEADER]: request.key,
  };
  const { get } = options.secure ? https : http;
  return new Promise((resolve, reject) => {
    get(request.asked.url, { agent, headers, signal }, resolve).on('error', reject);
  });
}

async function readAll(response: http.IncomingMessage, request: Request, maxBytes: number): Promise<Body> {
  const isPacked = isGzip(response, request);
  const tooLarge = () => {
    const what = `expected at most ${maxBytes} bytes after decompression, got more`;
    return unusable(request, 'too-large', `${what}; ask for less, or raise maxBytes`);
  };
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const sent = Buffer.concat(chunks, size);
  if (!isPacked) return { body: sent, packed: null };
  try {
    return { body: unpack(sent, maxBytes), packed: sent };
  } catch (error) {
    throw isTooLarge(error) ? tooLarge() : error;
  }
}

// What comes with an error only serves its message: a broken or endless body must not hide the status.
async function readSome(response: http.IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > ERROR_BYTES) break;
    }
  } catch {
    // Keep what there is.
  }
  return { body: readable(response, Buffer.concat(chunks)).subarray(0, ERROR_BYTES), packed: null };
}

/** What can be read of a body; nothing of one in an encoding that nobody asked for. */
function readable(response: http.IncomingMessage, sent: Uint8Array): Uint8Array {
  if (isGzipped(response)) return unpackSome(sent);
  return isPlain(response) ? sent : new Uint8Array();
}

const encodingOf = ({ headers }: http.IncomingMessage): string => headers['content-encoding'] ?? 'identity';
const isGzipped = (response: http.IncomingMessage): boolean => /^\s*gzip\s*$/i.test(encodingOf(response));
const isPlain = (response: http.IncomingMessage): boolean => /^\s*identity\s*$/i.test(encodingOf(response));

/** Whether the body comes as gzip. @throws {DTMApiRequestError} if it comes in an encoding that nobody asked for */
function isGzip(response: http.IncomingMessage, request: Request): boolean {
  if (isGzipped(response)) return true;
  if (isPlain(response)) return false;
  response.destroy();
  const got = request.asked.redact(encodingOf(response)).slice(0, 40);
  throw unusable(request, 'encoding', `expected content encoding gzip or none, got ${got}`);
}

function unusable({ asked }: Request, reason: RequestFailure, what: string): DTMApiError {
  return new DTMApiRequestError(`${nameOf(asked)}: ${what}`, { url: asked.url, status: 200, reason });
}

function late({ asked }: Request, seconds: number, { phase, status }: Progress): DTMApiError {
  const missing = phase === 'headers' ? 'no answer began' : 'the body did not end';
  const message = `${nameOf(asked)}: ${missing} within ${Number(seconds.toFixed(3))} s; try later, raise timeout, or ask for less`;
  return new DTMApiTimeoutError(message, { url: asked.url, status });
}

// System errors carry a code; anything else is a mistake in a program and is not dressed up as a network's.
function failure(error: unknown, { asked }: Request, { phase, status }: Progress): unknown {
  if (!(error instanceof Error) || error instanceof TypeError || !('code' in error)) return error;
  // A parser's error carries the raw packet, in which a server may have echoed the key.
  const cause = Object.assign(new Error(asked.redact(error.message)), { code: error.code });
  const [what, reason]: [string, RequestFailure] =
    phase === 'headers' ? ['no answer', 'network'] : ['the body was cut short or damaged', 'cut'];
  const message = `${nameOf(asked)}: ${what} (${error.code}: ${cause.message}); check the network and the base URL`;
  return new DTMApiRequestError(message, { url: asked.url, status, reason, cause });
}
