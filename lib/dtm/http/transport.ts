// One GET over node:http or node:https, with everything bounded: time, bytes after decompression, requests at once.
// Not `fetch`: it costs 0.2 s of CPU more per 100 MB and has a hidden timeout of its own. A body is unpacked in one piece
// when all of it is there: in a stream it costs three times as much, most of it in buffers to be collected.

import http from 'node:http';
import https from 'node:https';
import pLimit from 'p-limit';
import { ProxyAgent, type TunnelOptions } from '../../environment/proxy-agent.ts';
import { ProxyError } from '../../environment/proxy-error.ts';
import type { ProxyEnv } from '../../environment/proxy-variables.ts';
import { type ApiRequest, requestLabel } from '../api-request.ts';
import { KEY_HEADER } from '../endpoints.ts';
import { type DTMApiError, DTMApiRequestError, DTMApiTimeoutError, type RequestFailure } from '../errors.ts';
import { untilAborted } from './abort.ts';
import { type Body, readAll, readErrorBody } from './body.ts';

/** One request for what is asked. */
export interface Attempt {
  readonly request: ApiRequest;
  readonly key: string;
  /** Largest body of a good answer after decompression. */
  readonly maxBytes: number;
  /** Called when the request leaves; says how many seconds headers and body together may take. */
  readonly start: () => number;
  readonly signal: AbortSignal | undefined;
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
  readonly get: (request: Attempt) => Promise<Reply>;
  /** Closes the sockets that no request uses. */
  readonly close: () => void;
}

export interface TransportOptions {
  readonly secure: boolean;
  readonly proxyEnv?: ProxyEnv;
  readonly concurrency: number;
  readonly userAgent: string;
}

/** A transport with its own pool of connections, which never keeps a process alive. */
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
  /** The connection was a kept one and is lost, without a byte of an answer. */
  stale?: boolean;
}

interface Exchange {
  readonly attempt: Attempt;
  readonly agent: http.Agent;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/**
 * Sends again, at once and once, what a kept connection did not carry since the server had dropped it: that was no attempt.
 * The other idle ones have been idle for longer, so they go first, and the request finds a new one.
 */
async function exchangeTwiceIfStale(each: Exchange, options: TransportOptions): Promise<Reply> {
  try {
    return await exchange(each, options);
  } catch (error) {
    if (!each.progress.stale) throw error;
    dropIdle(each.agent);
    return exchange(each, options);
  }
}

function dropIdle(agent: http.Agent): void {
  for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
}

async function exchange(exchange: Exchange, options: TransportOptions): Promise<Reply> {
  const { attempt, progress, signal } = exchange;
  const requestedAt = new Date();
  const response = await untilAborted(sendRequest(exchange, options), signal);
  const status = response.statusCode ?? 0;
  Object.assign(progress, { phase: 'body', status });
  const read =
    status === 200 ? await readAll(response, { ...attempt, signal }) : await readErrorBody(response, signal);
  return { ...read, status, headers: response.headers, requestedAt, receivedAt: new Date() };
}

// Node promises neither an answer nor an error: after a 101 that nobody listens for, there is only the end.
function sendRequest(
  { attempt, agent, signal, progress }: Exchange,
  options: TransportOptions,
): Promise<http.IncomingMessage> {
  const headers = {
    Accept: 'application/json',
    'Accept-Encoding': 'gzip',
    'User-Agent': options.userAgent,
    [KEY_HEADER]: attempt.key,
  };
  const { get } = options.secure ? https : http;
  return new Promise((resolve, reject) => {
    let hasNoData = true;
    const sent = get(
      attempt.request.url,
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
        progress.stale = sent.reusedSocket && hasNoData && isConnectionLost(error);
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

/** OpenSSL's codes for a certificate that nobody vouches for. */
const CERTIFICATE_ERRORS = /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_UNTRUSTED/;

// System errors carry a code; anything else is a mistake in a program and is not dressed up as a network's.
function networkError(error: unknown, { request }: Attempt, { phase, status }: Progress): unknown {
  if (!(error instanceof Error) || error instanceof TypeError || !('code' in error)) return error;
  // A parser's error carries the raw packet, in which a server may have echoed the key.
  const cause = Object.assign(new Error(request.redact(error.message)), { code: error.code });
  const [what, reason]: [string, RequestFailure] =
    phase === 'headers' ? ['no answer', 'network'] : ['the body was cut short or damaged', 'cut'];
  const advice = CERTIFICATE_ERRORS.test(String(error.code))
    ? 'if a proxy opens TLS here, name a file with its certificate in NODE_EXTRA_CA_CERTS'
    : 'check the network and the base URL';
  const message = `${requestLabel(request)}: ${what} (${error.code}: ${cause.message}); ${advice}`;
  return new DTMApiRequestError(message, { url: request.url, status, reason, cause });
}
