// Connects to an https server through a proxy (CONNECT). The option `proxyEnv` of Node's agents is not used: in v24.21 it
// hangs if the proxy's response arrives in pieces and keeps the socket open after a refusal, and before v22.21 it does not
// exist.
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { proxyRefused, proxyUnreachable } from './proxy-error.ts';
import { type ProxyEnv, type ProxyServer, proxyFor } from './proxy-variables.ts';

/** Options of a request. `tunnelSignal` aborts a tunnel that is still being opened. */
export interface TunnelOptions extends https.RequestOptions {
  readonly tunnelSignal?: AbortSignal | undefined;
}

type ConnectionCallback = (error: Error | null, stream: Duplex) => void;

/**
 * An https agent whose connections are tunnels through the proxies of `env`. It reuses them like other connections.
 * Its `timeout` also limits the opening of a tunnel. If no tunnel can be opened, the request fails with a `ProxyError`.
 */
export class ProxyAgent extends https.Agent {
  readonly #env: ProxyEnv;

  constructor(env: ProxyEnv, options: https.AgentOptions) {
    super(options);
    this.#env = env;
  }

  override createConnection(options: TunnelOptions, callback: ConnectionCallback): Duplex | undefined {
    const target = `${options.host?.includes(':') ? `[${options.host}]` : options.host}:${options.port ?? 443}`;
    const proxy = proxyFor(this.#env, new URL(`https://${target}`));
    if (proxy === undefined) return this.#secure(options);
    const fail = callback as (error: Error) => void;
    const request = connectRequest(proxy, target, options)
      .on('connect', ({ statusCode = 0 }, socket) => {
        // RFC 9110: any 2xx status opens the tunnel. No data comes before TLS begins.
        if (statusCode >= 200 && statusCode < 300)
          return callback(null, this.#secure({ ...options, socket }));
        socket.destroy();
        fail(proxyRefused(proxy, statusCode));
      })
      .on('timeout', () => request.destroy(new IdleTimeoutError('no answer in time')))
      .on('error', (error) => fail(proxyUnreachable(proxy, error)));
    request.end();
    return undefined;
  }

  #secure(options: TunnelOptions & { readonly socket?: Duplex }): Duplex {
    return super.createConnection(options) as Duplex;
  }
}

class IdleTimeoutError extends Error {
  readonly code = 'ETIMEDOUT';
}

function connectRequest(
  proxy: ProxyServer,
  target: string,
  { timeout, tunnelSignal }: TunnelOptions,
): http.ClientRequest {
  const { request } = proxy.secure ? https : http;
  return request({
    ...{ method: 'CONNECT', host: proxy.host, port: proxy.port, path: target, agent: false },
    // Without this, Node would take the proxy's name from the header Host.
    servername: isIP(proxy.host) ? '' : proxy.host,
    headers: {
      Host: target,
      Connection: 'keep-alive',
      'Proxy-Connection': 'keep-alive',
      ...(proxy.authorization && { 'Proxy-Authorization': proxy.authorization }),
    },
    ...(timeout && { timeout }),
    ...(tunnelSignal && { signal: tunnelSignal }),
  });
}
