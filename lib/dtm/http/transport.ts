// Sends one GET over node:http or node:https, with limits for time, bytes after decompression and requests at the same time.
// `fetch` is not used: it takes 0.2 s of CPU more per 100 MB and has a hidden timeout. A body is decompressed in one call after
// its last byte: decompression in a stream takes three times as long, mostly for garbage collection of buffers.
import http from 'node:http';
import https from 'node:https';
import pLimit from 'p-limit';
import { ProxyAgent, type TunnelOptions } from '../../environment/proxy-agent.ts';
import { ProxyError } from '../../environment/proxy-error.ts';
import type { ProxyEnv } from '../../environment/proxy-variables.ts';
import { type HttpRequest, requestLabel } from '../api-request.ts';
import { KEY_HEADER } from '../endpoints.ts';
import { type DTMApiError, DTMApiRequestError, DTMApiTimeoutError, type RequestFailure } from '../errors.ts';
import { untilAborted } from './abort.ts';
import { type Body, readAll, readErrorBody } from './body.ts';

/** One attempt of a request. */
export interface Attempt {
  readonly request: HttpRequest;
  /** Undefined: the host must not get a key. It is asked for a file, not for JSON. */
  readonly key: string | undefined;
  /** Largest body of an HTTP 200 in bytes, after decompression. */
  readonly maxBytes: number;
  /** Called when the request is sent. Returns the seconds allowed for headers and body together. */
  readonly start: () => number;
  readonly signal: AbortSignal | undefined;
}

/** A whole response. If its status is not 200, its body is cut at 64 KiB. */
export interface Reply extends Body {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly requestedAt: Date;
  readonly receivedAt: Date;
}

export interface Transport {
  /** @throws {DTMApiTimeoutError | DTMApiRequestError} or the signal's reason */
  readonly get: (request: Attempt) => Promise<Reply>;
  /** Closes the idle sockets. */
  readonly close: () => void;
}

export interface TransportOptions {
  readonly secure: boolean;
  readonly proxyEnv?: ProxyEnv;
  readonly concurrency: number;
  readonly userAgent: string;
}

/** Creates a transport with its own connection pool. Idle connections do not keep the process alive. */
export function createTransport(options: TransportOptions): Transport {
  const agent = createAgent(options);
  const limit = pLimit(options.concurrency);
  return {
    get: (request) =>
      untilAborted(
        limit(() => send(request, agent, options)),
        request.signal,
      ),
    close: () => dropIdle(agent),
  };
}

function createAgent({ secure, proxyEnv = {}, concurrency }: TransportOptions): http.Agent {
  const agentOptions = { keepAlive: true, maxSockets: concurrency };
  return secure ? new ProxyAgent(proxyEnv, agentOptions) : new http.Agent(agentOptions);
}

async function send(attempt: Attempt, agent: http.Agent, options: TransportOptions): Promise<Reply> {
  attempt.signal?.throwIfAborted();
  const seconds = attempt.start();
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), seconds * 1000);
  const signal = attempt.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, attempt.signal]);
  const progress: Progress = { phase: 'headers' };
  try {
    return await exchangeTwiceIfStale({ attempt, agent, signal, progress }, options);
  } catch (error) {
    if (stop.signal.aborted) throw timeoutError(attempt, seconds, progress);
    if (error instanceof ProxyError) throw proxyError(error, attempt);
    throw networkError(error, attempt, progress);
  } finally {
    clearTimeout(timer);
  }
}

interface Progress {
  phase: 'headers' | 'body';
  status?: number;
  /** The connection was reused and was lost before the first byte of a response. */
  stale?: boolean;
}

interface Exchange {
  readonly attempt: Attempt;
  readonly agent: http.Agent;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/**
 * If the server had closed a reused connection, sends the request once more on a new one. This does not count as an attempt.
 * The other idle connections have been idle for longer, so they are closed before that.
 */
async function exchangeTwiceIfStale(context: Exchange, options: TransportOptions): Promise<Reply> {
  try {
    return await exchange(context, options);
  } catch (error) {
    if (!context.progress.stale) throw error;
    dropIdle(context.agent);
    return exchange(context, options);
  }
}

function dropIdle(agent: http.Agent): void {
  for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
}

async function exchange(context: Exchange, options: TransportOptions): Promise<Reply> {
  const { attempt, progress, signal } = context;
  const requestedAt = new Date();
  const response = await untilAborted(sendRequest(context, options), signal);
  const status = response.statusCode ?? 0;
  Object.assign(progress, { phase: 'body', status });
  const body =
    status === 200 ? await readAll(response, { ...attempt, signal }) : await readErrorBody(response, signal);
  return { ...body, status, headers: response.headers, requestedAt, receivedAt: new Date() };
}

// Node does not always report a response or an error. After a 101 without a listener there is only `close`, so `close` rejects.
function sendRequest(
  { attempt, agent, signal, progress }: Exchange,
  options: TransportOptions,
): Promise<http.IncomingMessage> {
  const headers = {
    Accept: attempt.key === undefined ? '*/*' : 'application/json',
    'Accept-Encoding': 'gzip',
    'User-Agent': options.userAgent,
    ...(attempt.key !== undefined && { [KEY_HEADER]: attempt.key }),
  };
  const { get } = options.secure ? https : http;
  return new Promise((resolve, reject) => {
    let hasNoData = true;
    const clientRequest = get(
      attempt.request.secretUrl ?? attempt.request.url,
      { agent, headers, signal, tunnelSignal: signal } as TunnelOptions,
      resolve,
    )
      .on('socket', (socket) => {
        socket.once('data', () => {
          hasNoData = false;
        });
      })
      .on('upgrade', ({ statusCode = 0 }, socket) => {
        socket.destroy();
        reject(upgradeError(attempt, statusCode));
      })
      .on('error', (error) => {
        progress.stale = clientRequest.reusedSocket && hasNoData && isConnectionLost(error);
        reject(error);
      })
      .on('close', () => reject(new ClosedError('the connection was closed')));
  });
}

const isConnectionLost = (error: Error): boolean =>
  'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');

class ClosedError extends Error {
  readonly code = 'ECONNRESET';
}

function upgradeError({ request }: Attempt, status: number): DTMApiError {
  const message = `${requestLabel(request)}: expected HTTP 200, got ${status}, a switch to another protocol; check the base URL`;
  return new DTMApiRequestError(message, { url: request.url, status, reason: 'status' });
}

function timeoutError({ request }: Attempt, seconds: number, { phase, status }: Progress): DTMApiError {
  const missing = phase === 'headers' ? 'no answer began' : 'the body did not end';
  const message = `${requestLabel(request)}: ${missing} within ${Number(seconds.toFixed(3))} s; try later, raise timeout, or ask for less`;
  return new DTMApiTimeoutError(message, { url: request.url, status });
}

function proxyError(cause: ProxyError, { request }: Attempt): DTMApiError {
  const { message, status } = cause;
  const reason = status === undefined ? 'network' : 'proxy';
  return new DTMApiRequestError(`${requestLabel(request)}: ${message}`, {
    url: request.url,
    status,
    reason,
    cause,
  });
}

/** OpenSSL's codes for an untrusted certificate. */
const CERTIFICATE_ERRORS = /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_UNTRUSTED/;

// System errors have a code. Any other error is a bug and is returned as it is, not as a network error.
function networkError(error: unknown, { request }: Attempt, { phase, status }: Progress): unknown {
  if (!(error instanceof Error) || error instanceof TypeError || !('code' in error)) return error;
  // The error of Node's HTTP parser holds the raw packet, which may contain the key if the server echoed it.
  const cause = Object.assign(new Error(request.redact(error.message)), { code: error.code });
  const [problem, reason]: [string, RequestFailure] =
    phase === 'headers' ? ['no answer', 'network'] : ['the body was cut short or damaged', 'cut'];
  const advice = CERTIFICATE_ERRORS.test(String(error.code))
    ? 'if a proxy opens TLS here, name a file with its certificate in NODE_EXTRA_CA_CERTS'
    : 'check the network and the base URL';
  const message = `${requestLabel(request)}: ${problem} (${error.code}: ${cause.message}); ${advice}`;
  return new DTMApiRequestError(message, { url: request.url, status, reason, cause });
}
