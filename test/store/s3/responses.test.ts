// What a server answers in place of S3: each is a sentence, and never taken for the object or the listing.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { s3Store } from '../../../lib/store/s3/s3-store.ts';
import { type Store, StoreError } from '../../../lib/store/store.ts';

type Answer = (response: ServerResponse) => unknown;

/** A store at a server that answers everything so, and the methods that it was asked by. */
async function place(t: TestContext, answer: Answer): Promise<{ store: Store; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.resume().method ?? '');
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
  return { store, asked };
}

const PAGE: Answer = (response) =>
  response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Log in');

test('a login page is never taken for an object, a listing or a write', async (t) => {
  const { store, asked } = await place(t, PAGE);
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
  assert.deepEqual(asked.slice(0, 2), ['GET', 'HEAD']);
});

test('a page of valid XML is not taken for an empty listing', async (t) => {
  const { store } = await place(t, (response) => response.end('<html><body>Log in</body></html>'));
  for (const listing of [store.list(''), store.listFolders('releases/')])
    await assert.rejects(listing, /something else came than an answer of S3/);
});

test('bytes without an announced length are read to their end', async (t) => {
  const { store } = await place(t, (response) => {
    response.write('0123');
    response.end('456789');
  });
  assert.equal(String(Buffer.from((await store.get('x'))?.body ?? [])), '0123456789');
});

test('an object whose length is not told is said, not taken for an empty one', async (t) => {
  const { store } = await place(t, (response) =>
    response.writeHead(200, { 'Transfer-Encoding': 'chunked' }).end(),
  );
  await assert.rejects(
    store.head('x'),
    /^StoreError: s3:\/\/bucket\/data\/x: the server does not say how large it is$/,
  );
});

test('of a server that ignores ranges the asked bytes are taken', async (t) => {
  const { store } = await place(t, (response) => response.end('0123456789'));
  const { body } = (await store.get('x', { start: 2, end: 4 })) ?? {};
  assert.equal(String(Buffer.from(body ?? [])), '234');
  await assert.rejects(store.get('x', { start: 10, end: 12 }), /x has no bytes 10-12$/);
});

test('a length that no array can have is said', async (t) => {
  const { store } = await place(t, (response) => {
    response.writeHead(200, { 'Content-Length': Number.MAX_SAFE_INTEGER }).write('x');
  });
  await assert.rejects(store.get('x'), /the server announces 9007199254740991 bytes, more than can be read$/);
});
