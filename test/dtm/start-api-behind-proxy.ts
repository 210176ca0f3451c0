// The network of an office: an API over TLS, under a name that only the office's proxy knows the way to.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { createIdentity } from './http/certificate.ts';
import { V3 } from './samples.ts';
import { answer, KEY, listen } from './start-api-server.ts';

/** RFC 6761: no name below `.test` is ever found, so what reaches this one came through the proxy. */
export const HOST = 'dtm.test';

/** What a proxy does with a CONNECT: `pass` leads it to the API. */
export type Gate = (socket: Socket, pass: () => void) => void;

export interface Office {
  /** Base URL of the API. */
  readonly url: string;
  /** The proxy's host and port. */
  readonly proxy: string;
  /** What reached the proxy: where to, and with which password. */
  readonly asked: { readonly target: string; readonly authorization: string | undefined }[];
  /** Every byte that the proxy saw go to the API. */
  readonly seen: () => string;
  /** Connections to the proxy that are open. */
  readonly open: () => number;
  /** A file with the API's certificate. */
  readonly certificate: string;
}

const ESTABLISHED = 'HTTP/1.1 200 Connection established\r\nVia: office\r\n\r\n';

/** Lets the request pass. */
export const established: Gate = (socket, pass) => {
  socket.write(ESTABLISHED);
  pass();
};

/** Lets it pass, and says so letter by letter. */
export const hesitant: Gate = async (socket, pass) => {
  for (const letter of ESTABLISHED) {
    socket.write(letter);
    await new Promise(setImmediate);
  }
  pass();
};

/** Opens an office until the test ends; `secure` has its proxy speak TLS as well. */
export async function openOffice(t: TestContext, gate: Gate = established, secure = false): Promise<Office> {
  const sockets = new Set<Socket>();
  const asked: Office['asked'] = [];
  let seen = '';
  const identity = createIdentity(HOST);
  const api = createHttps(identity, (_, response) => {
    response
      .writeHead(200, { 'Content-Type': 'application/json' })
      .end(JSON.stringify(answer([V3.countries])));
  });
  const port = await listen(api);
  const proxyIdentity = createIdentity('localhost');
  const proxy = secure ? createHttps(proxyIdentity) : createHttp();
  proxy.on('connect', (request, socket: Socket) => {
    asked.push({ target: request.url ?? '', authorization: request.headers['proxy-authorization'] });
    sockets.add(socket);
    socket
      .on('error', () => {})
      .on('end', () => socket.end())
      .on('close', () => sockets.delete(socket))
      .resume();
    gate(socket, () => {
      const onwards = connect(port, '127.0.0.1').on('error', () => {});
      socket.on('close', () => onwards.destroy());
      socket.on('data', (data) => {
        seen += data.toString('latin1');
      });
      socket.pipe(onwards).pipe(socket);
    });
  });
  const proxyPort = await listen(proxy);
  const folder = await mkdtemp(join(tmpdir(), 'dtm-office-'));
  const certificate = join(folder, 'ca.pem');
  await writeFile(certificate, identity.cert + proxyIdentity.cert);
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    for (const server of [api, proxy]) {
      server.closeAllConnections();
      server.close();
    }
    await rm(folder, { recursive: true });
  });
  return {
    ...{ url: `https://${HOST}:${port}`, proxy: `localhost:${proxyPort}`, asked, certificate },
    ...{ seen: () => seen, open: () => sockets.size },
  };
}

/** Asks from a process of its own, with these variables; what it printed and the calls' ends, or what they failed with. */
export async function askFrom(
  office: Office,
  variables: Record<string, string>,
  calls = 1,
): Promise<string[]> {
  const door = new URL('../../lib/dtm/public.ts', import.meta.url).href;
  const options = { subscriptionKey: KEY, baseUrl: office.url, maxRetries: 0, timeout: 20 };
  const script = `import { DTMApi } from '${door}';
    const api = new DTMApi({ ...${JSON.stringify(options)}, proxyEnv: process.env });
    for (let call = 0; call < ${calls}; call++) {
      console.log(await api.getAllCountries().then((rows) => rows[0].admin0Pcode, String));
    }`;
  const env = { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: office.certificate, ...variables };
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', script],
    { env, timeout: 15_000 },
  );
  return (stderr + stdout).trim().split('\n');
}
