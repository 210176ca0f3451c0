// The web store with servers that fail sometimes, compress what they send, or send something else.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { brotliCompressSync, deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import { type Store, StoreError } from '../../../lib/store/store.ts';
import { type WebOptions, webStore } from '../../../lib/store/web/web-store.ts';
import { assertSame } from '../../assert-same.ts';

type Answer = (response: ServerResponse, request: IncomingMessage, count: number) => unknown;

const BODY = new Uint8Array(300_000).map((_, index) => index * 31 + (index >> 8));
const COMPRESSED = gzipSync(BODY);

interface Server {
  readonly store: Store;
  readonly requests: IncomingMessage[];
  readonly connections: () => number;
}

/** Starts a server with these responses. Returns a store there that does not wait between attempts. */
async function startServer(t: TestContext, answer: Answer, options: WebOptions = {}): Promise<Server> {
  const requests: IncomingMessage[] = [];
  let connections = 0;
  const server = createServer((request, response) => answer(response, request, requests.push(request)));
  server.on('connection', () => void connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { store: webStore(url, { retryDelay: 0, ...options }), requests, connections: () => connections };
}

/** Responds like a server that supports ranges and versions. */
const send = (response: ServerResponse, { headers }: IncomingMessage, etag = '"v1"'): void => {
  const [, start = '0', end = ''] = /bytes=(\d+)-(\d*)/.exec(headers.range ?? '') ?? [];
  const isPart = headers.range !== undefined && (headers['if-range'] ?? etag) === etag;
  const body = isPart ? BODY.subarray(Number(start), end === '' ? undefined : Number(end) + 1) : BODY;
  const last = Number(start) + body.length - 1;
  response.writeHead(isPart ? 206 : 200, {
    'Content-Length': body.length,
    ETag: etag,
    ...(isPart && { 'Content-Range': `bytes ${start}-${last}/${BODY.length}` }),
  });
  response.end(body);
};

const RETRYABLE: [name: string, fail: Answer][] = [
  ...[408, 425, 429, 500, 502, 503, 504, 520, 524].map((status): [string, Answer] => [
    `status ${status}`,
    (response) => response.writeHead(status).end('no'),
  ]),
  ['a closed connection', (response) => response.destroy()],
  ['silence', () => {}],
  ['a response that falls silent', (response) => response.writeHead(200, { 'Content-Length': 9 }).write('x')],
  ['a truncated response', (response) => cut(response, 9)],
  ['bytes that are not HTTP', (response) => response.socket?.end('hello\r\n\r\n')],
];

/** Sends `bytes` bytes of a response and closes the connection. */
const cut = (response: ServerResponse, bytes: number, etag = '"v1"'): void => {
  response.writeHead(200, { 'Content-Length': BODY.length, ETag: etag });
  response.write(BODY.subarray(0, bytes), () => response.destroy());
};

for (const [name, fail] of RETRYABLE) {
  test(`a read that failed with ${name} is sent again`, async (t) => {
    const answer: Answer = (response, request, count) =>
      count < 3 ? fail(response, request, count) : send(response, request);
    const { store, requests } = await startServer(t, answer, { timeout: /silen/.test(name) ? 100 : 5_000 });
    assertSame((await store.get('x'))?.body, BODY);
    assert.equal(requests.length, 3);
    assert.equal((await store.head('x'))?.bytes, BODY.length);
  });
}

test('a read ends after maxAttempts, and its error says how many there were', async (t) => {
  const { store, requests } = await startServer(t, (response) => response.writeHead(503).end(), {
    maxAttempts: 3,
  });
  for (const read of [() => store.get('x'), () => store.head('x')]) {
    requests.length = 0;
    await assert.rejects(read(), /x: the server answers 503; try again later .* \(tried 3 times\)$/);
    assert.equal(requests.length, 3);
  }
});

const PERMANENT: [name: string, answer: Answer, says: RegExp][] = [
  ...[400, 401, 403, 405, 416, 501, 511].map((status): [string, Answer, RegExp] => [
    `status ${status}`,
    (response) => response.writeHead(status).end(),
    new RegExp(`the server answers ${status}`),
  ]),
  ['status 204', (response) => response.writeHead(204).end(), /the server answers 204/],
  [
    'status 101',
    (response) => response.writeHead(101, { Connection: 'upgrade', Upgrade: 'x' }).end(),
    /the server answers 101/,
  ],
  [
    'a login page',
    (response) =>
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end('\n <!doctype html>'),
    /x: a web page came in place of the file: the network wants a login, or the server has a page for every /,
  ],
  [
    'an unknown encoding',
    (response) => response.writeHead(200, { 'Content-Encoding': 'zstd-of-ours' }).end('x'),
    /expected the file as it is stored, got it as "zstd-of-ours"/,
  ],
];
for (const [name, answer, says] of PERMANENT) {
  test(`a read that failed with ${name} is not sent again`, async (t) => {
    const { store, requests } = await startServer(t, answer);
    await assert.rejects(store.get('x'), (error) => error instanceof StoreError && says.test(error.message));
    assert.equal(requests.length, 1);
  });
}

test('a stored HTML page, or JSON sent as text/html, is no login page', async (t) => {
  const { store } = await startServer(t, (response, { url }) =>
    response.writeHead(200, { 'Content-Type': 'text/html' }).end(url === '/a.json' ? '{}' : '<p>'),
  );
  assert.equal(String(Buffer.from((await store.get('index.html'))?.body ?? [])), '<p>');
  assert.equal(String(Buffer.from((await store.get('a.json'))?.body ?? [])), '{}');
  await assert.rejects(store.head('withdrawn.json'), /a web page came in place of the file/);
});

test('a read waits as long as Retry-After asks', async (t) => {
  const { store } = await startServer(t, (response, request, count) =>
    count === 1 ? response.writeHead(429, { 'Retry-After': '1' }).end() : send(response, request),
  );
  const before = performance.now();
  assert.equal((await store.get('x'))?.body.length, BODY.length);
  assert.ok(performance.now() - before > 990);
});

test('a read that is cut off several times continues where it ended', async (t) => {
  const { store, requests } = await startServer(
    t,
    (response, request) => {
      const start = Number(/=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      if (start === 0) return cut(response, 70_000);
      if (start > 200_000) return send(response, request);
      response.writeHead(206, {
        'Content-Length': BODY.length - start,
        'Content-Range': `bytes ${start}-${BODY.length - 1}/${BODY.length}`,
        ETag: '"v1"',
      });
      response.write(BODY.subarray(start, start + 70_000), () => response.destroy());
    },
    { maxAttempts: 2 },
  );
  assertSame((await store.get('x'))?.body, BODY);
  assert.deepEqual(
    requests.map(({ headers }) => headers['if-range']),
    [undefined, '"v1"', '"v1"', '"v1"'],
  );
});

test('a continued read never mixes the bytes of two versions', async (t) => {
  for (const etag of ['"v2"', 'W/"v1"', '']) {
    const { store } = await startServer(t, (response, request, count) =>
      count === 1 ? cut(response, 1_000, etag === '"v2"' ? '"v1"' : etag) : send(response, request, etag),
    );
    assertSame((await store.get('x', { start: 10, end: 200_000 }))?.body, BODY.subarray(10, 200_001));
  }
});

test('a range response that ends early is requested again', async (t) => {
  const { store, requests } = await startServer(t, (response, request, count) => {
    if (count > 1) return send(response, request);
    response.writeHead(206, { 'Content-Range': `bytes 0-99/${BODY.length}`, Connection: 'close' });
    response.useChunkedEncodingByDefault = false;
    response.end(BODY.subarray(0, 50));
  });
  assertSame((await store.get('x', { start: 0, end: 99 }))?.body, BODY.subarray(0, 100));
  assert.equal(requests.length, 2);
});

test('a stored .gz is not decompressed, whatever its Content-Encoding', async (t) => {
  for (const encoding of ['gzip', 'x-gzip', 'GZIP', 'identity', '']) {
    const { store, requests } = await startServer(t, (response, { headers }) => {
      const end = Number(/=0-(\d+)/.exec(headers.range ?? '')?.[1] ?? COMPRESSED.length - 1);
      response.writeHead(headers.range ? 206 : 200, {
        'Content-Encoding': encoding,
        'Content-Length': end + 1,
        'Content-Range': `bytes 0-${end}/${COMPRESSED.length}`,
      });
      response.end(COMPRESSED.subarray(0, end + 1));
    });
    assertSame((await store.get('a.csv.gz'))?.body, new Uint8Array(COMPRESSED));
    assert.deepEqual(
      (await store.get('a.csv.gz', { start: 0, end: 99 }))?.body,
      new Uint8Array(COMPRESSED.subarray(0, 100)),
    );
    assert.equal((await store.head('a.csv.gz'))?.bytes, COMPRESSED.length);
    assert.equal(requests[0]?.headers['accept-encoding'], 'identity');
  }
});

test('a .gz that the server decompressed is requested again as gzip', async (t) => {
  const { store, requests } = await startServer(t, (response, { headers }) => {
    const isAsked = headers['accept-encoding'] === 'gzip';
    response.writeHead(200, isAsked ? { 'Content-Encoding': 'gzip' } : {}).end(isAsked ? COMPRESSED : BODY);
  });
  assertSame((await store.get('a.csv.gz'))?.body, new Uint8Array(COMPRESSED));
  assert.deepEqual(
    (await store.get('a.csv.gz', { start: 0, end: 99 }))?.body,
    new Uint8Array(COMPRESSED.subarray(0, 100)),
  );
  assert.equal(requests.length, 4);
});

test('a compressed range in response to a request for the whole file is rejected', async (t) => {
  const { store, requests } = await startServer(t, (response) =>
    response
      .writeHead(206, { 'Content-Encoding': 'gzip', 'Content-Range': 'bytes 0-9/20' })
      .end('0123456789'),
  );
  await assert.rejects(
    store.get('x', { start: 0, end: 9 }),
    /x: the server sent other bytes than it was asked for$/,
  );
  assert.equal(requests.length, 2);
});

const ENCODINGS: [encoding: string, compressed: Uint8Array][] = [
  ['gzip', COMPRESSED],
  ['x-gzip', COMPRESSED],
  ['deflate', deflateSync(BODY)],
  ['br', brotliCompressSync(BODY)],
];
for (const [encoding, compressed] of ENCODINGS) {
  test(`a plain file that the server sends as ${encoding} is decompressed`, async (t) => {
    const { store, requests } = await startServer(t, (response, { headers }) => {
      response.writeHead(headers.range ? 206 : 200, {
        'Content-Encoding': encoding,
        ...(headers.range && { 'Content-Range': `bytes 5-9/${compressed.length}` }),
      });
      response.end(headers.range ? compressed.subarray(5, 10) : compressed);
    });
    assertSame((await store.get('x.parquet'))?.body, BODY);
    assertSame((await store.get('x.parquet', { start: 5, end: 9 }))?.body, BODY.subarray(5, 10));
    assert.deepEqual(
      requests.map(({ headers }) => headers.range),
      [undefined, 'bytes=5-9', undefined],
    );
    await assert.rejects(store.head('x.parquet'), /does not say how large it is/);
  });
}

test('a compressed body that is larger than maxBytes is rejected', async (t) => {
  const bomb = gzipSync(new Uint8Array(50_000_000));
  const { store } = await startServer(
    t,
    (response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb),
    {
      maxBytes: 100_000,
    },
  );
  await assert.rejects(store.get('x'), /larger than 100000 bytes, not read/);
  assert.equal((await store.get('x', { start: 0, end: 9 }))?.body.length, 10);
});

test('a damaged compressed body is requested again', async (t) => {
  const { store, requests } = await startServer(t, (response, _, count) => {
    response.writeHead(200, { 'Content-Encoding': 'gzip' });
    response.end(count === 1 ? COMPRESSED.subarray(0, 1_000) : COMPRESSED);
  });
  assertSame((await store.get('x'))?.body, new Uint8Array(gunzipSync(COMPRESSED)));
  assert.equal(requests.length, 2);
});

test('reads one after the other use the same connection', async (t) => {
  const { store, connections } = await startServer(t, (response, request) =>
    request.url === '/gone' ? response.writeHead(404).end('nothing') : send(response, request),
  );
  for (const key of ['x', 'gone', 'x', 'gone', 'x']) await store.get(key);
  await store.head('x');
  assert.equal(connections(), 1);
});

test('an abort ends a read and its waits with the reason of the signal', async (t) => {
  for (const fail of [() => {}, (response: ServerResponse) => response.writeHead(503).end()]) {
    const stop = new AbortController();
    const { store } = await startServer(
      t,
      (response) => {
        fail(response);
        setTimeout(() => stop.abort(new Error('stopped by the test')), 20);
      },
      { retryDelay: 1000, random: () => 1, signal: stop.signal },
    );
    await assert.rejects(store.get('x'), /^Error: stopped by the test$/);
  }
});
