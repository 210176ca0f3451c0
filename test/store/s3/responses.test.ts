// Responses that do not come from S3 give an error, and are never used as an object or a listing.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { s3Store } from '../../../lib/store/s3/s3-store.ts';
import { type Store, StoreError } from '../../../lib/store/store.ts';

type Answer = (response: ServerResponse) => unknown;

/** Starts a server that answers every request with `answer`. Returns a store there, and the methods of the requests. */
async function startServer(t: TestContext, answer: Answer): Promise<{ store: Store; methods: string[] }> {
  const methods: string[] = [];
  const server = createServer((request, response) => {
    methods.push(request.resume().method ?? '');
    answer(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close() && server.closeAllConnections());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'key', secretAccessKey: 'a-secret' };
  const store = s3Store('s3://bucket/data', {
    client: { endpoint, region: 'us-east-1', credentials },
    maxAttempts: 2,
  });
  return { store, methods };
}

const PAGE: Answer = (response) =>
  response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Log in');

test('get, head, list and put reject a login page', async (t) => {
  const { store, methods } = await startServer(t, PAGE);
  const refused = (says: RegExp) => (error: unknown) =>
    error instanceof StoreError && says.test(error.message);
  const page =
    /^s3:\/\/bucket\/data\/latest\.json: a web page came in place of the file: the network wants a login/;
  await assert.rejects(store.get('latest.json'), refused(page));
  await assert.rejects(store.head('latest.json'), refused(page));
  for (const listing of [store.list(''), store.listFolders('releases/')])
    await assert.rejects(
      listing,
      refused(/^s3:.*: something else came than an answer of S3; check the network and AWS_/),
    );
  await assert.rejects(
    store.put('latest.json', new Uint8Array(2), 'absent'),
    refused(
      /latest\.json: something else came than an answer of S3; check the network and AWS_ENDPOINT_URL$/,
    ),
  );
  assert.deepEqual(methods.slice(0, 2), ['GET', 'HEAD']);
});

test('list rejects XML that is no listing, instead of returning no objects', async (t) => {
  const { store } = await startServer(t, (response) => response.end('<html><body>Log in</body></html>'));
  for (const listing of [store.list(''), store.listFolders('releases/')])
    await assert.rejects(listing, /something else came than an answer of S3/);
});

test('get reads a body without Content-Length to its end', async (t) => {
  const { store } = await startServer(t, (response) => {
    response.write('0123');
    response.end('456789');
  });
  assert.equal(String(Buffer.from((await store.get('x'))?.body ?? [])), '0123456789');
});

test('head rejects a response without Content-Length', async (t) => {
  const { store } = await startServer(t, (response) =>
    response.writeHead(200, { 'Transfer-Encoding': 'chunked' }).end(),
  );
  await assert.rejects(
    store.head('x'),
    /^StoreError: s3:\/\/bucket\/data\/x: the server does not say how large it is$/,
  );
});

test('get cuts out the range if an S3 server ignores Range', async (t) => {
  const { store } = await startServer(t, (response) => response.end('0123456789'));
  const { body } = (await store.get('x', { start: 2, end: 4 })) ?? {};
  assert.equal(String(Buffer.from(body ?? [])), '234');
  await assert.rejects(store.get('x', { start: 10, end: 12 }), /x has no bytes 10-12$/);
});

test('get rejects a Content-Length that is too large for memory', async (t) => {
  const { store } = await startServer(t, (response) => {
    response.writeHead(200, { 'Content-Length': Number.MAX_SAFE_INTEGER }).write('x');
  });
  await assert.rejects(store.get('x'), /the server announces 9007199254740991 bytes, more than can be read$/);
});
