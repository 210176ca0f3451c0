// A real proxy, and a server with a certificate that is reached through it by a name that no resolver knows.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/** The certificate of `data.example`, `s3.example` and `sns.eu-west-1.amazonaws.com`; its key is for tests alone. */
export const CERTIFICATE = join(import.meta.dirname, 'certificate.pem');

/** What the proxy does with a request for a connection: lets it through (null), or answers so and closes. */
export type Rule = (request: IncomingMessage, asked: number) => string | null;

export interface Proxied {
  /** The proxy's `HOST:PORT`. */
  readonly host: string;
  /** `HOST:PORT` of every connection that was asked for. */
  readonly asked: string[];
}

/** Starts a server that answers so over https, and a proxy that leads to it, whatever is asked for. */
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
    const refused = rule(request, asked.push(request.url ?? ''));
    sockets.add(socket.on('error', () => {}));
    if (refused !== null) return socket.end(refused);
    const through = connect(target, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(through).pipe(socket);
    });
    sockets.add(through.on('error', () => {}));
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

/** A proxy's answer of this status without a body. */
export const refusing = (status: number) => (): string => `HTTP/1.1 ${status} No\r\n\r\n`;
