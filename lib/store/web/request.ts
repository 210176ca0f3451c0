// Sends one request to a web server. It uses node:http and node:https, because `fetch` would decompress the bytes. The
// timeout limits the time without progress, not the length of a download.
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { TunnelOptions } from '../../environment/proxy-agent.ts';
import { ProxyError } from '../../environment/proxy-error.ts';
import { checkKey } from '../key.ts';
import { StoreError } from '../store.ts';
import { isRetryableStatus, parseRetryAfter, RetryableError, type WebRetryPolicy } from './retry.ts';

/** The web address above the keys, and the limits for requests to it. */
export interface WebClient extends WebRetryPolicy {
  readonly base: URL;
  readonly agent: http.Agent;
  /** Milliseconds in which a kilobyte must come, or the end. */
  readonly timeout: number;
  /** The largest object that is read, in bytes. */
  readonly maxBytes: number;
}

/** One request for a key. */
export interface WebRequest {
  readonly key: string;
  readonly method: 'GET' | 'HEAD';
  readonly headers?: Record<string, string>;
}

/** Status and headers of a response of 200 or 206, or of 304 to a conditional request, and its bytes as they arrive. */
export interface WebResponse {
  readonly url: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: AsyncIterable<Uint8Array>;
}

const MAX_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

/** Reads at most so many bytes of an unused response, so that its connection can be used again. */
const MAX_DRAINED_BYTES = 65_536;

/** OpenSSL's and Node's codes for a certificate that is not trusted. */
const CERTIFICATE_ERRORS = /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH)/;

/** Fewer bytes within the timeout are a failure: a server that sends one now and then would be waited for without end. */
const MIN_BYTES = 1024;

class IdleTimeoutError extends Error {
  override readonly name = 'IdleTimeoutError';
  constructor(timeout: number, bytes: number) {
    const [came, seconds] = [bytes === 0 ? 'nothing' : `only ${bytes} bytes`, timeout / 1000];
    super(`${came} came in ${seconds} s`);
  }
}

/**
 * Requests a key once and passes a response of 200 or 206 to `use`, and of 304 if the request has a condition; null if
 * there is no object.
 * @throws {RetryableError} if another attempt may help
 * @throws {StoreError} for other failures, with the address and the status or the cause
 * @throws the signal's reason
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
  let fresh = 0;
  const timer = setTimeout(() => stop.abort(new IdleTimeoutError(web.timeout, fresh)), web.timeout);
  const onBytes = (length: number): void => {
    fresh += length;
    if (fresh < MIN_BYTES) return;
    fresh = 0;
    timer.refresh();
  };
  const signal = web.signal ? AbortSignal.any([stop.signal, web.signal]) : stop.signal;
  const exchange = async (): Promise<T | null> => {
    const response = await followRedirects({ web, webRequest, signal }, url);
    timer.refresh();
    const bytes = countBytes(response, onBytes);
    const { statusCode: status = 0, headers } = response;
    if (status === 200 || status === 206 || (status === 304 && hasCondition(webRequest)))
      return use({ url: url.href, status, headers, bytes });
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

/** True if the request is only for another version than the one that the client has. */
const hasCondition = ({ headers = {} }: WebRequest): boolean =>
  'if-none-match' in headers || 'if-modified-since' in headers;

interface PendingRequest {
  readonly web: WebClient;
  readonly webRequest: WebRequest;
  readonly signal: AbortSignal;
}

/** Sends a request, and follows redirects within the same origin only. */
async function followRedirects(pending: PendingRequest, url: URL): Promise<IncomingMessage> {
  const { key } = pending.webRequest;
  let target = url;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const response = await send(pending, target);
    const location = REDIRECTS.includes(response.statusCode ?? 0) ? response.headers.location : undefined;
    if (location === undefined) return response;
    await drain(response);
    const next = URL.parse(location, target.href);
    if (next === null) throw new StoreError(key, `${url}: the server redirects to an invalid address`);
    target = next;
    if (target.origin === url.origin) continue;
    throw new StoreError(
      key,
      `${url}: the server points to ${target.origin}; if you trust it, give that address`,
    );
  }
  throw new StoreError(key, `${url}: the server redirects in circles`);
}

/** Sends a request. Resolves when status and headers have arrived. */
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
      reject(
        new StoreError(webRequest.key, `${url}: the server answers 101, an upgrade that was not requested`),
      );
    });
    sent.end();
  });
}

/** Yields the bytes of a response, and tells the length of each chunk. */
async function* countBytes(
  response: IncomingMessage,
  onBytes: (length: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    onBytes(chunk.length);
    yield chunk;
  }
}

/** Reads the rest of an unused response, if it is short. Ignores its errors. */
async function drain(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  let read = 0;
  try {
    for await (const chunk of bytes) {
      read += chunk.length;
      if (read > MAX_DRAINED_BYTES) return;
    }
  } catch {
    // The caller needs only the status, which is known by now.
  }
}

/**
 * Settles like `work`, or rejects with the signal's reason. A request through a silent proxy does not end by itself.
 */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject);
  });
}

/** The error for a response of another status than 200, 206, 404 and 410. */
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

/** Turns an error of a request into a StoreError. */
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
  // An error without a code is a bug in a program, so another attempt cannot help.
  const isRetryable = code !== '' || error instanceof IdleTimeoutError;
  return new (isRetryable ? RetryableError : StoreError)(key, message, { cause: error });
}

/** The error's message, or its code. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ('code' in error ? String(error.code) : error.name);
}
