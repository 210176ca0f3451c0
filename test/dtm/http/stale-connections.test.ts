// If the server has closed a reused connection, the request is sent again at once. That costs no attempt and no wait.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DTMApiRequestError } from '../../../lib/dtm/errors.ts';
import { V3 } from '../samples.ts';
import { answer, client, type Step, send, serve } from '../start-api-server.ts';
import { type Action, startRawServer, write, writeAndEnd, writeAndReset } from './start-raw-server.ts';

const BODY = JSON.stringify(answer([V3.countries]));
const HEAD = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n`;
const GOOD = write(HEAD + BODY);

/** How a server ends a connection at the next request on it. */
const DROPPED: Readonly<Record<string, Action>> = {
  reset: writeAndReset(''),
  ended: writeAndEnd(''),
  destroyed: (socket) => void socket.destroy(),
};

describe('a reused connection that closes without a byte', () => {
  for (const [how, drop] of Object.entries(DROPPED)) {
    test(`a reused connection that is ${how}: the request is sent again as one attempt`, async (t) => {
      const server = await startRawServer(t, GOOD, drop, GOOD);
      const api = client(server, { maxRetries: 0 });
      await api.ask('countries');
      const second = await api.ask('countries');
      assert.deepEqual([second.attempts, second.rows], [1, [V3.countries]]);
      assert.deepEqual([server.requests(), server.sockets()], [3, 2]);
    });
  }

  test('a request that is sent again on a new connection is logged once', async (t) => {
    const server = await startRawServer(t, GOOD, writeAndReset(''), GOOD);
    const events: string[] = [];
    const log = (event: string) => void events.push(event);
    const api = client(server, { logger: { debug: log, info: log, warn: log, error: log } });
    await api.ask('countries');
    await api.ask('countries');
    assert.deepEqual(events, ['dtm.request', 'dtm.answer', 'dtm.request', 'dtm.answer']);
  });

  test('a request is sent again only once, also with four idle connections', async (t) => {
    const waiting: (() => void)[] = [];
    const hold: Action = (socket) => void waiting.push(() => GOOD(socket));
    const server = await startRawServer(t, hold, hold, hold, hold, writeAndReset(''), GOOD);
    const api = client(server, { maxRetries: 0, concurrency: 4 });
    const first = Promise.all(Array.from({ length: 4 }, () => api.ask('countries')));
    while (waiting.length < 4) await new Promise(setImmediate);
    for (const release of waiting) release();
    await first;
    assert.equal((await api.ask('countries')).attempts, 1);
    assert.deepEqual([server.requests(), server.sockets()], [6, 5]);
  });
});

describe('failures that count as an attempt', () => {
  test('a new connection that is reset counts as an attempt', async (t) => {
    const server = await startRawServer(t, writeAndReset(''), GOOD);
    assert.equal((await client(server).ask('countries')).attempts, 2);
    assert.equal(server.requests(), 2);
  });

  test('a reused connection that ends after a byte counts as an attempt', async (t) => {
    for (const part of ['H', HEAD, HEAD + BODY.slice(0, 9)]) {
      const server = await startRawServer(t, GOOD, writeAndEnd(part), GOOD);
      const api = client(server);
      await api.ask('countries');
      assert.equal((await api.ask('countries')).attempts, 2, part);
    }
  });

  test('an unusable answer after a stale connection counts as one attempt', async (t) => {
    const server = await startRawServer(
      t,
      GOOD,
      writeAndReset(''),
      write(HEAD.replace('\r\n', '\r\nContent-Encoding: br\r\n')),
    );
    const api = client(server, { maxRetries: 0 });
    await api.ask('countries');
    await assert.rejects(api.ask('countries'), { reason: 'encoding', attempts: 1 });
    assert.equal(server.requests(), 3);
  });

  test('a server that resets every connection fails the call after maxRetries', async (t) => {
    const server = await startRawServer(t, GOOD, writeAndReset(''));
    const api = client(server, { maxRetries: 1 });
    await api.ask('countries');
    await assert.rejects(
      api.ask('countries'),
      (error) => error instanceof DTMApiRequestError && error.reason === 'network' && error.attempts === 2,
    );
    assert.equal(server.requests(), 4);
  });
});

test('a server that keeps closing idle connections costs no attempts', async (t) => {
  let calls = 0;
  const closing: Step = (response, request) => {
    send(answer([V3.countries]))(response, request);
    if (++calls % 2 === 0) response.on('finish', () => response.socket?.destroySoon());
  };
  const api = client(await serve(t, closing), { maxRetries: 0 });
  for (let call = 0; call < 50; call++) assert.equal((await api.ask('countries')).attempts, 1);
});
