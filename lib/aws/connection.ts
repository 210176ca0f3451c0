// Connects the AWS SDK through the proxies of the environment. The SDK does not read the proxy variables itself.
import type { Environment } from '../environment/configuration.ts';
import { ProxyAgent } from '../environment/proxy-agent.ts';

/** The connection options of an SDK client. Empty without a proxy. */
export interface Connection {
  readonly requestHandler?: { readonly httpsAgent: ProxyAgent };
}

/** Milliseconds to wait for a connection through a proxy. */
const PROXY_CONNECT_TIMEOUT = 30_000;

/** Creates connection options for the proxies of the environment. */
export function createConnection({ proxyEnv }: Pick<Environment, 'proxyEnv'>): Connection {
  if (Object.keys(proxyEnv).length === 0) return {};
  return {
    requestHandler: {
      httpsAgent: new ProxyAgent(proxyEnv, { keepAlive: true, timeout: PROXY_CONNECT_TIMEOUT }),
    },
  };
}
