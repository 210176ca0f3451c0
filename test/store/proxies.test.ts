// Downloads and S3 through a real proxy; what is said of one that does not let through names its variable, host and port.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { ProxyAgent } from '../../lib/environment/proxy-agent.ts';
import { ProxyError } from '../../lib/environment/proxy-error.ts';
import { readProxyEnv } from '../../lib/environment/proxy-variables.ts';
import { s3Store } from '../../lib/store/s3/s3-store.ts';
import { type Store, StoreError } from '../../lib/store/store.ts';
import { type WebOptions, webStore } from '../../lib/store/web/web-store.ts';
import { proxied, refusing } from './proxied/proxy.ts';

const LOGIN = 'me:hunter2%40';

/** Where a proxy's address stands in the environment, with a password. */
const by = (host: string, more: Record<string, string> = {}) =>
  readProxyEnv({ HTTPS_PROXY: `http://${LOGIN}@${host}`, ...more }).proxyEnv;

const web = (host: string, options: WebOptions = {}): Store =>
  webStore('https://data.example/dtm', { proxyEnv: by(host), retryDelay: 0, ...options });

const bucket = (host: string, endpoint = 'https://s3.example', more: Record<string, string> = {}): Store =>
  s3Store('s3://bucket/dtm', {
    proxyEnv: by(host, more),
    maxAttempts: 2,
    client: { endpoint, region: 'eu-west-1', credentials: { accessKeyId: 'key', secretAccessKey: 'secret' } },
  });

/** The server: an object at every path, and what is written is taken. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  request.resume().on('end', () => response.writeHead(200, { ETag: '"1"' }).end('0123456789'));
}

test('a web store and a bucket are read through the proxy, which gets user and password', async (t) => {
  const logins: (string | undefined)[] = [];
  const { host, asked } = await proxied(t, answer, ({ headers }) => {
    logins.push(headers['proxy-authorization']);
    return null;
  });
  for (const store of [web(host), bucket(host)])
    assert.equal(String(Buffer.from((await store.get('x'))?.body ?? [])), '0123456789');
  assert.deepEqual(asked, ['data.example:443', 's3.example:443']);
  const login = `Basic ${Buffer.from('me:hunter2@').toString('base64')}`;
  assert.deepEqual(logins, [login, login]);
});

test('a large object is written through the proxy, too', async (t) => {
  const { host, asked } = await proxied(t, answer);
  assert.equal(await bucket(host).put('x', new Uint8Array(5_000_000), 'absent'), '1');
  assert.deepEqual(asked, ['s3.example:443']);
});

const CASES: [name: string, rule: string, says: RegExp][] = [
  [
    'wants another login',
    refusing(407)(),
    /the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) answers 407: it wants a user and password, or other ones; put them into HTTPS_PROXY as http:\/\/USER:PASSWORD@127/,
  ],
  [
    'does not let the host through',
    refusing(403)(),
    /the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) answers 403: it does not let the request through; ask its operator/,
  ],
  ['is overloaded', refusing(503)(), /the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) answers 503/],
  [
    'hangs up',
    '',
    /the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) cannot be reached \(ECONNRESET\); correct HTTPS_PROXY/,
  ],
];
for (const [name, refusal, says] of CASES) {
  test(`a proxy that ${name} is said, without its password`, async (t) => {
    const { host } = await proxied(t, answer, () => refusal);
    for (const store of [web(host, { maxAttempts: 2 }), bucket(host)]) await refused(store, says);
  });
}

/** Starts a server on this machine and resolves to its port. */
async function listening(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function refused(store: Store, says: RegExp): Promise<void> {
  await assert.rejects(store.get('x'), (error) => {
    assert.ok(error instanceof StoreError);
    assert.match(error.message, says);
    assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`, /hunter2/);
    return true;
  });
}

test('a proxy that is not there is said, and that its host may be spared', async () => {
  const says =
    /the proxy 127\.0\.0\.1:1 \(HTTPS_PROXY\) cannot be reached \(ECONNREFUSED\); correct HTTPS_PROXY, or name the host in NO_PROXY/;
  for (const store of [web('127.0.0.1:1', { maxAttempts: 2 }), bucket('127.0.0.1:1')])
    await refused(store, says);
  const unknown = web('proxy.invalid:3128', { maxAttempts: 1 });
  await refused(
    unknown,
    /the proxy proxy\.invalid:3128 \(HTTPS_PROXY\) cannot be reached \((ENOTFOUND|EAI_AGAIN)\)/,
  );
});

test('a proxy that is silent is given up after the time for silence', { timeout: 20_000 }, async (t) => {
  const port = await listening(
    t,
    createServer().on('connect', (_, socket) => void t.after(() => socket.destroy())),
  );
  await assert.rejects(web(`127.0.0.1:${port}`, { timeout: 100, maxAttempts: 2 }).get('x'), (error) => {
    return error instanceof StoreError && /nothing came for 0\.1 s|cannot be reached/.test(error.message);
  });
  const agent = new ProxyAgent(by(`127.0.0.1:${port}`), { timeout: 100 });
  const [error] = await once(get('https://data.example', { agent }), 'error');
  assert.ok(error instanceof ProxyError && error.code === 'ETIMEDOUT' && error.isRetryable);
});

test('what a proxy refuses in passing is asked for again', async (t) => {
  for (const store of [web, bucket]) {
    const { host, asked } = await proxied(t, answer, (_, count) => (count === 1 ? refusing(502)() : null));
    assert.equal((await store(host).get('x'))?.body.length, 10);
    assert.equal(asked.length, 2);
  }
});

test('a server on this machine is reached past the proxy', async (t) => {
  const port = await listening(t, createServer(answer));
  const proxyEnv = by('127.0.0.1:1', { HTTP_PROXY: 'http://127.0.0.1:1' });
  const local = `http://127.0.0.1:${port}`;
  assert.equal((await webStore(local, { proxyEnv }).get('x'))?.body.length, 10);
  assert.equal(
    (await bucket('127.0.0.1:1', local, { HTTP_PROXY: 'http://127.0.0.1:1' }).get('x'))?.body.length,
    10,
  );
});

test('a bucket of a server without https goes through HTTP_PROXY, whose 407 is said', async (t) => {
  const asked: (string | undefined)[] = [];
  const proxy = createServer((request, response) => {
    asked.push(request.url);
    request.resume();
    if (asked.length > 1) response.writeHead(407).end();
    else response.end('0123456789');
  });
  const HTTP_PROXY = `http://${LOGIN}@127.0.0.1:${await listening(t, proxy)}`;
  const store = bucket('127.0.0.1:1', 'http://s3.example', { HTTP_PROXY });
  assert.equal((await store.get('x'))?.body.length, 10);
  assert.match(asked[0] ?? '', /^http:\/\/s3\.example\/bucket\/dtm\/x/);
  await refused(store, /the proxy 127\.0\.0\.1:\d+ \(HTTP_PROXY\) answers 407: it wants a user and password/);
});

test('a large object reaches a server without https through HTTP_PROXY, which gets user and password', async (t) => {
  const seen: {
    url: string | undefined;
    login: string | undefined;
    host: string | undefined;
    bytes: number;
  }[] = [];
  const proxy = createServer(async (request, response) => {
    const { url, headers } = request;
    const body = await buffer(request);
    seen.push({ url, login: headers['proxy-authorization'], host: headers.host, bytes: body.length });
    response.writeHead(200, { ETag: '"1"' }).end();
  });
  const HTTP_PROXY = `http://${LOGIN}@127.0.0.1:${await listening(t, proxy)}`;
  const store = bucket('127.0.0.1:1', 'http://s3.example:9000', { HTTP_PROXY });
  assert.equal(await store.put('x', new Uint8Array(5_000_000), 'absent'), '1');
  const [{ url, login, host, bytes } = {}] = seen;
  assert.match(url ?? '', /^http:\/\/s3\.example:9000\/bucket\/dtm\/x\?/);
  assert.equal(login, `Basic ${Buffer.from('me:hunter2@').toString('base64')}`);
  assert.equal(host, 's3.example:9000');
  assert.ok((bytes ?? 0) >= 5_000_000);
  const spared = bucket('127.0.0.1:1', 'http://s3.invalid', { HTTP_PROXY, NO_PROXY: 's3.invalid' });
  await refused(spared, /S3 cannot be reached \((ENOTFOUND|EAI_AGAIN)\)/);
  assert.equal(seen.length, 1);
});

test('an HTTP_PROXY that is not there, or speaks TLS, is said', async () => {
  const by = (HTTP_PROXY: string) => bucket('127.0.0.1:1', 'http://s3.example', { HTTP_PROXY });
  const away =
    /the proxy 127\.0\.0\.1:1 \(HTTP_PROXY\) cannot be reached \(ECONNREFUSED\); correct HTTP_PROXY/;
  await refused(by(`http://${LOGIN}@127.0.0.1:1`), away);
  const secure =
    /the proxy 127\.0\.0\.1:1 \(HTTP_PROXY\) leads to https:\/\/ addresses only; give an http:\/\/ one/;
  await refused(by(`https://${LOGIN}@127.0.0.1:1`), secure);
});

test('a server whose certificate nobody here knows is said, with where to name it', async (t) => {
  const { host, asked } = await proxied(t, answer);
  setDefaultCACertificates(getCACertificates('bundled'));
  await refused(
    web(host),
    /the server's certificate is not trusted here \(\w+\); .* name its certificate in NODE_EXTRA_CA_CERTS/,
  );
  assert.equal(asked.length, 1);
});
