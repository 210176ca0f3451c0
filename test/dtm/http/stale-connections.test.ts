// A connection that was kept, and that the server has dropped meanwhile, costs no attempt and no wait.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DTMApiRequestError } from '../../../lib/dtm/errors.ts';
import { V3 } from '../samples.ts';
import { answer, client, type Step, send, serve } from '../start-api-server.ts';
import { type Act, say, sayAndEnd, sayAndReset, serveWire } from './start-raw-server.ts';

const BODY = JSON.stringify(answer([V3.countries]));
const HEAD = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n`;
const GOOD = say(HEAD + BODY);

/** What a server does with a request on a connection that it had given up. */
const DROPPED: Readonly<Record<string, Act>> = {
  reset: sayAndReset(''),
  ended: sayAndEnd(''),
  destroyed: (socket) => void socket.destroy(),
};

describe('a request on a kept connection that dies without a byte is sent again at once', () => {
  for (const [how, drop] of Object.entries(DROPPED)) {
    test(`${how}: one attempt, no retry, a fresh connection`, async (t) => {
      const wire = await serveWire(t, GOOD, drop, GOOD);
      const api = client(wire, { maxRetries: 0 });
      await api.ask('countries');
      const second = await api.ask('countries');
      assert.deepEqual([second.attempts, second.rows], [1, [V3.countries]]);
      assert.deepEqual([wire.requests(), wire.sockets()], [3, 2]);
    });
  }

  test('nothing is logged of it', async (t) => {
    const wire = await serveWire(t, GOOD, sayAndReset(''), GOOD);
    const events: string[] = [];
    const log = (event: string) => void events.push(event);
    const api = client(wire, { logger: { debug: log, info: log, warn: log, error: log } });
    await api.ask('countries');
    await api.ask('countries');
    assert.deepEqual(events, ['dtm.request', 'dtm.answer', 'dtm.request', 'dtm.answer']);
  });

  test('once, however many connections were kept', async (t) => {
    const held: (() => void)[] = [];
    const hold: Act = (socket) => void held.push(() => GOOD(socket));
    const wire = await serveWire(t, hold, hold, hold, hold, sayAndReset(''), GOOD);
    const api = client(wire, { maxRetries: 0, concurrency: 4 });
    const first = Promise.all(Array.from({ length: 4 }, () => api.ask('countries')));
    while (held.length < 4) await new Promise(setImmediate);
    for (const release of held) release();
    await first;
    assert.equal((await api.ask('countries')).attempts, 1);
    assert.deepEqual([wire.requests(), wire.sockets()], [6, 5]);
  });
});

describe('what is no stale connection is an attempt', () => {
  test('a fresh connection that dies', async (t) => {
    const wire = await serveWire(t, sayAndReset(''), GOOD);
    assert.equal((await client(wire).ask('countries')).attempts, 2);
    assert.equal(wire.requests(), 2);
  });

  test('a kept one that dies after a byte of an answer', async (t) => {
    for (const part of ['H', HEAD, HEAD + BODY.slice(0, 9)]) {
      const wire = await serveWire(t, GOOD, sayAndEnd(part), GOOD);
      const api = client(wire);
      await api.ask('countries');
      assert.equal((await api.ask('countries')).attempts, 2, part);
    }
  });

  test('a new one, after a stale one, whose answer is no good', async (t) => {
    const wire = await serveWire(
      t,
      GOOD,
      sayAndReset(''),
      say(HEAD.replace('\r\n', '\r\nContent-Encoding: br\r\n')),
    );
    const api = client(wire, { maxRetries: 0 });
    await api.ask('countries');
    await assert.rejects(api.ask('countries'), { reason: 'encoding', attempts: 1 });
    assert.equal(wire.requests(), 3);
  });

  test('a server that drops whatever comes', async (t) => {
    const wire = await serveWire(t, GOOD, sayAndReset(''));
    const api = client(wire, { maxRetries: 1 });
    await api.ask('countries');
    await assert.rejects(
      api.ask('countries'),
      (error) => error instanceof DTMApiRequestError && error.reason === 'network' && error.attempts === 2,
    );
    assert.equal(wire.requests(), 4);
  });
});

test('a server that closes idle connections all the time costs no attempt', async (t) => {
  let calls = 0;
  const closing: Step = (response, request) => {
    send(answer([V3.countries]))(response, request);
    if (++calls % 2 === 0) response.on('finish', () => response.socket?.destroySoon());
  };
  const api = client(await serve(t, closing), { maxRetries: 0 });
  for (let call = 0; call < 50; call++) assert.equal((await api.ask('countries')).attempts, 1);
});
