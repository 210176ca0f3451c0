// Through a proxy to the API: a real one, which makes tunnels, in front of a real server with TLS.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { DTMApi } from '../../../lib/dtm/client.ts';
import type { ProxyEnv } from '../../../lib/environment/proxy-variables.ts';
import { V3 } from '../samples.ts';
import { askFrom, type Gate, HOST, hesitant, type Office, openOffice } from '../start-api-behind-proxy.ts';
import { answer, client, KEY, send, serve } from '../start-api-server.ts';

const CODE = V3.countries.admin0Pcode;
const USER = 'off%69ce';
const PASSWORD = 'p%40ss:0123';
const BASIC = `Basic ${Buffer.from('office:p@ss:0123').toString('base64')}`;
const SECRETS = ['p@ss', 'p%40ss', '0123', BASIC.slice(6), 'off%69ce'];

/** A client in this process, which does not know the API's certificate. */
const api = (office: Pick<Office, 'url'>, proxyEnv: ProxyEnv, timeout = 5) =>
  client(office, { proxyEnv, timeout, maxRetries: 0 });

const refusing =
  (status: string): Gate =>
  (socket) =>
    void socket.write(`HTTP/1.1 ${status}\r\nX-Echo: ${PASSWORD}\r\nContent-Length: 4\r\n\r\n0123`);

describe('the API is asked through the proxy', () => {
  test('with its password, in a tunnel that is kept; the process ends by itself', async (t) => {
    const office = await openOffice(t);
    const ends = await askFrom(office, { HTTPS_PROXY: `http://${USER}:${PASSWORD}@${office.proxy}` }, 3);
    assert.deepEqual(ends, [CODE, CODE, CODE]);
    assert.deepEqual(office.asked, [{ target: new URL(office.url).host, authorization: BASIC }]);
  });

  test('which sees neither key nor path', async (t) => {
    const office = await openOffice(t);
    assert.deepEqual(await askFrom(office, { https_proxy: `http://${office.proxy}` }), [CODE]);
    assert.ok(office.seen().includes(HOST), 'the name in the greeting of TLS');
    for (const hidden of [KEY, 'country-list', 'User-Agent']) assert.ok(!office.seen().includes(hidden));
    assert.equal(office.asked[0]?.authorization, undefined);
  });

  test('whose answer comes letter by letter', async (t) => {
    const office = await openOffice(t, hesitant);
    assert.deepEqual(await askFrom(office, { HTTPS_PROXY: office.proxy }, 2), [CODE, CODE]);
  });

  test('to which TLS is spoken as well', async (t) => {
    const office = await openOffice(t, undefined, true);
    assert.deepEqual(await askFrom(office, { HTTPS_PROXY: `https://${office.proxy}` }, 2), [CODE, CODE]);
    assert.equal(office.asked.length, 1);
  });
});

test('without the option, or with a host that NO_PROXY has, the proxy is not asked', async (t) => {
  const office = await openOffice(t);
  const direct = /countries: no answer \((ENOTFOUND|EAI_AGAIN): /;
  const variables = { HTTPS_PROXY: office.proxy, NO_PROXY: `x,.${HOST}` };
  assert.match((await askFrom(office, variables))[0] ?? '', direct);
  await assert.rejects(client(office, { maxRetries: 0 }).getAllCountries(), { message: direct });
  assert.equal(office.asked.length, 0);
});

test('an API on loopback is never asked through a proxy', async (t) => {
  const office = await openOffice(t);
  const server = await serve(t, send(answer([V3.countries])));
  const proxyEnv = { HTTP_PROXY: office.proxy, HTTPS_PROXY: office.proxy };
  for (const url of [server.url, server.url.replace('127.0.0.1', 'localhost')]) {
    assert.equal((await api({ url }, proxyEnv).getAllCountries()).length, 1);
  }
  assert.equal(office.asked.length, 0);
});

function assertSecret(value: unknown): void {
  const printed = inspect(value, { depth: 20, showHidden: true }) + JSON.stringify(value) + String(value);
  for (const secret of SECRETS) assert.ok(!printed.includes(secret), `${secret} in ${printed}`);
}

/** No connection to the proxy is left open. */
async function assertClosed(office: Office): Promise<void> {
  for (let tries = 0; office.open() > 0 && tries < 500; tries++) await sleep(10);
  assert.equal(office.open(), 0);
}

describe('a proxy that makes no tunnel is named, and its password is not', () => {
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
    test(status, async (t) => {
      const office = await openOffice(t, refusing(status));
      const failed = api(office, { HTTPS_PROXY: `http://${USER}:${PASSWORD}@${office.proxy}` });
      await assert.rejects(failed.getAllCountries(), (error) => {
        const { name, message, reason, status: code } = error as Record<string, unknown> & Error;
        assert.deepEqual([name, reason, code], ['DTMApiRequestError', 'proxy', Number(status.slice(0, 3))]);
        assert.ok(message.startsWith(`countries: the proxy ${office.proxy} (HTTPS_PROXY) answers`), message);
        assert.match(message, advice);
        assertSecret(error);
        return true;
      });
      await assertClosed(office);
    });
  }

  test('only a refusal that may pass is tried again', async (t) => {
    for (const [status, attempts] of [
      ['407 No', 1],
      ['403 No', 1],
      ['503 No', 2],
      ['429 No', 2],
    ] as const) {
      const office = await openOffice(t, refusing(status));
      const failed = client(office, { proxyEnv: { HTTPS_PROXY: office.proxy }, maxRetries: 1 });
      await assert.rejects(failed.getAllCountries(), { attempts });
      assert.equal(office.asked.length, attempts);
    }
  });

  const BROKEN: Readonly<Record<string, Gate>> = {
    'that hangs up': (socket) => void socket.destroy(),
    'that speaks no HTTP': (socket) => void socket.end(`220 ${PASSWORD} ESMTP\r\n`),
    'whose headers have no end': (socket) =>
      void socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`),
  };
  for (const [name, gate] of Object.entries(BROKEN)) {
    test(`one ${name}`, async (t) => {
      const office = await openOffice(t, gate);
      const failed = api(office, { https_proxy: `http://${USER}:${PASSWORD}@${office.proxy}` });
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

  test('one that cannot be reached, or found', async (t) => {
    const office = await openOffice(t);
    for (const [address, code] of [
      ['127.0.0.1:1', 'ECONNREFUSED'],
      ['proxy.test:3128', '(ENOTFOUND|EAI_AGAIN)'],
    ]) {
      const failed = api(office, { HTTPS_PROXY: `http://${USER}:${PASSWORD}@${address}` });
      await assert.rejects(failed.getAllCountries(), (error) => {
        const expected = `countries: the proxy ${address} \\(HTTPS_PROXY\\) cannot be reached \\(${code}\\); correct HTTPS_PROXY, or name the host in NO_PROXY`;
        assert.match((error as Error).message, new RegExp(expected));
        assertSecret(error);
        return true;
      });
    }
  });

  test('one that is silent: no answer in time, and its connection is closed', async (t) => {
    const office = await openOffice(t, () => {});
    const failed = api(office, { HTTPS_PROXY: office.proxy }, 0.3).getAllCountries();
    await assert.rejects(failed, { name: 'DTMApiTimeoutError', message: /no answer began within 0.3 s/ });
    await assertClosed(office);
  });

  test('one that opens TLS with a certificate nobody knows: the advice is NODE_EXTRA_CA_CERTS', async (t) => {
    const office = await openOffice(t);
    const failed = api(office, { HTTPS_PROXY: office.proxy }).getAllCountries();
    await assert.rejects(failed, {
      message:
        /no answer \(DEPTH_ZERO_SELF_SIGNED_CERT: .*\); if a proxy opens TLS here, .* NODE_EXTRA_CA_CERTS$/,
    });
  });
});

describe('the option proxyEnv', () => {
  test('an address that is none is refused by the name of its variable, and not shown', () => {
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

  test('a client shows nothing of it, and takes process.env', () => {
    assertSecret(
      new DTMApi({ subscriptionKey: KEY, proxyEnv: { HTTPS_PROXY: `http://${USER}:${PASSWORD}@p` } }),
    );
    assert.doesNotThrow(() => new DTMApi({ subscriptionKey: KEY, proxyEnv: process.env }));
  });
});
