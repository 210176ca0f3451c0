// Which hosts are reached through a proxy is asked of Node's own agent, which is what decides.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { proxyEnvOf } from '../lib/proxyenv.ts';

/** A proxy that refuses everything, and what it was asked for. */
async function refusing(t: TestContext): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const proxy = createServer().on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  t.after(() => proxy.close());
  return { url: `127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked };
}

/** Asks for a URL by an agent with these variables, and waits for the error that there always is. */
async function fail(variables: Record<string, string>, url: string): Promise<void> {
  const agent = new https.Agent({ proxyEnv: proxyEnvOf(variables).proxyEnv });
  // No name is looked up, and nobody listens on these ports of this machine.
  const lookup = (_: string, __: unknown, done: (error: Error) => void): void =>
    done(new Error('not looked up'));
  const request = https.get(url, { agent, lookup: lookup as never, timeout: 300 });
  request.on('timeout', () => request.destroy());
  await once(request, 'close').catch(() => {});
}

const CASES: [noProxy: string, url: string, isProxied: boolean][] = [
  ['', 'https://data.example/', true],
  ['data.example', 'https://data.example/', false],
  ['data.example', 'https://s3.data.example/', false],
  ['DATA.example', 'https://Data.Example/', false],
  ['data.example', 'https://otherdata.example/', true],
  ['.data.example', 'https://s3.data.example/', false],
  ['*.data.example', 'https://s3.data.example/', false],
  ['data.example:8443', 'https://data.example:8443/', false],
  ['data.example:8443', 'https://data.example/', true],
  ['other.example, data.example', 'https://data.example/', false],
  ['other.example data.example', 'https://data.example/', false],
  ['*', 'https://data.example/', false],
  ['', 'https://localhost:1/', false],
  ['', 'https://api.localhost:1/', false],
  ['', 'https://127.0.0.1:1/', false],
  ['', 'https://127.8.0.1:1/', false],
  ['', 'https://[::1]:1/', false],
  ['127.0.0.0/8', 'https://192.0.2.1/', true],
  ['192.0.2.0/24', 'https://192.0.2.1:1/', false],
  ['192.0.2.0/24', 'https://192.0.3.1/', true],
  ['192.0.2.77/25', 'https://192.0.2.1:1/', false],
  ['192.0.2.1', 'https://192.0.2.1:1/', false],
];
test('a host goes through the proxy or past it as NO_PROXY says, and this machine always past it', async (t) => {
  const { url: HTTPS_PROXY, asked } = await refusing(t);
  for (const [NO_PROXY, url, isProxied] of CASES) {
    asked.length = 0;
    await fail({ HTTPS_PROXY, NO_PROXY }, url);
    assert.equal(asked.length, isProxied ? 1 : 0, `${NO_PROXY} ${url}`);
  }
});

test('a lower-case name goes before an upper-case one, and a blank one counts as missing', async (t) => {
  const { url, asked } = await refusing(t);
  const [other, host] = ['http://127.0.0.1:1', 'https://data.example/'];
  await fail({ https_proxy: url, HTTPS_PROXY: other }, host);
  await fail({ https_proxy: ' ', HTTPS_PROXY: url }, host);
  await fail({ HTTPS_PROXY: url, no_proxy: ' ', NO_PROXY: 'other.example' }, host);
  assert.equal(asked.length, 3);
  await fail({ HTTPS_PROXY: url, no_proxy: 'data.example', NO_PROXY: 'other.example' }, host);
  await fail({ HTTP_PROXY: url }, 'https://127.0.0.1:1/');
  assert.equal(asked.length, 3);
});

test('user and password are kept for the proxy, and nothing is kept without a proxy', () => {
  const { proxyEnv, problems } = proxyEnvOf({
    HTTP_PROXY: 'HTTPS://me:p%40ss@proxy.example',
    NO_PROXY: 'x.example',
  });
  assert.equal(proxyEnv.HTTP_PROXY, 'https://me:p%40ss@proxy.example/');
  assert.deepEqual(problems, []);
  assert.deepEqual(proxyEnvOf({ NO_PROXY: 'x.example' }), { proxyEnv: {}, problems: [] });
});

test('what is no address of a proxy is a problem', () => {
  for (const wrong of [
    'socks5://proxy.example',
    'http://',
    'proxy example',
    'ftp://x',
    'http://%zz@x',
    '://x',
  ]) {
    const { proxyEnv, problems } = proxyEnvOf({ HTTPS_PROXY: wrong });
    assert.deepEqual([proxyEnv, problems.length], [{}, 1], wrong);
  }
});
