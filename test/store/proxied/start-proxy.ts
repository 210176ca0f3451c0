// Starts a real proxy, and behind it an https server whose host name has no DNS entry.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/** The certificate of `data.example`, `s3.example` and `sns.eu-west-1.amazonaws.com`. Its key is used only in tests. */
export const CERTIFICATE = join(import.meta.dirname, 'certificate.pem');

/** Decides about a request for a connection: null lets it through, a text is the proxy's response before it closes. */
export type Rule = (request: IncomingMessage, asked: number) => string | null;

export interface Proxied {
  /** The proxy's `HOST:PORT`. */
  readonly host: string;
  /** `HOST:PORT` of every requested connection. */
  readonly asked: string[];
}

/** Starts an https server, and a proxy that connects every request to it. */
export async function proxied(
  t: TestContext,
  answer: RequestListener,
  rule: Rule = () => null,
): Promise<Proxied> {
  const cert = await readFile(CERTIFICATE);
  const key = await readFile(join(import.meta.dirname, 'key.pem'));
  setDefaultCACertificates([...getCACertificates('bundled'), cert.toString()]);
  const target = await listening(t, createSecureServer({ cert, key }, answer));
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const proxy = createServer().on('connect', (request, socket: Socket) => {
    const refusal = rule(request, asked.push(request.url ?? ''));
    sockets.add(socket.on('error', () => {}));
    if (refusal !== null) return socket.end(refusal);
    const upstream = connect(target, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    sockets.add(upstream.on('error', () => {}));
  });
  const port = await listening(t, proxy);
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  return { host: `127.0.0.1:${port}`, asked };
}

async function listening(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A proxy's response with this status and no body. */
export const refusing = (status: number) => (): string => `HTTP/1.1 ${status} No\r\n\r\n`;
