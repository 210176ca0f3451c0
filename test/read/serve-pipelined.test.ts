// A client of `serve` that sends requests faster than it reads the responses.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { serveDataset } from '../../lib/read/serve.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import type { Store } from '../../lib/store/store.ts';
import { emptyFolder } from '../store/folders-and-workers.ts';
import { settle } from './settle.ts';

const BYTES = 3_000_000;

/** Connects a client to a dataset with one big file. `reads` counts the chunks read, `most` those read at once. */
async function connectClient(
  t: TestContext,
): Promise<{ socket: Socket; reads: () => number; most: () => number }> {
  const store = folderStore(await emptyFolder(t));
  await store.put('big.bin', new Uint8Array(BYTES), 'absent');
  let [reads, inProgress, most] = [0, 0, 0];
  const get: Store['get'] = (key, range) => {
    reads++;
    most = Math.max(most, ++inProgress);
    return store.get(key, range).finally(() => void inProgress--);
  };
  const served = await serveDataset({ ...store, get }, { port: 0 });
  t.after(() => served.close());
  const socket = connect(served.port, '127.0.0.1');
  t.after(() => socket.destroy());
  return { socket, reads: () => reads, most: () => most };
}

const requestText = (path: string, header = ''): string =>
  `GET /${path} HTTP/1.1\r\nHost: localhost\r\n${header}\r\n`;

test('thousands of pipelined requests are answered one at a time and in order', async (t) => {
  const { socket, most } = await connectClient(t);
  const froms = Array.from({ length: 3_000 }, (_, at) => at);
  socket.write(froms.map((from) => requestText('big.bin', `Range: bytes=${from}-${from}\r\n`)).join(''));
  socket.write(requestText('missing', 'Connection: close\r\n'));
  const received = await text(socket);
  const sent = [...received.matchAll(/Content-Range: bytes (\d+)-/g)].map(([, from]) => Number(from));
  assert.deepEqual(sent, froms);
  assert.match(received, /404 Not Found/);
  assert.equal(most(), 1);
});

test('requests of a client that does not read its responses stay unread', async (t) => {
  const { socket, reads } = await connectClient(t);
  socket.pause();
  // More than the buffers of a connection hold.
  socket.write(requestText('big.bin').repeat(400_000));
  const read = await settle(reads);
  assert.ok(read < 20, `${read} chunks were read`);
  assert.ok(socket.writableLength > 0, 'the requests still wait at the client');
});

test('waiting requests of a client that closes its connection are dropped', async (t) => {
  const { socket, reads } = await connectClient(t);
  socket.write(requestText('big.bin').repeat(100));
  await new Promise((done) => socket.once('readable', done));
  socket.destroy();
  const read = await settle(reads);
  assert.ok(read < 20, `${read} chunks were read`);
});
