// How AWS's services are reached: the SDK knows no proxies.
import http from 'node:http';
import https from 'node:https';
import type { Environment } from '../config.ts';

/** What an SDK's client is told of the connection: nothing without a proxy. */
export interface Connection {
  readonly requestHandler?: { readonly httpsAgent: https.Agent; readonly httpAgent: http.Agent };
}

/** Milliseconds that a proxy may take to connect. */
const TIMEOUT = 30_000;

/** A connection through the environment's proxies. */
export function connectionOf({ proxyEnv }: Pick<Environment, 'proxyEnv'>): Connection {
  if (Object.keys(proxyEnv).length === 0) return {};
  const options = { keepAlive: true, timeout: TIMEOUT, proxyEnv };
  return { requestHandler: { httpsAgent: new https.Agent(options), httpAgent: new http.Agent(options) } };
}
