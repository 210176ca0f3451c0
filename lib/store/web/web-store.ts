// A published dataset at a web address, read only. A web server has no listing, so `list` and `listFolders` throw.
// Readers find the files through `latest.json` and the manifests.
import http from 'node:http';
import { isLoopback } from '../../environment/loopback.ts';
import { ProxyAgent } from '../../environment/proxy-agent.ts';
import type { ProxyEnv } from '../../environment/proxy-variables.ts';
import { type Store, StoreError } from '../store.ts';
import { getObject, getObjectIfChanged, headObject } from './body.ts';
import type { WebClient } from './request.ts';

/** Limits for requests to a web server. */
export interface WebOptions {
  /** Milliseconds in which a kilobyte must come, or the end. @default 30_000 */
  readonly timeout?: number;
  /** The largest object, in bytes. @default 512 MiB */
  readonly maxBytes?: number;
  /** Attempts without progress. @default 6 */
  readonly maxAttempts?: number;
  /** Seconds before the second attempt, doubled before each further one. The wait is a random part. @default 0.25 */
  readonly retryDelay?: number;
  /** The source of the jitter: numbers from 0 to 1. @default Math.random */
  readonly random?: () => number;
  /** The proxies for https addresses. @default none */
  readonly proxyEnv?: ProxyEnv;
  /** Aborts reads; they reject with its reason. */
  readonly signal?: AbortSignal;
}

/** Seconds: the longest wait before an attempt, and the latest end of a wait after the last progress. */
const MAX_WAIT = 30;
const MAX_ELAPSED = 120;

/**
 * Opens the store at an https address, or at an http address of this machine.
 * @throws {StoreError} for other addresses, and for those with a user, query or fragment
 */
export function webStore(url: string, options: WebOptions = {}): Store {
  const web = createWebClient(parseBaseUrl(url), options);
  const unsupported = (reason: string) => async (key: string) => {
    throw new StoreError(key, `${url} is a web address: ${reason}; use the folder or bucket behind it`);
  };
  return {
    location: url,
    get: (key, range) => getObject(web, { key, range }),
    getIfChanged: (key, etag, range) => getObjectIfChanged(web, { key, range, version: etag }),
    head: (key) => headObject(web, key),
    put: unsupported('nothing can be written there'),
    delete: unsupported('nothing can be removed there'),
    list: unsupported('what lies there cannot be listed'),
    listFolders: unsupported('what lies there cannot be listed'),
    sync: async () => {},
    checkPreconditions: async () => {},
  };
}

function createWebClient(base: URL, options: WebOptions): WebClient {
  const { timeout = 30_000, random = Math.random, proxyEnv = {} } = options;
  const agentOptions = { keepAlive: true, timeout };
  return {
    base,
    agent: base.protocol === 'https:' ? new ProxyAgent(proxyEnv, agentOptions) : new http.Agent(agentOptions),
    timeout,
    maxBytes: options.maxBytes ?? 2 ** 29,
    maxAttempts: options.maxAttempts ?? 6,
    retryDelay: options.retryDelay ?? 0.25,
    maxWait: MAX_WAIT,
    maxElapsed: MAX_ELAPSED,
    random,
    signal: options.signal,
  };
}

/** The address above the keys, with a slash at its end. @throws {StoreError} if it is not allowed */
function parseBaseUrl(url: string): URL {
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
