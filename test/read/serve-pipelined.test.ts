// A client of `serve` that sends requests faster than it takes answers.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { serveDataset } from '../../lib/read/serve.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import type { Store } from '../../lib/store/store.ts';
import { emptyFolder } from '../store/folders-and-workers.ts';

const BYTES = 3_000_000;

/** A client of a dataset with one big file, and how many parts of it were read, and how many at once. */
async function client(t: TestContext): Promise<{ socket: Socket; reads: () => number; most: () => number }> {
  const store = folderStore(await emptyFolder(t));
  await store.put('big.bin', new Uint8Array(BYTES), 'absent');
  let [reads, underWay, most] = [0, 0, 0];
  const get: Store['get'] = (key, range) => {
    reads++;
    most = Math.max(most, ++underWay);
    return store.get(key, range).finally(() => void underWay--);
  };
  const served = await serveDataset({ ...store, get }, { port: 0 });
  t.after(() => served.close());
  const socket = connect(served.port, '127.0.0.1');
  t.after(() => socket.destroy());
  return { socket, reads: () => reads, most: () => most };
}

const asking = (path: string, header = ''): string =>
  `GET /${path} HTTP/1.1\r\nHost: localhost\r\n${header}\r\n`;

test('thousands of requests at once are answered one at a time and in order', async (t) => {
  const { socket, most } = await client(t);
  const froms = Array.from({ length: 3_000 }, (_, at) => at);
  socket.write(froms.map((from) => asking('big.bin', `Range: bytes=${from}-${from}\r\n`)).join(''));
  socket.write(asking('missing', 'Connection: close\r\n'));
  const got = await text(socket);
  const sent = [...got.matchAll(/Content-Range: bytes (\d+)-/g)].map(([, from]) => Number(from));
  assert.deepEqual(sent, froms);
  assert.match(got, /404 Not Found/);
  assert.equal(most(), 1);
});

test('of a client that takes no answer no further request is read', async (t) => {
  const { socket, reads } = await client(t);
  socket.pause();
  // More than a connection holds of what nobody reads.
  socket.write(asking('big.bin').repeat(400_000));
  await sleep(300);
  assert.ok(reads() < 20, `${reads()} parts of files were read`);
  assert.ok(socket.writableLength > 0, 'the requests still wait at the client');
});

test('a client that hangs up with requests waiting ends them', async (t) => {
  const { socket, reads } = await client(t);
  socket.write(asking('big.bin').repeat(100));
  await new Promise((done) => socket.once('readable', done));
  socket.destroy();
  await sleep(50);
  const after = reads();
  await sleep(50);
  assert.equal(reads(), after);
  assert.ok(after < 20, `${after} parts of files were read`);
});
