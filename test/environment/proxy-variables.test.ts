// Which proxy leads to a host, for many values of the variables.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { ProxyAgent } from '../../lib/environment/proxy-agent.ts';
import { proxyLabel } from '../../lib/environment/proxy-error.ts';
import { proxyFor, readProxyEnv } from '../../lib/environment/proxy-variables.ts';

/** Starts a proxy that refuses every CONNECT and records its target. */
async function startRefusingProxy(t: TestContext): Promise<{ url: string; connects: string[] }> {
  const connects: string[] = [];
  const proxy = createServer().on('connect', (request, socket) => {
    connects.push(request.url ?? '');
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  t.after(() => proxy.close());
  return { url: `127.0.0.1:${(proxy.address() as AddressInfo).port}`, connects };
}

/** Requests a URL with a ProxyAgent of these variables, and waits for the error, which always comes. */
async function requestThatFails(variables: Record<string, string>, url: string): Promise<void> {
  const agent = new ProxyAgent(readProxyEnv(variables).proxyEnv, {});
  // No name is looked up, and these ports of this machine are closed.
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
test('ProxyAgent uses no proxy for a host in NO_PROXY and for this machine', async (t) => {
  const { url: HTTPS_PROXY, connects } = await startRefusingProxy(t);
  for (const [NO_PROXY, url, isProxied] of CASES) {
    connects.length = 0;
    await requestThatFails({ HTTPS_PROXY, NO_PROXY }, url);
    assert.equal(connects.length, isProxied ? 1 : 0, `${NO_PROXY} ${url}`);
  }
});

test('a lower-case variable takes precedence over an upper-case one, also if blank', async (t) => {
  const { url, connects } = await startRefusingProxy(t);
  const [other, host] = ['http://127.0.0.1:1', 'https://data.example/'];
  await requestThatFails({ https_proxy: url, HTTPS_PROXY: other }, host);
  await requestThatFails({ HTTPS_PROXY: url, no_proxy: ' ', NO_PROXY: 'data.example' }, host);
  assert.equal(connects.length, 2);
  await requestThatFails({ https_proxy: ' ', HTTPS_PROXY: url }, host);
  await requestThatFails({ HTTPS_PROXY: url, no_proxy: 'data.example', NO_PROXY: 'other.example' }, host);
  await requestThatFails({ HTTP_PROXY: url }, 'https://127.0.0.1:1/');
  assert.equal(connects.length, 2);
});

test('readProxyEnv keeps user and password, and returns nothing without a proxy', () => {
  const { proxyEnv, problems } = readProxyEnv({
    HTTP_PROXY: 'HTTPS://me:p%40ss@proxy.example',
    NO_PROXY: 'x.example',
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(proxyFor(proxyEnv, new URL('http://minio.example')), {
    ...{ variable: 'HTTP_PROXY', secure: true, host: 'proxy.example', port: 443 },
    authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
  });
  assert.equal(proxyFor(proxyEnv, new URL('http://x.example')), undefined);
  assert.equal(proxyFor(proxyEnv, new URL('https://minio.example')), undefined);
  assert.deepEqual(readProxyEnv({ NO_PROXY: 'x.example' }), { proxyEnv: {}, problems: [] });
});

test('an invalid proxy address is a problem, and proxyFor throws for it', () => {
  for (const wrong of [
    'socks5://proxy.example',
    'http://',
    'proxy example',
    'ftp://x',
    'http://%zz@x',
    '://x',
  ]) {
    const { proxyEnv, problems } = readProxyEnv({ HTTPS_PROXY: wrong });
    assert.match(problems.join(), /^HTTPS_PROXY: expected http:[^,]*, got something else \(not shown/, wrong);
    assert.throws(() => proxyFor(proxyEnv, new URL('https://data.example')), { variable: 'HTTPS_PROXY' });
  }
});

describe('proxyFor', () => {
  const API = new URL('https://dtmapi.iom.int');
  const name = (env: object, target = API) => {
    const proxy = proxyFor(env, target);
    return proxy && proxyLabel(proxy).replace('the proxy ', '');
  };
  const ROWS: readonly [env: object, expected: string | undefined][] = [
    [{}, undefined],
    [{ HTTPS_PROXY: '' }, undefined],
    [{ HTTPS_PROXY: '  ' }, undefined],
    [{ HTTP_PROXY: 'http://p:1' }, undefined],
    [{ HTTPS_PROXY: 'http://p' }, 'p:80 (HTTPS_PROXY)'],
    [{ HTTPS_PROXY: 'https://p' }, 'p:443 (HTTPS_PROXY)'],
    [{ HTTPS_PROXY: ' p:3128/ ' }, 'p:3128 (HTTPS_PROXY)'],
    [{ HTTPS_PROXY: 'user:pass@p:3128' }, 'p:3128 (HTTPS_PROXY)'],
    [{ HTTPS_PROXY: 'http://[::1]:9' }, '[::1]:9 (HTTPS_PROXY)'],
    [{ HTTPS_PROXY: 'http://a', https_proxy: 'http://b' }, 'b:80 (https_proxy)'],
    [{ HTTPS_PROXY: 'http://a', https_proxy: '' }, undefined],
  ];
  for (const [env, expected] of ROWS) {
    test(`variables ${JSON.stringify(env)} give ${expected ?? 'no proxy'}`, () =>
      assert.equal(name(env), expected));
  }

  const EXCEPTED = ['*', 'dtmapi.iom.int', 'DTMAPI.iom.int', 'iom.int', '.iom.int', '*.iom.int', 'int'];
  const LISTS = ['a, iom.int', 'a iom.int', 'dtmapi.iom.int:443', 'iom.int:443'];
  for (const list of [...EXCEPTED, ...LISTS]) {
    test(`NO_PROXY=${list} includes dtmapi.iom.int`, () => {
      assert.equal(name({ HTTPS_PROXY: 'p', NO_PROXY: list }), undefined);
      assert.equal(name({ HTTPS_PROXY: 'p', no_proxy: list, NO_PROXY: '' }), undefined);
    });
  }
  for (const list of [
    '',
    ',',
    'om.int',
    'api.iom.int',
    'iom.int:444',
    'localhost,127.0.0.1',
    '.',
    '10.0.0.0/8',
  ]) {
    test(`NO_PROXY=${list} does not include dtmapi.iom.int`, () =>
      assert.equal(name({ HTTPS_PROXY: 'p', NO_PROXY: list }), 'p:80 (HTTPS_PROXY)'));
  }

  test('NO_PROXY with an IP address or its range includes the address', () => {
    const target = new URL('https://10.1.2.3:8443');
    for (const list of ['10.1.2.3', '10.1.2.3:8443', '10.0.0.0/8', '10.1.2.3/32', '0.0.0.0/0']) {
      assert.equal(name({ HTTPS_PROXY: 'p', NO_PROXY: list }, target), undefined, list);
    }
    for (const list of ['10.1.2.4', '11.0.0.0/8', '10.0.0.0/33', '10.0.0.0/x', '1.2.3']) {
      assert.equal(name({ HTTPS_PROXY: 'p', NO_PROXY: list }, target), 'p:80 (HTTPS_PROXY)', list);
    }
  });

  test('an https API on loopback has no proxy', () => {
    for (const host of ['localhost', '127.0.0.1:8443', '[::1]']) {
      assert.equal(name({ HTTPS_PROXY: 'p' }, new URL(`https://${host}`)), undefined, host);
    }
  });
});
