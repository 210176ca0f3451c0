// How AWS's services are reached: the SDK knows no proxies.
import type { Environment } from '../environment/configuration.ts';
import { ProxyAgent } from '../environment/proxy-agent.ts';

/** What an SDK's client is told of the connection: nothing without a proxy. */
export interface Connection {
  readonly requestHandler?: { readonly httpsAgent: ProxyAgent };
}

/** Milliseconds that a proxy may take to connect. */
const PROXY_CONNECT_TIMEOUT = 30_000;

/** A connection through the environment's proxies. */
export function createConnection({ proxyEnv }: Pick<Environment, 'proxyEnv'>): Connection {
  if (Object.keys(proxyEnv).length === 0) return {};
  return {
    requestHandler: {
      httpsAgent: new ProxyAgent(proxyEnv, { keepAlive: true, timeout: PROXY_CONNECT_TIMEOUT }),
    },
  };
}
