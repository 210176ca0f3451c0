// A published dataset at a web address, to read only. A web server gives no listing, so what needs one is refused: what
// `latest.json` and a manifest name is what can be reached.
import http from 'node:http';
import { isLoopback } from '../../environment/loopback.ts';
import { ProxyAgent } from '../../environment/proxy-agent.ts';
import type { ProxyEnv } from '../../environment/proxy-variables.ts';
import { type Store, StoreError } from '../store.ts';
import { getObject, headObject } from './body.ts';
import type { WebClient } from './request.ts';

/** How much is borne of a web server. */
export interface WebOptions {
  /** Milliseconds of silence; default 30 s. */
  readonly timeout?: number;
  /** Bytes of one object; default 512 MiB. */
  readonly maxBytes?: number;
  /** How often an object is asked for, without progress; default 6. */
  readonly maxAttempts?: number;
  /** Seconds before the second try, doubled before each further one, of which a random part is waited; default 0.25. */
  readonly retryDelay?: number;
  /** The jitter's source, from 0 to 1; default `Math.random`. */
  readonly random?: () => number;
  /** Default: no proxy. */
  readonly proxyEnv?: ProxyEnv;
  /** Ends whatever is being read, with its reason. */
  readonly signal?: AbortSignal;
}

/** No wait before a try is longer, and none starts that would end later than this after the last progress; seconds. */
const MAX_WAIT = 30;
const MAX_ELAPSED = 120;

/**
 * The store at an https address, or at an http address of this machine.
 * @throws {StoreError} if the address is another one, or has a user, query or fragment
 */
export function webStore(url: string, options: WebOptions = {}): Store {
  const web = createWebClient(parseBaseUrl(url), options);
  const refuse = (what: string) => async (key: string) => {
    throw new StoreError(key, `${url} is a web address: ${what}; use the folder or bucket behind it`);
  };
  return {
    location: url,
    get: (key, range) => getObject(web, { key, range }),
    head: (key) => headObject(web, key),
    put: refuse('nothing can be written there'),
    delete: refuse('nothing can be removed there'),
    list: refuse('what lies there cannot be listed'),
    listFolders: refuse('what lies there cannot be listed'),
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

/** The address with a slash at its end, below which the keys lie. */
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
