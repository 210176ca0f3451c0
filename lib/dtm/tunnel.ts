// TLS to the API through a proxy's CONNECT. Node's own `proxyEnv` of an agent is not used: of v24.21 it never ends when the
// proxy's answer comes in pieces, keeps the socket of a refusal open, and is not there before v22.21.

import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ProxyServer } from './proxy.ts';

/** The proxy refused, or could not be reached: then `status` is undefined and there is a `code`. */
export class TunnelError extends Error {
  readonly status: number | undefined;
  readonly code: string;

  constructor(message: string, code: string, status?: number) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** A request's options; `tunnelSignal` ends the making of a tunnel that is no longer needed. */
export interface TunnelOptions extends https.RequestOptions {
  readonly tunnelSignal?: AbortSignal | undefined;
}

type Created = (error: Error | null, stream: Duplex) => void;

/** An agent whose connections are tunnels through the proxy; they are kept as others are. */
export class TunnelAgent extends https.Agent {
  readonly #proxy: ProxyServer;

  constructor(proxy: ProxyServer, options: https.AgentOptions) {
    super(options);
    this.#proxy = proxy;
  }

  override createConnection(options: TunnelOptions, created: Created): undefined {
    const fail = (error: TunnelError) => (created as (error: Error) => void)(error);
    const { name } = this.#proxy;
    connectRequest(this.#proxy, options)
      .on('connect', ({ statusCode = 0 }, socket) => {
        // RFC 9110: any status of success makes a tunnel, and nothing comes before TLS begins.
        if (statusCode >= 200 && statusCode < 300) return created(null, this.#secure({ ...options, socket }));
        socket.destroy();
        fail(new TunnelError(`the proxy ${name} refused with HTTP ${statusCode}`, 'ERR_PROXY', statusCode));
      })
      .on('error', (error) => {
        const code = 'code' in error ? String(error.code) : error.name;
        fail(new TunnelError(`the proxy ${name} did not answer (${code})`, code));
      })
      .end();
    return undefined;
  }

  #secure(options: TunnelOptions & { readonly socket: Duplex }): Duplex {
    return super.createConnection(options) as Duplex;
  }
}

function connectRequest(proxy: ProxyServer, { host, port, tunnelSignal }: TunnelOptions): http.ClientRequest {
  const { request } = proxy.secure ? https : http;
  const target = `${host?.includes(':') ? `[${host}]` : host}:${port ?? 443}`;
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
    ...(tunnelSignal && { signal: tunnelSignal }),
  });
}
