// The web store with a real server that has a different fault at each path.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError } from '../../../lib/store/store.ts';
import { webStore } from '../../../lib/store/web/web-store.ts';

type Answer = (response: ServerResponse, request: IncomingMessage) => unknown;

const time = 'Tue, 24 Nov 2026 10:00:00 GMT';
const digits = Buffer.from('0123456789');

const ANSWERS: Record<string, Answer> = {
  '/data/good.json': (response, { headers }) => {
    const [, start = '0', end = '9'] = /bytes=(\d+)-(\d+)/.exec(headers.range ?? '') ?? [];
    if (Number(start) > 9) return void response.writeHead(416).end();
    const body = digits.subarray(Number(start), Number(end) + 1);
    const range = headers.range ? { 'Content-Range': `bytes ${start}-${end}/10` } : {};
    response.writeHead(headers.range ? 206 : 200, {
      ETag: '"v1"',
      'Last-Modified': time,
      'Content-Length': body.length,
      ...range,
    });
    response.end(body);
  },
  '/data/latest.json': (response, { headers }) => {
    const isSame = headers['if-none-match'] === 'W/"v1"' && headers.range === 'bytes=0-9';
    response.writeHead(isSame ? 304 : 200, { ETag: 'W/"v1"' }).end(isSame ? undefined : digits);
  },
  '/data/dated.json': (response, { headers }) => {
    const isSame = headers['if-modified-since'] === time;
    response.writeHead(isSame ? 304 : 200, { 'Last-Modified': time }).end(isSame ? undefined : digits);
  },
  '/data/same-again.json': (response) => response.writeHead(200, { ETag: '"v1"' }).end(digits),
  '/data/always-304': (response) => response.writeHead(304).end(),
  '/data/a%20b/%25x': (response) => response.end('odd'),
  '/data/no-ranges': (response) => response.end(digits),
  '/data/other-range': (response) => response.writeHead(206, { 'Content-Range': 'bytes 0-1/10' }).end('01'),
  '/data/endless': (response) => {
    const more = () => response.write(Buffer.alloc(65536), (error) => error ?? more());
    more();
  },
  '/data/cut': (response) => {
    response.writeHead(200, { 'Content-Length': 100 });
    response.write('half', () => response.destroy());
  },
  '/data/silent': () => {},
  '/data/falls-silent': (response) => void response.writeHead(200, { 'Content-Length': 100 }).write('half'),
  '/data/slow': async (response) => {
    for (let sent = 0; sent < 8; sent++) {
      response.write('x'.repeat(1024));
      await sleep(250);
    }
    response.end();
  },
  '/data/trickles': (response) => {
    const timer = setInterval(() => response.write('x'), 30);
    response.on('close', () => clearInterval(timer));
  },
  '/data/no-length': (response) => void response.writeHead(200, { 'Transfer-Encoding': 'chunked' }).end(),
  '/data/moved': (response) => void response.writeHead(302, { Location: '/data/good.json' }).end(),
  '/data/moved-away': (response) =>
    void response.writeHead(301, { Location: 'http://127.0.0.2:1/secret' }).end(),
  '/data/circle': (response) => void response.writeHead(308, { Location: 'circle' }).end(),
  '/data/private': (response) => void response.writeHead(403).end('AccessDenied'),
  '/data/broken': (response) => void response.writeHead(500).end(),
  '/data/gone': (response) => void response.writeHead(410).end(),
};

async function serve(t: TestContext): Promise<{ url: string; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const answer = ANSWERS[request.url ?? ''];
    if (answer) answer(response, request);
    else response.writeHead(404).end('nothing');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${address && typeof address === 'object' ? address.port : 0}/data`,
    requests,
  };
}

test('get and head return objects, ranges and metadata, and null for a missing key', async (t) => {
  const { url } = await serve(t);
  for (const store of [webStore(url), webStore(`${url}/`)]) {
    assert.deepEqual(await store.get('good.json'), { body: new Uint8Array(digits), etag: '"v1"' });
    assert.deepEqual(await store.head('good.json'), {
      key: 'good.json',
      bytes: 10,
      etag: '"v1"',
      modified: new Date(time),
    });
    for (const key of ['missing', 'gone']) {
      assert.equal(await store.get(key), null);
      assert.equal(await store.head(key), null);
    }
  }
  const store = webStore(url);
  assert.deepEqual(
    (await store.get('good.json', { start: 2, end: 4 }))?.body,
    new Uint8Array(digits.subarray(2, 5)),
  );
  assert.deepEqual((await store.get('moved'))?.body, new Uint8Array(digits));
  assert.deepEqual(await store.get('a b/%x'), { body: new Uint8Array(Buffer.from('odd')), etag: '' });
});

test('getIfChanged sends one request, and recognises the version by etag or time', async (t) => {
  const { url, requests } = await serve(t);
  const store = webStore(url);
  const versions = { 'latest.json': 'W/"v1"', 'dated.json': time, 'same-again.json': '"v1"' };
  for (const [key, version] of Object.entries(versions)) {
    const before = requests.length;
    assert.equal(await store.getIfChanged(key, version, { start: 0, end: 9 }), 'unchanged', key);
    assert.equal(requests.length, before + 1);
    const found = { body: new Uint8Array(digits), etag: version };
    for (const other of ['"v0"', 'Mon, 23 Nov 2026 10:00:00 GMT', ''])
      assert.deepEqual(await store.getIfChanged(key, other), found, key);
  }
  assert.equal(await store.getIfChanged('missing', '"v1"'), null);
  await assert.rejects(store.getIfChanged('private', '"v1"'), /the server answers 403/);
  await assert.rejects(store.get('always-304'), /the server answers 304; try again later or check/);
});

test('get cuts out the range if a web server ignores Range', async (t) => {
  const store = webStore((await serve(t)).url);
  assert.deepEqual(
    (await store.get('no-ranges', { start: 2, end: 4 }))?.body,
    new Uint8Array(digits.subarray(2, 5)),
  );
  assert.equal((await store.get('endless', { start: 1_000_000, end: 2_000_000 }))?.body.length, 1_000_001);
  await assert.rejects(store.get('no-ranges', { start: 10, end: 12 }), (error: Error) => {
    return /has no bytes 10-12/.test(error.message) && error.cause instanceof RangeError;
  });
});

const HASTY = 150;

/** Only what is never whole has a short timeout: the answers of the others may be late on a busy machine. */
const FAULTS: [key: string, says: RegExp, timeout?: number][] = [
  ['private', /data\/private: the server answers 403: it is not public there, or not there/],
  ['broken', /data\/broken: the server answers 500; try again later/],
  ['circle', /redirects in circles/],
  ['moved-away', /points to http:\/\/127\.0\.0\.2:1; if you trust it, give that address/],
  ['endless', /larger than 100000 bytes, not read/],
  ['cut', /no whole answer \(.+\); check address and network/],
  ['silent', /no whole answer \(nothing came in 0\.15 s\)/, HASTY],
  ['falls-silent', /no whole answer \((nothing|only 4 bytes) came in 0\.15 s\)/, HASTY],
  ['trickles', /no whole answer \((nothing|only \d+ bytes) came in 0\.15 s\)/, HASTY],
];
for (const [key, says, timeout = 10_000] of FAULTS) {
  test(`get rejects the response of /data/${key}`, { timeout: 60_000 }, async (t) => {
    const { url, requests } = await serve(t);
    const store = webStore(url, { timeout, maxBytes: 100_000, maxAttempts: 2, retryDelay: 0 });
    await assert.rejects(store.get(key), (error) => {
      assert.ok(error instanceof StoreError && error.key === key);
      assert.match(error.message, says);
      return true;
    });
    assert.ok(requests.length <= 6);
  });
}

test('get rejects a wrong range, and head a response without Content-Length', async (t) => {
  const store = webStore((await serve(t)).url);
  await assert.rejects(store.get('good.json', { start: 20, end: 30 }), (error: Error) => {
    return /416: it has no such bytes/.test(error.message) && error.cause instanceof RangeError;
  });
  await assert.rejects(store.get('other-range', { start: 5, end: 6 }), /other bytes/);
  await assert.rejects(store.head('no-length'), /does not say how large/);
});

test('a slow body is read to its end as long as a kilobyte comes in time', async (t) => {
  const store = webStore((await serve(t)).url, { timeout: 1_500 });
  assert.equal((await store.get('slow'))?.body.length, 8192);
});

test('the error for an unreachable server has the reason and the attempts', async () => {
  await assert.rejects(webStore('http://127.0.0.1:1/', { retryDelay: 0 }).get('x'), (error) => {
    assert.ok(error instanceof StoreError && error.cause instanceof Error);
    return /^http:\/\/127\.0\.0\.1:1\/x: no whole answer \(.+\); check address and network \(tried 6 times\)$/.test(
      error.message,
    );
  });
});

test('put, delete and list are rejected, and an invalid key causes no request', async (t) => {
  const { url, requests } = await serve(t);
  const store = webStore(url);
  const refused = (error: unknown) =>
    error instanceof StoreError && error.message.startsWith(`${url} is a web address`);
  await assert.rejects(store.put('x', new Uint8Array(), 'absent'), refused);
  await assert.rejects(store.delete('x'), refused);
  await assert.rejects(store.list(''), refused);
  await assert.rejects(store.listFolders(''), refused);
  await assert.rejects(store.get('../secret'), StoreError);
  await assert.rejects(store.head('//evil.org/x'), StoreError);
  assert.deepEqual(requests, []);
});
