// The requests that the store sends, to a server that accepts all of them. Tests with real S3 servers are in
// `test/stack`.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type TestContext, test } from 'node:test';
import { s3Store } from '../../../lib/store/s3/s3-store.ts';
import type { Store } from '../../../lib/store/store.ts';
import { startTinyS3 } from './start-tiny-s3.ts';

/** A test that waits for this many milliseconds has waited for the attempts of a request. */
const LATE = 30_000;

const BODY = new Uint8Array(Buffer.from('{}'));

/** Starts a server with a host name. Returns a store in its bucket, and the received requests. */
async function startServer(
  t: TestContext,
  address: string,
): Promise<{ store: Store; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request.resume());
    response.setHeader('etag', '"0123"');
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close() && server.closeAllConnections());
  const listening = server.address();
  const endpoint = `http://localhost:${typeof listening === 'object' && listening?.port}`;
  const credentials = { accessKeyId: 'key', secretAccessKey: 'a-secret' };
  const store = s3Store(address, {
    client: { endpoint, region: 'us-east-1', credentials },
    visibility: 'public',
  });
  return { store, requests };
}

test('put sends one request with SHA-256, precondition and headers; bucket in the path', async (t) => {
  const { store, requests } = await startServer(t, 's3://bucket/data');
  assert.equal(await store.put('latest.json', BODY, 'absent'), '0123');
  await store.put('releases/r/csv/a b.csv.gz', BODY, { etag: '0123' });
  await store.put('status.json', new Uint8Array(), 'anything');
  const [created, swapped, put, ...more] = requests;
  assert.deepEqual(more, []);
  assert.match(created?.url ?? '', /^\/bucket\/data\/latest\.json\?/);
  assert.match(swapped?.url ?? '', /^\/bucket\/data\/releases\/r\/csv\/a%20b\.csv\.gz\?/);
  const { headers } = created as IncomingMessage;
  assert.equal(headers['if-none-match'], '*');
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['cache-control'], 'public, no-cache');
  // The SHA-256 of `{}`.
  assert.equal(headers['x-amz-checksum-sha256'], 'RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=');
  const checksums = Object.keys(headers).filter((name) => name.startsWith('x-amz-checksum-'));
  assert.deepEqual(checksums, ['x-amz-checksum-sha256']);
  assert.equal(swapped?.headers['if-match'], '"0123"');
  assert.equal(swapped?.headers['content-disposition'], 'attachment; filename="a_b.csv.gz"');
  assert.deepEqual([put?.headers['if-match'], put?.headers['if-none-match']], [undefined, undefined]);
  assert.ok(!JSON.stringify(requests.map((request) => request.headers)).includes('a-secret'));
});

test('get sends a range as Range, and rejects an invalid one without a request', async (t) => {
  const { store, requests } = await startServer(t, 's3://bucket');
  await assert.rejects(store.get('x', { start: 1, end: 2 }), /x has no bytes 1-2$/);
  await assert.rejects(
    store.get('x', { start: 2, end: 1 }),
    /^StoreError: s3:\/\/bucket\/x has no bytes 2-1$/,
  );
  assert.deepEqual(
    requests.map(({ url, headers }) => [url?.split('?')[0], headers.range]),
    [['/bucket/x', 'bytes=1-2']],
  );
});

test('getIfChanged sends one request, and finds the same version also if the server ignores the condition', async (t) => {
  for (const ignores of [[], ['if-none-match']]) {
    const { store, requests } = await startTinyS3(t, { ignores });
    const etag = await store.put('latest.json', BODY, 'anything');
    assert.equal(await store.getIfChanged('latest.json', etag, { start: 0, end: 99 }), 'unchanged');
    assert.deepEqual(await store.getIfChanged('latest.json', ''), { body: BODY, etag });
    assert.deepEqual(await store.getIfChanged('latest.json', 'other'), { body: BODY, etag });
    assert.equal(await store.getIfChanged('missing', etag), null);
    assert.deepEqual(requests.slice(1), [
      ...Array.from({ length: 3 }, () => 'GET latest.json'),
      'GET missing',
    ]);
  }
});

test('an abort ends an operation at once, with its reason, also while it waits for another attempt', async (t) => {
  const stop = new AbortController();
  const server = createServer((_, response) => void response.writeHead(503).end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close() && server.closeAllConnections());
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === 'object' && address?.port}`;
  const credentials = { accessKeyId: 'key', secretAccessKey: 'a-secret' };
  const client = { endpoint, region: 'us-east-1', credentials };
  const store = s3Store('s3://bucket', { client, maxAttempts: 50, signal: stop.signal });
  const start = performance.now();
  setTimeout(() => stop.abort(new Error('stopped by the user')), 200);
  await assert.rejects(store.getIfChanged('latest.json', 'etag'), /^Error: stopped by the user$/);
  await assert.rejects(store.head('latest.json'), /^Error: stopped by the user$/);
  assert.ok(performance.now() - start < LATE);
});
