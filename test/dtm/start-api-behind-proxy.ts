// Starts an API over TLS that can only be reached through a proxy, like in an office network.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { createIdentity } from './http/certificate.ts';
import { V3 } from './samples.ts';
import { answer, KEY, listen } from './start-api-server.ts';

/** The API's host name. RFC 6761: DNS finds no name below `.test`, so a request to it must have come through the proxy. */
export const HOST = 'dtm.test';

/** How a proxy handles a CONNECT. `pass` connects it to the API, at once after the last byte: what came before is lost. */
export type Gate = (socket: Socket, pass: () => void) => void;

export interface ProxiedApi {
  /** Base URL of the API. */
  readonly url: string;
  /** The proxy's host and port. */
  readonly proxy: string;
  /** The CONNECT requests that reached the proxy. */
  readonly connects: { readonly target: string; readonly authorization: string | undefined }[];
  /** All bytes that the proxy passed on to the API. */
  readonly passedBytes: () => string;
  /** Number of open connections to the proxy. */
  readonly openConnections: () => number;
  /** Path of a file with the certificates of the API and the proxy. */
  readonly certificate: string;
}

const ESTABLISHED = 'HTTP/1.1 200 Connection openTunnel\r\nVia: office\r\n\r\n';

/** Opens the tunnel. */
export const openTunnel: Gate = (socket, pass) => {
  socket.write(ESTABLISHED);
  pass();
};

/** Opens the tunnel, and sends its response one letter at a time. */
export const openTunnelSlowly: Gate = async (socket, pass) => {
  for (const letter of ESTABLISHED) {
    await new Promise(setImmediate);
    socket.write(letter);
  }
  pass();
};

/** Answers everything with one country. */
const oneCountry: RequestListener = (_, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer([V3.countries])));
};

/** Starts the API and its proxy until the test ends. With `secure`, the proxy uses TLS, too. */
export async function startApiBehindProxy(
  t: TestContext,
  gate: Gate = openTunnel,
  secure = false,
  handle = oneCountry,
): Promise<ProxiedApi> {
  const sockets = new Set<Socket>();
  const connects: ProxiedApi['connects'] = [];
  let passedBytes = '';
  const identity = createIdentity(HOST);
  const api = createHttps(identity, handle);
  const port = await listen(api);
  const proxyIdentity = createIdentity('localhost');
  const proxy = secure ? createHttps(proxyIdentity) : createHttp();
  proxy.on('connect', (request, socket: Socket) => {
    connects.push({ target: request.url ?? '', authorization: request.headers['proxy-authorization'] });
    sockets.add(socket);
    socket
      .on('error', () => {})
      .on('end', () => socket.end())
      .on('close', () => sockets.delete(socket))
      .resume();
    gate(socket, () => {
      const upstream = connect(port, '127.0.0.1').on('error', () => {});
      socket.on('close', () => upstream.destroy());
      socket.on('data', (data) => {
        passedBytes += data.toString('latin1');
      });
      socket.pipe(upstream).pipe(socket);
    });
  });
  const proxyPort = await listen(proxy);
  const folder = await mkdtemp(join(tmpdir(), 'dtm-proxied-'));
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
    ...{ url: `https://${HOST}:${port}`, proxy: `localhost:${proxyPort}`, connects, certificate },
    ...{ passedBytes: () => passedBytes, openConnections: () => sockets.size },
  };
}

/**
 * Calls the API in a new process with these variables. Returns the printed lines: for each call, its first code or its
 * error.
 */
export async function askInNewProcess(
  proxiedApi: ProxiedApi,
  variables: Record<string, string>,
  calls = 1,
): Promise<string[]> {
  const publicApi = new URL('../../lib/dtm/public.ts', import.meta.url).href;
  const options = { subscriptionKey: KEY, baseUrl: proxiedApi.url, maxRetries: 0, timeout: 20 };
  const script = `import { DTMApi } from '${publicApi}';
    const api = new DTMApi({ ...${JSON.stringify(options)}, proxyEnv: process.env });
    for (let call = 0; call < ${calls}; call++) {
      console.log(await api.getAllCountries().then((rows) => rows[0].admin0Pcode, String));
    }`;
  const env = { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: proxiedApi.certificate, ...variables };
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', script],
    { env, timeout: 15_000 },
  );
  return (stderr + stdout).trim().split('\n');
}
