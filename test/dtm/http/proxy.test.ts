// The client through a real proxy, which opens tunnels to a real TLS server.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { DTMApi } from '../../../lib/dtm/client.ts';
import type { ProxyEnv } from '../../../lib/environment/proxy-variables.ts';
import { V3 } from '../samples.ts';
import {
  askInNewProcess,
  type Gate,
  HOST,
  openTunnelSlowly,
  type ProxiedApi,
  startApiBehindProxy,
} from '../start-api-behind-proxy.ts';
import { answer, client, KEY, send, serve } from '../start-api-server.ts';

const CODE = V3.countries.admin0Pcode;
const USER = 'off%69ce';
const PASSWORD = 'p%40ss:0123';
const BASIC = `Basic ${Buffer.from('office:p@ss:0123').toString('base64')}`;
const SECRETS = ['p@ss', 'p%40ss', '0123', BASIC.slice(6), 'off%69ce'];

/** A client in this process. It does not trust the API's certificate. */
const api = (proxiedApi: Pick<ProxiedApi, 'url'>, proxyEnv: ProxyEnv, timeout = 5) =>
  client(proxiedApi, { proxyEnv, timeout, maxRetries: 0 });

const refusing =
  (status: string): Gate =>
  (socket) =>
    void socket.write(`HTTP/1.1 ${status}\r\nX-Echo: ${PASSWORD}\r\nContent-Length: 4\r\n\r\n0123`);

describe('requests through a proxy', () => {
  test('three calls share one tunnel with the proxy’s password, and the process ends', async (t) => {
    const proxiedApi = await startApiBehindProxy(t);
    const results = await askInNewProcess(
      proxiedApi,
      { HTTPS_PROXY: `http://${USER}:${PASSWORD}@${proxiedApi.proxy}` },
      3,
    );
    assert.deepEqual(results, [CODE, CODE, CODE]);
    assert.deepEqual(proxiedApi.connects, [{ target: new URL(proxiedApi.url).host, authorization: BASIC }]);
  });

  test('a proxy sees the host name, but neither key nor path', async (t) => {
    const proxiedApi = await startApiBehindProxy(t);
    assert.deepEqual(await askInNewProcess(proxiedApi, { https_proxy: `http://${proxiedApi.proxy}` }), [
      CODE,
    ]);
    assert.ok(proxiedApi.passedBytes().includes(HOST), 'the host name is in the TLS ClientHello');
    for (const hidden of [KEY, 'country-list', 'User-Agent'])
      assert.ok(!proxiedApi.passedBytes().includes(hidden));
    assert.equal(proxiedApi.connects[0]?.authorization, undefined);
  });

  test('a proxy that responds one letter at a time is used', async (t) => {
    const proxiedApi = await startApiBehindProxy(t, openTunnelSlowly);
    assert.deepEqual(await askInNewProcess(proxiedApi, { HTTPS_PROXY: proxiedApi.proxy }, 2), [CODE, CODE]);
  });

  test('a proxy at an https:// address is reached over TLS', async (t) => {
    const proxiedApi = await startApiBehindProxy(t, undefined, true);
    assert.deepEqual(await askInNewProcess(proxiedApi, { HTTPS_PROXY: `https://${proxiedApi.proxy}` }, 2), [
      CODE,
      CODE,
    ]);
    assert.equal(proxiedApi.connects.length, 1);
  });
});

test('no proxy is used without proxyEnv, or for a host in NO_PROXY', async (t) => {
  const proxiedApi = await startApiBehindProxy(t);
  const direct = /countries: no answer \((ENOTFOUND|EAI_AGAIN): /;
  const variables = { HTTPS_PROXY: proxiedApi.proxy, NO_PROXY: `x,.${HOST}` };
  assert.match((await askInNewProcess(proxiedApi, variables))[0] ?? '', direct);
  await assert.rejects(client(proxiedApi, { maxRetries: 0 }).getAllCountries(), { message: direct });
  assert.equal(proxiedApi.connects.length, 0);
});

test('an API on loopback is reached without a proxy', async (t) => {
  const proxiedApi = await startApiBehindProxy(t);
  const server = await serve(t, send(answer([V3.countries])));
  const proxyEnv = { HTTP_PROXY: proxiedApi.proxy, HTTPS_PROXY: proxiedApi.proxy };
  for (const url of [server.url, server.url.replace('127.0.0.1', 'localhost')]) {
    assert.equal((await api({ url }, proxyEnv).getAllCountries()).length, 1);
  }
  assert.equal(proxiedApi.connects.length, 0);
});

function assertSecret(value: unknown): void {
  const printed = inspect(value, { depth: 20, showHidden: true }) + JSON.stringify(value) + String(value);
  for (const secret of SECRETS) assert.ok(!printed.includes(secret), `${secret} in ${printed}`);
}

/** Waits until no connection to the proxy is open. */
async function assertClosed(proxiedApi: ProxiedApi): Promise<void> {
  for (let checks = 0; proxiedApi.openConnections() > 0 && checks < 500; checks++) await sleep(10);
  assert.equal(proxiedApi.openConnections(), 0);
}

describe('errors of a proxy', () => {
  const REFUSALS: readonly [status: string, advice: RegExp][] = [
    [
      '407 Proxy Authentication Required',
      /answers 407: it wants a user and password, or other ones; put them into HTTPS_PROXY as http:\/\/USER:PASSWORD@localhost:\d+$/,
    ],
    [
      '403 Forbidden',
      /answers 403: it does not let the request through; ask its operator to allow the address$/,
    ],
    ['503 Busy', /answers 503: /],
    ['302 Found', /answers 302: /],
  ];
  for (const [status, advice] of REFUSALS) {
    test(`proxy status ${status}: the error has reason proxy and hides the password`, async (t) => {
      const proxiedApi = await startApiBehindProxy(t, refusing(status));
      const failed = api(proxiedApi, { HTTPS_PROXY: `http://${USER}:${PASSWORD}@${proxiedApi.proxy}` });
      await assert.rejects(failed.getAllCountries(), (error) => {
        const { name, message, reason, status: code } = error as Record<string, unknown> & Error;
        assert.deepEqual([name, reason, code], ['DTMApiRequestError', 'proxy', Number(status.slice(0, 3))]);
        assert.ok(
          message.startsWith(`countries: the proxy ${proxiedApi.proxy} (HTTPS_PROXY) answers`),
          message,
        );
        assert.match(message, advice);
        assertSecret(error);
        return true;
      });
      await assertClosed(proxiedApi);
    });
  }

  test('a proxy’s 503 and 429 are retried, its 407 and 403 are not', async (t) => {
    for (const [status, attempts] of [
      ['407 No', 1],
      ['403 No', 1],
      ['503 No', 2],
      ['429 No', 2],
    ] as const) {
      const proxiedApi = await startApiBehindProxy(t, refusing(status));
      const failed = client(proxiedApi, { proxyEnv: { HTTPS_PROXY: proxiedApi.proxy }, maxRetries: 1 });
      await assert.rejects(failed.getAllCountries(), { attempts });
      assert.equal(proxiedApi.connects.length, attempts);
    }
  });

  const BROKEN: Readonly<Record<string, Gate>> = {
    'that closes the connection': (socket) => void socket.destroy(),
    'that does not speak HTTP': (socket) => void socket.end(`220 ${PASSWORD} ESMTP\r\n`),
    'whose headers do not end': (socket) => void socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`),
  };
  for (const [name, gate] of Object.entries(BROKEN)) {
    test(`a proxy ${name} is reported as unreachable, without its password`, async (t) => {
      const proxiedApi = await startApiBehindProxy(t, gate);
      const failed = api(proxiedApi, { https_proxy: `http://${USER}:${PASSWORD}@${proxiedApi.proxy}` });
      await assert.rejects(failed.getAllCountries(), (error) => {
        assert.match(
          String(error),
          /the proxy localhost:\d+ \(https_proxy\) cannot be reached \((ECONNRESET|HPE_\w+)\);/,
        );
        assertSecret(error);
        return true;
      });
    });
  }

  test('a proxy with a closed port or an unknown name is reported as unreachable', async (t) => {
    const proxiedApi = await startApiBehindProxy(t);
    for (const [address, code] of [
      ['127.0.0.1:1', 'ECONNREFUSED'],
      ['proxy.test:3128', '(ENOTFOUND|EAI_AGAIN)'],
    ]) {
      const failed = api(proxiedApi, { HTTPS_PROXY: `http://${USER}:${PASSWORD}@${address}` });
      await assert.rejects(failed.getAllCountries(), (error) => {
        const expected = `countries: the proxy ${address} \\(HTTPS_PROXY\\) cannot be reached \\(${code}\\); correct HTTPS_PROXY, or name the host in NO_PROXY`;
        assert.match((error as Error).message, new RegExp(expected));
        assertSecret(error);
        return true;
      });
    }
  });

  test('a proxy that never responds is a timeout, and its connection is closed', async (t) => {
    const proxiedApi = await startApiBehindProxy(t, () => {});
    const failed = api(proxiedApi, { HTTPS_PROXY: proxiedApi.proxy }, 0.3).getAllCountries();
    await assert.rejects(failed, { name: 'DTMApiTimeoutError', message: /no answer began within 0.3 s/ });
    await assertClosed(proxiedApi);
  });

  test('an untrusted certificate: the error advises NODE_EXTRA_CA_CERTS', async (t) => {
    const proxiedApi = await startApiBehindProxy(t);
    const failed = api(proxiedApi, { HTTPS_PROXY: proxiedApi.proxy }).getAllCountries();
    await assert.rejects(failed, {
      message:
        /no answer \(DEPTH_ZERO_SELF_SIGNED_CERT: .*\); if a proxy opens TLS here, .* NODE_EXTRA_CA_CERTS$/,
    });
  });
});

describe('proxyEnv', () => {
  test('proxyEnv with an invalid address is refused by its variable, without its value', () => {
    const bad = [
      'socks5://u:p4ss@p',
      'http://',
      'http://u:p4ss@',
      'http://u:%p4ss@p',
      'http://u:p4ss@p:99999',
      'ht tp://p4ss',
    ];
    for (const address of [...bad, 7]) {
      assert.throws(
        () => new DTMApi({ subscriptionKey: KEY, proxyEnv: { HTTPS_PROXY: address as string } }),
        (error) => {
          assert.match(String(error), /ValidationError: proxyEnv: HTTPS_PROXY: expected /);
          assert.ok(!inspect(error).includes('p4ss'));
          return true;
        },
      );
    }
    for (const proxyEnv of [null, 'http://u:p4ss@p', 5]) {
      assert.throws(
        () => new DTMApi({ subscriptionKey: KEY, proxyEnv: proxyEnv as never }),
        (error) => /proxyEnv: expected an object/.test(String(error)) && !inspect(error).includes('p4ss'),
      );
    }
  });

  test('proxyEnv accepts process.env, and a printed client does not show it', () => {
    assertSecret(
      new DTMApi({ subscriptionKey: KEY, proxyEnv: { HTTPS_PROXY: `http://${USER}:${PASSWORD}@p` } }),
    );
    assert.doesNotThrow(() => new DTMApi({ subscriptionKey: KEY, proxyEnv: process.env }));
  });
});
