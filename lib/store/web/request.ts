// One request to a web server over node:http or node:https, which hand over the bytes as they were sent: `fetch` unpacks
// them. The clock measures silence, not the length of a download.
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { TunnelOptions } from '../../environment/proxy-agent.ts';
import { ProxyError } from '../../environment/proxy-error.ts';
import { checkKey } from '../key.ts';
import { StoreError } from '../store.ts';
import { isRetryableStatus, parseRetryAfter, RetryableError, type WebRetryPolicy } from './retry.ts';

/** A web address, below which the keys lie, and how it is asked. */
export interface WebClient extends WebRetryPolicy {
  readonly base: URL;
  readonly agent: http.Agent;
  /** Milliseconds of silence that are borne. */
  readonly timeout: number;
  /** The most bytes that are read of an object. */
  readonly maxBytes: number;
}

/** One request for a key. */
export interface WebRequest {
  readonly key: string;
  readonly method: 'GET' | 'HEAD';
  readonly headers?: Record<string, string>;
}

/** The head of an answer of 200 or 206, and its bytes as they come. */
export interface WebResponse {
  readonly url: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: AsyncIterable<Uint8Array>;
}

const MAX_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

/** The most bytes of an answer without use that are read, so that its connection can be used again. */
const MAX_DRAINED_BYTES = 65_536;

/** OpenSSL's and Node's codes for a certificate that is not trusted. */
const CERTIFICATE_ERRORS = /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH)/;

class IdleTimeoutError extends Error {
  override readonly name = 'SilenceError';
  constructor(timeout: number) {
    super(`nothing came for ${timeout / 1000} s`);
  }
}

/**
 * Asks for a key once and hands over a good answer; null if there is no such object.
 * @throws {RetryableError} if another try may help; {StoreError} that names the address and the status, or what kept the
 * answer away; the signal's reason
 */
export async function requestOnce<T>(
  web: WebClient,
  webRequest: WebRequest,
  use: (response: WebResponse) => Promise<T>,
): Promise<T | null> {
  const { key } = webRequest;
  checkKey(key);
  const url = new URL(key.split('/').map(encodeURIComponent).join('/'), web.base);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(new IdleTimeoutError(web.timeout)), web.timeout);
  const signal = web.signal ? AbortSignal.any([stop.signal, web.signal]) : stop.signal;
  const exchange = async (): Promise<T | null> => {
    const response = await followRedirects({ web, webRequest, signal }, url);
    const bytes = onEveryChunk(response, () => timer.refresh());
    const { statusCode: status = 0, headers } = response;
    if (status === 200 || status === 206) return use({ url: url.href, status, headers, bytes });
    await drain(bytes);
    if (status === 404 || status === 410) return null;
    throw statusError(key, url, response);
  };
  try {
    return await untilAborted(exchange(), signal);
  } catch (error) {
    web.signal?.throwIfAborted();
    throw webStoreError(key, url, error);
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

interface PendingRequest {
  readonly web: WebClient;
  readonly webRequest: WebRequest;
  readonly signal: AbortSignal;
}

/** Asks, and follows redirects within the origin only. */
async function followRedirects(asking: PendingRequest, url: URL): Promise<IncomingMessage> {
  const { key } = asking.webRequest;
  let target = url;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const answer = await send(asking, target);
    const location = REDIRECTS.includes(answer.statusCode ?? 0) ? answer.headers.location : undefined;
    if (location === undefined) return answer;
    await drain(answer);
    const next = URL.parse(location, target.href);
    if (next === null) throw new StoreError(key, `${url}: the server points to no address`);
    target = next;
    if (target.origin === url.origin) continue;
    throw new StoreError(
      key,
      `${url}: the server points to ${target.origin}; if you trust it, give that address`,
    );
  }
  throw new StoreError(key, `${url}: the server redirects in circles`);
}

/** Sends a request; resolves when the head of its answer is there. */
function send({ web, webRequest, signal }: PendingRequest, url: URL): Promise<IncomingMessage> {
  const { method, headers } = webRequest;
  const { request } = url.protocol === 'https:' ? https : http;
  const options: TunnelOptions = {
    method,
    signal,
    tunnelSignal: signal,
    agent: web.agent,
    headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'dtm-exporter', ...headers },
  };
  return new Promise((resolve, reject) => {
    const sent = request(url.href, options, resolve);
    sent.on('error', reject);
    sent.on('upgrade', (_, socket) => {
      socket.destroy();
      reject(new StoreError(webRequest.key, `${url}: the server answers 101, which nobody asked for`));
    });
    sent.end();
  });
}

/** The bytes of an answer, each of which is a sign of life. */
async function* onEveryChunk(answer: IncomingMessage, sign: () => void): AsyncGenerator<Uint8Array> {
  sign();
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    sign();
    yield chunk;
  }
}

/** Reads what is of no use, if it is short; how it ends is of no interest. */
async function drain(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  let read = 0;
  try {
    for await (const chunk of bytes) {
      read += chunk.length;
      if (read > MAX_DRAINED_BYTES) return;
    }
  } catch {
    // The status is known.
  }
}

/** Settles as `work` does, or with the signal's reason: a request whose proxy is silent does not end by itself. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject);
  });
}

/** What an answer of another status means. */
function statusError(
  key: string,
  url: URL,
  { statusCode: status = 0, headers }: IncomingMessage,
): StoreError {
  const message = `${url}: the server answers ${status}${hint(status)}`;
  if (status === 416) return new StoreError(key, message, { cause: new RangeError('has no such bytes') });
  if (!isRetryableStatus(status)) return new StoreError(key, message);
  return new RetryableError(key, message, { retryAfter: parseRetryAfter(headers['retry-after']) });
}

function hint(status: number): string {
  if (status === 416) return ': it has no such bytes';
  if (status === 401 || status === 403) return ': it is not public there, or not there (buckets say so too)';
  if (status === 511) return ': the network wants a login; log in with a browser and run again';
  return '; try again later or check the address';
}

/** Turns whatever kept the answer away into a StoreError. */
function webStoreError(key: string, url: URL, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (error instanceof ProxyError)
    return new (error.isRetryable ? RetryableError : StoreError)(key, `${url}: ${error.message}`, {
      cause: error,
    });
  if (CERTIFICATE_ERRORS.test(code))
    return new StoreError(
      key,
      `${url}: the server's certificate is not trusted here (${code}); if your network opens https, name its certificate in NODE_EXTRA_CA_CERTS`,
      { cause: error },
    );
  const message = `${url}: no whole answer (${reasonOf(error)}); check address and network`;
  // What has no code is a mistake of a program, which no other try mends.
  const isRetryable = code !== '' || error instanceof IdleTimeoutError;
  return new (isRetryable ? RetryableError : StoreError)(key, message, { cause: error });
}

/** The reason in words, or its code. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ('code' in error ? String(error.code) : error.name);
}
