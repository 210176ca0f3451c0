// The requests that a bounded read sends to a web server.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { getAtMost } from '../../lib/catalogue/bounded-read.ts';
import { webStore } from '../../lib/store/web/web-store.ts';

/** A local server with its URL, and the HTTP methods of the requests that it got. */
async function startServer(
  t: TestContext,
  listener: RequestListener,
): Promise<{ url: string; methods: (string | undefined)[] }> {
  const methods: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    methods.push(request.method);
    listener(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, methods };
}

test('getAtMost of an empty object sends HEAD after status 416 and returns no bytes', async (t) => {
  const { url, methods } = await startServer(t, ({ method }, response) => {
    if (method === 'GET') response.writeHead(416).end();
    else response.writeHead(200, { 'Content-Length': 0, ETag: '"v1"' }).end();
  });
  const found = await getAtMost(webStore(url), 'empty', 100);
  assert.deepEqual(found?.body, new Uint8Array());
  assert.deepEqual(methods, ['GET', 'HEAD']);
});

test('getAtMost sends no HEAD after status 503', async (t) => {
  const { url, methods } = await startServer(t, (_, response) => void response.writeHead(503).end());
  const store = webStore(url, { maxAttempts: 2, retryDelay: 0 });
  await assert.rejects(getAtMost(store, 'x', 100), /the server answers 503/);
  assert.deepEqual(methods, ['GET', 'GET']);
});
