// TLS to a server through a proxy's CONNECT. Node's own `proxyEnv` of an agent is not used: of v24.21 it never ends when the
// proxy's answer comes in pieces, keeps the socket of a refusal open, and is not there before v22.21.
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { proxyRefused, proxyUnreachable } from './proxy-error.ts';
import { type ProxyEnv, type ProxyServer, proxyFor } from './proxy-variables.ts';

/** A request's options; `tunnelSignal` ends the making of a tunnel that is no longer needed. */
export interface TunnelOptions extends https.RequestOptions {
  readonly tunnelSignal?: AbortSignal | undefined;
}

type ConnectionCallback = (error: Error | null, stream: Duplex) => void;

/**
 * An agent for https whose connections are tunnels through the proxies that the variables name, and are kept as others are.
 * Its `timeout` also bounds the making of a tunnel. A request fails with a `ProxyError` if there is none.
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
        // RFC 9110: any status of success makes a tunnel, and nothing comes before TLS begins.
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
    // Else Node would take the name in the header Host for the proxy's.
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
