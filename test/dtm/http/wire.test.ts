// Whatever a server sends, and wherever it stops: every request ends, in an answer or in an error of ours.

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DTMApiRequestError } from '../../../lib/dtm/errors.ts';
import { V3 } from '../samples.ts';
import { answer, client } from '../start-api-server.ts';
import { type Act, once, say, sayAndEnd, sayAndReset, sayForEver, serveWire } from './start-raw-server.ts';

const BODY = JSON.stringify(answer([V3.countries]));
const TYPE = 'Content-Type: application/json\r\n';
const LENGTH = `Content-Length: ${BODY.length}\r\n`;
const head = (status: number | string, ...lines: string[]) =>
  `HTTP/1.1 ${status} Words\r\n${TYPE}${lines.join('')}\r\n`;
const GOOD = `${head(200, LENGTH)}${BODY}`;
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const CHUNKS = 'Transfer-Encoding: chunked\r\n';
const CHUNKED = head(200, CHUNKS);
const ZIPPED = 'Content-Encoding: gzip\r\n';

/** Nothing may take longer: the client's own time is a fraction of it. */
const BOUND = 20_000;

async function settled(promise: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, BOUND, new Error('never settled'));
  });
  const end = await Promise.race([promise.catch((error) => error), late]);
  clearTimeout(timer);
  return end;
}

/** Collects what the process is warned of while a test runs. */
function watchWarnings(t: TestContext): unknown[] {
  const warnings: unknown[] = [];
  const note = (warning: unknown) => void warnings.push(warning);
  process.on('warning', note);
  t.after(() => process.off('warning', note));
  return warnings;
}

type Expected = 'rows' | RegExp;

/** What the server does, and what the call must come to: rows, or an error that says so. */
const ENDS: Readonly<Record<string, readonly [act: Act, expected: Expected]>> = {
  'a good answer': [say(GOOD), 'rows'],
  'in HTTP/1.0, without a length': [sayAndEnd(`HTTP/1.0 200 OK\r\n${TYPE}\r\n${BODY}`), 'rows'],
  'in chunks': [say(`${CHUNKED}${chunk(BODY.slice(0, 9))}${chunk(BODY.slice(9))}0\r\n\r\n`), 'rows'],
  'with trailers': [say(`${CHUNKED}${chunk(BODY)}0\r\nX-Sum: 1\r\n\r\n`), 'rows'],
  'with chunk extensions': [
    say(`${CHUNKED}${BODY.length.toString(16)};a="b"\r\n${BODY}\r\n0;c\r\n\r\n`),
    'rows',
  ],
  'after 100': [say(`HTTP/1.1 100 Continue\r\n\r\n${GOOD}`), 'rows'],
  'after 102 and 103': [
    say(`HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${GOOD}`),
    'rows',
  ],
  'after 100, in two pieces': [
    (socket) => socket.write('HTTP/1.1 100 Continue\r\n\r\n', () => setImmediate(() => socket.write(GOOD))),
    'rows',
  ],
  'twice on one connection': [say(GOOD + GOOD), 'rows'],
  'and garbage after it': [say(`${GOOD}garbage`), 'rows'],
  '101 with Upgrade': [
    say('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
    /DTMApiRequestError: countries: expected HTTP 200, got 101, a switch to another protocol; check/,
  ],
  '101 with Upgrade, and an end': [
    sayAndEnd('HTTP/1.1 101 X\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n'),
    /expected HTTP 200, got 101/,
  ],
  '101 and a good answer': [say(`HTTP/1.1 101 Switching Protocols\r\n\r\n${GOOD}`), /got 101/],
  '101 alone': [say('HTTP/1.1 101 Switching Protocols\r\n\r\n'), /got 101/],
  'Upgrade with 200': [say(`${head(200, LENGTH, 'Upgrade: h2c\r\nConnection: Upgrade\r\n')}${BODY}`), 'rows'],
  'Upgrade with 426': [
    say(head(426, 'Content-Length: 0\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n')),
    /got 426/,
  ],
  '100 and an end': [sayAndEnd('HTTP/1.1 100 Continue\r\n\r\n'), /no answer \(ECONNRESET: socket hang up\)/],
  ...Object.fromEntries(
    [200, 204, 205, 206, 226, 299, 304, 400, 404, 409, 418, 451, 499, 500, 505, 511, 599].map((status) => [
      `status ${status} without a body`,
      [say(head(status, 'Content-Length: 0\r\n')), status === 200 ? /not JSON/ : new RegExp(`got ${status}`)],
    ]),
  ),
  ...Object.fromEntries(
    ['000', '001', '099', '600', '999'].map((status) => [
      `status ${status}`,
      [sayAndEnd(`${head(status, LENGTH)}${BODY}`), new RegExp(`got ${Number(status)};|no answer \\(HPE_`)],
    ]),
  ),
  ...Object.fromEntries(
    ['20', '2000', '-200', 'two', ''].map((status) => [
      `status "${status}"`,
      [sayAndEnd(`${head(status, LENGTH)}${BODY}`), /no answer \(HPE_/],
    ]),
  ),
  'a 204 with a body': [say(`${head(204)}${BODY}`), /expected HTTP 200, got 204/],
  'nothing, and an end': [sayAndEnd(''), /no answer \(ECONNRESET/],
  'nothing, and a reset': [sayAndReset(''), /no answer \(ECONNRESET/],
  'line ends alone': [sayAndEnd('\r\n\r\n\r\n'), /no answer \((ECONNRESET|HPE_)/],
  'no HTTP': [sayAndEnd('220 mail.example ESMTP\r\n'), /no answer \(HPE_/],
  'HTTP/2': [sayAndEnd(Buffer.from('00000604000000000000040000ffff', 'hex')), /no answer \(HPE_/],
  'a TLS alert': [sayAndEnd(Buffer.from('15030300020246', 'hex')), /no answer \(HPE_/],
  'HTTP/9.9': [sayAndEnd(GOOD.replace('1.1', '9.9')), /no answer \(HPE_/],
  'headers of 100 KB': [say(head(200, `X-Large: ${'x'.repeat(100_000)}\r\n`)), /HPE_HEADER_OVERFLOW/],
  'a header without end': [
    sayForEver(`HTTP/1.1 200 OK\r\nX-Large: `, 'x'.repeat(4096)),
    /HPE_HEADER_OVERFLOW/,
  ],
  'headers without end': [
    sayForEver(`HTTP/1.1 200 OK\r\n`, 'X-More: 1\r\n'.repeat(100)),
    /HPE_HEADER_OVERFLOW/,
  ],
  'trailers without end': [
    sayForEver(`${CHUNKED}${chunk(BODY)}0\r\n`, 'X-More: 1\r\n'.repeat(100)),
    /cut short or damaged|HPE_/,
  ],
  'a header with a control character': [say(head(200, 'X-Bad: \u0001\r\n')), /no answer \(HPE_/],
  'a length and chunks': [
    sayAndEnd(`${head(200, LENGTH, 'Transfer-Encoding: chunked\r\n')}${chunk(BODY)}0\r\n\r\n`),
    /no answer \(HPE_/,
  ],
  'two lengths': [say(`${head(200, LENGTH, 'Content-Length: 5\r\n')}${BODY}`), /no answer \(HPE_/],
  'a length that is none': [say(head(200, 'Content-Length: many\r\n')), /no answer \(HPE_/],
  'a length below zero': [say(head(200, 'Content-Length: -1\r\n')), /no answer \(HPE_/],
  'a length beyond all numbers': [
    say(head(200, `Content-Length: ${'9'.repeat(40)}\r\n`)),
    /no answer \(HPE_/,
  ],
  'a length too short': [say(`${head(200, 'Content-Length: 20\r\n')}${BODY}`), /the body is not JSON/],
  'a length too long, and an end': [
    sayAndEnd(`${head(200, `Content-Length: ${BODY.length + 1}\r\n`)}${BODY}`),
    /the body was cut short or damaged \(ECONNRESET/,
  ],
  'a chunk size that is none': [say(`${CHUNKED}zz\r\n${BODY}`), /the body was cut short or damaged/],
  'a chunk shorter than it says': [say(`${CHUNKED}5\r\n{}{}{}{}\r\n0\r\n\r\n`), /cut short or damaged/],
  'a chunk size beyond all numbers': [say(`${CHUNKED}${'f'.repeat(40)}\r\n${BODY}`), /cut short or damaged/],
  'chunks without the last one, and an end': [sayAndEnd(`${CHUNKED}${chunk(BODY)}`), /cut short or damaged/],
  'gzip, cut, in HTTP/1.0': [
    sayAndEnd(
      Buffer.concat([
        Buffer.from(`HTTP/1.0 200 OK\r\n${TYPE}Content-Encoding: gzip\r\n\r\n`),
        gzipSync(BODY).subarray(0, 30),
      ]),
    ),
    /cut short or damaged \(Z_BUF_ERROR/,
  ],
};

describe('every request ends', () => {
  for (const [name, [act, expected]] of Object.entries(ENDS)) {
    test(name, async (t) => {
      const warnings = watchWarnings(t);
      const end = await settled(once(await serveWire(t, act)).getAllCountries());
      if (expected === 'rows') assert.deepEqual(end, [V3.countries]);
      else assert.match(String(end), expected);
      assert.ok(expected === 'rows' || end instanceof DTMApiRequestError);
      await new Promise(setImmediate);
      assert.deepEqual(warnings, []);
    });
  }
});

const GZIP = gzipSync(BODY);
const WHOLE: Readonly<Record<string, Buffer>> = {
  'with a length': Buffer.from(GOOD),
  'in chunks, with a trailer': Buffer.from(`${CHUNKED}${chunk(BODY)}0\r\nX-Sum: 1\r\n\r\n`),
  'until the end of the connection': Buffer.from(`HTTP/1.0 200 OK\r\n${TYPE}\r\n${BODY}`),
  'in gzip, after 100': Buffer.concat([
    Buffer.from(`HTTP/1.1 100 Continue\r\n\r\n${head(200, `Content-Length: ${GZIP.length}\r\n`, ZIPPED)}`),
    GZIP,
  ]),
};

describe('an answer that stops after any of its bytes is an error, and the whole one is read', () => {
  for (const [form, whole] of Object.entries(WHOLE)) {
    const parts = Array.from({ length: whole.length }, (_, at) => whole.subarray(0, at));
    for (const [how, act] of Object.entries({ ended: sayAndEnd, reset: sayAndReset })) {
      test(`${form}, ${how}`, async (t) => {
        const warnings = watchWarnings(t);
        const wire = await serveWire(t, ...parts.map(act), sayAndEnd(whole));
        const api = once(wire);
        for (const part of parts) {
          const end = await settled(api.getAllCountries());
          assert.ok(end instanceof DTMApiRequestError, `after ${part.length} bytes: ${end}`);
          assert.match(end.reason, /network|cut|not-json/);
        }
        assert.deepEqual(await settled(api.getAllCountries()), [V3.countries]);
        assert.equal(wire.requests(), parts.length + 1);
        assert.deepEqual(warnings, []);
      });
    }
  }

  test('and silent: no answer in time', async (t) => {
    const whole = Buffer.from(GOOD);
    const wire = await serveWire(t, ...Array.from(whole, (_, at) => say(whole.subarray(0, at))));
    const api = client(wire, { maxRetries: 0, timeout: 0.4, concurrency: whole.length });
    const ends = await Promise.all(Array.from(whole, () => settled(api.getAllCountries())));
    for (const end of ends)
      assert.match(String(end), /^DTMApiTimeoutError: countries: (no answer began|the body)/);
    assert.equal(wire.requests(), whole.length);
  });
});

test('an error whose body never ends is told by its status', async (t) => {
  for (const bytes of [head(503), head(503, 'Content-Length: 9\r\n'), `${head(503, CHUNKS)}5\r\n{`]) {
    const wire = await serveWire(t, say(bytes));
    assert.match(String(await settled(once(wire, 0.2).getAllCountries())), /expected HTTP 200, got 503/);
  }
});

test('information without end is no answer, in time', async (t) => {
  const wire = await serveWire(t, sayForEver('', 'HTTP/1.1 100 Continue\r\n\r\n'));
  assert.match(String(await settled(once(wire, 0.2).getAllCountries())), /no answer began within 0.2 s/);
});

test('an answer that comes after the answer is never taken for the next one', async (t) => {
  const other = JSON.stringify(answer([{ ...V3.countries, admin0Pcode: 'OLD' }]));
  const unasked = `${head(200, `Content-Length: ${other.length}\r\n`)}${other}`;
  for (const between of [(then: () => void) => then(), setImmediate]) {
    const twice: Act = (socket) => socket.write(GOOD, () => between(() => socket.write(unasked)));
    const wire = await serveWire(t, twice, say(GOOD));
    const api = once(wire);
    for (let call = 0; call < 3; call++) {
      assert.deepEqual(await settled(api.getAllCountries()), [V3.countries]);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
});
