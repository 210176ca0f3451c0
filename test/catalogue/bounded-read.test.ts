// What is asked of a server for what a manifest lists.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { getAtMost } from '../../lib/catalogue/bounded-read.ts';
import { webStore } from '../../lib/store/web/web-store.ts';

/** A server at an address of this machine, and the methods of what it was asked. */
async function served(
  t: TestContext,
  listener: RequestListener,
): Promise<{ url: string; asked: (string | undefined)[] }> {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.method);
    listener(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test('an empty object has no range, and is asked how large it is', async (t) => {
  const { url, asked } = await served(t, ({ method }, response) => {
    if (method === 'GET') response.writeHead(416).end();
    else response.writeHead(200, { 'Content-Length': 0, ETag: '"v1"' }).end();
  });
  const found = await getAtMost(webStore(url), 'empty', 100);
  assert.deepEqual(found?.body, new Uint8Array());
  assert.deepEqual(asked, ['GET', 'HEAD']);
});

test('a server that fails is not asked a second time how large the object is', async (t) => {
  const { url, asked } = await served(t, (_, response) => void response.writeHead(503).end());
  const store = webStore(url, { maxAttempts: 2, retryDelay: 0 });
  await assert.rejects(getAtMost(store, 'x', 100), /the server answers 503/);
  assert.deepEqual(asked, ['GET', 'GET']);
});
