// Downloads and S3 through a real proxy. Errors of the proxy name its variable, host and port, and never its password.
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
import { proxied, refusing } from './proxied/start-proxy.ts';

const LOGIN = 'me:hunter2%40';

/** The proxy variables of an environment with this proxy and a password. */
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

/** A server that has an object at every path and accepts every write. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  request.resume().on('end', () => response.writeHead(200, { ETag: '"1"' }).end('0123456789'));
}

test('a web store and a bucket are read through HTTPS_PROXY with its user and password', async (t) => {
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

test('a large object is written through HTTPS_PROXY', async (t) => {
  const { host, asked } = await proxied(t, answer);
  assert.equal(await bucket(host).put('x', new Uint8Array(5_000_000), 'absent'), '1');
  assert.deepEqual(asked, ['s3.example:443']);
});

const CASES: [name: string, rule: string, says: RegExp][] = [
  [
    'answers 407',
    refusing(407)(),
    /the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) answers 407: it wants a user and password, or other ones; put them into HTTPS_PROXY as http:\/\/USER:PASSWORD@127/,
  ],
  [
    'answers 403',
    refusing(403)(),
    /the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) answers 403: it does not let the request through; ask its operator/,
  ],
  ['answers 503', refusing(503)(), /the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) answers 503/],
  [
    'closes the connection',
    '',
    /the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) cannot be reached \(ECONNRESET\); correct HTTPS_PROXY/,
  ],
];
for (const [name, response, says] of CASES) {
  test(`the error for a proxy that ${name} names the proxy, without its password`, async (t) => {
    const { host } = await proxied(t, answer, () => response);
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

test('the error for an unreachable HTTPS_PROXY names it and advises NO_PROXY', async () => {
  const says =
    /the proxy 127\.0\.0\.1:1 \(HTTPS_PROXY\) cannot be reached \(ECONNREFUSED\); correct HTTPS_PROXY, or name the host in NO_PROXY/;
  for (const store of [web('127.0.0.1:1', { maxAttempts: 2 }), bucket('127.0.0.1:1')])
    await refused(store, says);
  const unresolvable = web('proxy.invalid:3128', { maxAttempts: 1 });
  await refused(
    unresolvable,
    /the proxy proxy\.invalid:3128 \(HTTPS_PROXY\) cannot be reached \((ENOTFOUND|EAI_AGAIN)\)/,
  );
});

test('a read through a silent proxy fails after the idle timeout', { timeout: 20_000 }, async (t) => {
  const port = await listening(
    t,
    createServer().on('connect', (_, socket) => void t.after(() => socket.destroy())),
  );
  await assert.rejects(web(`127.0.0.1:${port}`, { timeout: 100, maxAttempts: 2 }).get('x'), (error) => {
    return error instanceof StoreError && /nothing came in 0\.1 s|cannot be reached/.test(error.message);
  });
  const agent = new ProxyAgent(by(`127.0.0.1:${port}`), { timeout: 100 });
  const [error] = await once(get('https://data.example', { agent }), 'error');
  assert.ok(error instanceof ProxyError && error.code === 'ETIMEDOUT' && error.isRetryable);
});

test('a read that the proxy answers with 502 is sent again', async (t) => {
  for (const store of [web, bucket]) {
    const { host, asked } = await proxied(t, answer, (_, count) => (count === 1 ? refusing(502)() : null));
    assert.equal((await store(host).get('x'))?.body.length, 10);
    assert.equal(asked.length, 2);
  }
});

test('a server on this machine is reached without the proxy', async (t) => {
  const port = await listening(t, createServer(answer));
  const proxyEnv = by('127.0.0.1:1', { HTTP_PROXY: 'http://127.0.0.1:1' });
  const local = `http://127.0.0.1:${port}`;
  assert.equal((await webStore(local, { proxyEnv }).get('x'))?.body.length, 10);
  assert.equal(
    (await bucket('127.0.0.1:1', local, { HTTP_PROXY: 'http://127.0.0.1:1' }).get('x'))?.body.length,
    10,
  );
});

test('a bucket at an http:// endpoint uses HTTP_PROXY and reports its 407', async (t) => {
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

test('a large object goes to an http:// endpoint through HTTP_PROXY with its login', async (t) => {
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
  const excepted = bucket('127.0.0.1:1', 'http://s3.invalid', { HTTP_PROXY, NO_PROXY: 's3.invalid' });
  await refused(excepted, /S3 cannot be reached \((ENOTFOUND|EAI_AGAIN)\)/);
  assert.equal(seen.length, 1);
});

test('the error names an HTTP_PROXY that is unreachable or an https:// address', async () => {
  const by = (HTTP_PROXY: string) => bucket('127.0.0.1:1', 'http://s3.example', { HTTP_PROXY });
  const unreachable =
    /the proxy 127\.0\.0\.1:1 \(HTTP_PROXY\) cannot be reached \(ECONNREFUSED\); correct HTTP_PROXY/;
  await refused(by(`http://${LOGIN}@127.0.0.1:1`), unreachable);
  const secure =
    /the proxy 127\.0\.0\.1:1 \(HTTP_PROXY\) leads to https:\/\/ addresses only; give an http:\/\/ one/;
  await refused(by(`https://${LOGIN}@127.0.0.1:1`), secure);
});

test('the error for an untrusted certificate advises NODE_EXTRA_CA_CERTS', async (t) => {
  const { host, asked } = await proxied(t, answer);
  setDefaultCACertificates(getCACertificates('bundled'));
  await refused(
    web(host),
    /the server's certificate is not trusted here \(\w+\); .* name its certificate in NODE_EXTRA_CA_CERTS/,
  );
  assert.equal(asked.length, 1);
});
