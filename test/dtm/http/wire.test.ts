// A server may send anything and stop anywhere: every request ends with rows or with one of our errors.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DTMApiRequestError } from '../../../lib/dtm/errors.ts';
import { V3 } from '../samples.ts';
import { answer, client } from '../start-api-server.ts';
import {
  type Action,
  singleAttemptClient,
  startRawServer,
  write,
  writeAndEnd,
  writeAndReset,
  writeEndlessly,
} from './start-raw-server.ts';

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

/** Milliseconds after which a call counts as hanging. The client's own timeout is much shorter. */
const BOUND = 20_000;

async function settled(promise: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const hanging = new Promise((resolve) => {
    timer = setTimeout(resolve, BOUND, new Error('never settled'));
  });
  const end = await Promise.race([promise.catch((error) => error), hanging]);
  clearTimeout(timer);
  return end;
}

/** Collects the warnings of the process while a test runs. */
function watchWarnings(t: TestContext): unknown[] {
  const warnings: unknown[] = [];
  const note = (warning: unknown) => void warnings.push(warning);
  process.on('warning', note);
  t.after(() => process.off('warning', note));
  return warnings;
}

type Expected = 'rows' | RegExp;

/** What the server does, and the expected result of the call: rows, or an error with this text. */
const ENDS: Readonly<Record<string, readonly [action: Action, expected: Expected]>> = {
  'a good answer': [write(GOOD), 'rows'],
  'an answer in HTTP/1.0 without a length': [writeAndEnd(`HTTP/1.0 200 OK\r\n${TYPE}\r\n${BODY}`), 'rows'],
  'an answer in chunks': [
    write(`${CHUNKED}${chunk(BODY.slice(0, 9))}${chunk(BODY.slice(9))}0\r\n\r\n`),
    'rows',
  ],
  'an answer with trailers': [write(`${CHUNKED}${chunk(BODY)}0\r\nX-Sum: 1\r\n\r\n`), 'rows'],
  'an answer with chunk extensions': [
    write(`${CHUNKED}${BODY.length.toString(16)};a="b"\r\n${BODY}\r\n0;c\r\n\r\n`),
    'rows',
  ],
  'an answer after status 100': [write(`HTTP/1.1 100 Continue\r\n\r\n${GOOD}`), 'rows'],
  'an answer after status 102 and 103': [
    write(`HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${GOOD}`),
    'rows',
  ],
  'an answer sent a moment after status 100': [
    (socket) => socket.write('HTTP/1.1 100 Continue\r\n\r\n', () => setImmediate(() => socket.write(GOOD))),
    'rows',
  ],
  'an answer sent twice': [write(GOOD + GOOD), 'rows'],
  'an answer followed by garbage': [write(`${GOOD}garbage`), 'rows'],
  'status 101 with Upgrade': [
    write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
    /DTMApiRequestError: countries: expected HTTP 200, got 101, a switch to another protocol; check/,
  ],
  'status 101 with Upgrade, then a closed connection': [
    writeAndEnd('HTTP/1.1 101 X\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n'),
    /expected HTTP 200, got 101/,
  ],
  'status 101, then a good answer': [write(`HTTP/1.1 101 Switching Protocols\r\n\r\n${GOOD}`), /got 101/],
  'status 101 only': [write('HTTP/1.1 101 Switching Protocols\r\n\r\n'), /got 101/],
  'status 200 with Upgrade': [
    write(`${head(200, LENGTH, 'Upgrade: h2c\r\nConnection: Upgrade\r\n')}${BODY}`),
    'rows',
  ],
  'status 426 with Upgrade': [
    write(head(426, 'Content-Length: 0\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n')),
    /got 426/,
  ],
  'status 100, then a closed connection': [
    writeAndEnd('HTTP/1.1 100 Continue\r\n\r\n'),
    /no answer \(ECONNRESET: socket hang up\)/,
  ],
  ...Object.fromEntries(
    [200, 204, 205, 206, 226, 299, 304, 400, 404, 409, 418, 451, 499, 500, 505, 511, 599].map((status) => [
      `status ${status} without a body`,
      [
        write(head(status, 'Content-Length: 0\r\n')),
        status === 200 ? /not JSON/ : new RegExp(`got ${status}`),
      ],
    ]),
  ),
  ...Object.fromEntries(
    ['000', '001', '099', '600', '999'].map((status) => [
      `status ${status}`,
      [writeAndEnd(`${head(status, LENGTH)}${BODY}`), new RegExp(`got ${Number(status)};|no answer \\(HPE_`)],
    ]),
  ),
  ...Object.fromEntries(
    ['20', '2000', '-200', 'two', ''].map((status) => [
      `status "${status}"`,
      [writeAndEnd(`${head(status, LENGTH)}${BODY}`), /no answer \(HPE_/],
    ]),
  ),
  'status 204 with a body': [write(`${head(204)}${BODY}`), /expected HTTP 200, got 204/],
  'a connection that is closed without a byte': [writeAndEnd(''), /no answer \(ECONNRESET/],
  'a connection that is reset without a byte': [writeAndReset(''), /no answer \(ECONNRESET/],
  'a response of line ends only': [writeAndEnd('\r\n\r\n\r\n'), /no answer \((ECONNRESET|HPE_)/],
  'a response that is not HTTP': [writeAndEnd('220 mail.example ESMTP\r\n'), /no answer \(HPE_/],
  'an HTTP/2 frame': [writeAndEnd(Buffer.from('00000604000000000000040000ffff', 'hex')), /no answer \(HPE_/],
  'a TLS alert': [writeAndEnd(Buffer.from('15030300020246', 'hex')), /no answer \(HPE_/],
  'an answer in HTTP/9.9': [writeAndEnd(GOOD.replace('1.1', '9.9')), /no answer \(HPE_/],
  'headers of 100 KB': [write(head(200, `X-Large: ${'x'.repeat(100_000)}\r\n`)), /HPE_HEADER_OVERFLOW/],
  'a header that does not end': [
    writeEndlessly(`HTTP/1.1 200 OK\r\nX-Large: `, 'x'.repeat(4096)),
    /HPE_HEADER_OVERFLOW/,
  ],
  'headers that do not end': [
    writeEndlessly(`HTTP/1.1 200 OK\r\n`, 'X-More: 1\r\n'.repeat(100)),
    /HPE_HEADER_OVERFLOW/,
  ],
  'trailers that do not end': [
    writeEndlessly(`${CHUNKED}${chunk(BODY)}0\r\n`, 'X-More: 1\r\n'.repeat(100)),
    /cut short or damaged|HPE_/,
  ],
  'a header with a control character': [write(head(200, 'X-Bad: \u0001\r\n')), /no answer \(HPE_/],
  'a length and chunks': [
    writeAndEnd(`${head(200, LENGTH, 'Transfer-Encoding: chunked\r\n')}${chunk(BODY)}0\r\n\r\n`),
    /no answer \(HPE_/,
  ],
  'two lengths': [write(`${head(200, LENGTH, 'Content-Length: 5\r\n')}${BODY}`), /no answer \(HPE_/],
  'a length that is not a number': [write(head(200, 'Content-Length: many\r\n')), /no answer \(HPE_/],
  'a negative length': [write(head(200, 'Content-Length: -1\r\n')), /no answer \(HPE_/],
  'a length of 40 digits': [write(head(200, `Content-Length: ${'9'.repeat(40)}\r\n`)), /no answer \(HPE_/],
  'a length that is too short': [
    write(`${head(200, 'Content-Length: 20\r\n')}${BODY}`),
    /the body is not JSON/,
  ],
  'a length that is too long': [
    writeAndEnd(`${head(200, `Content-Length: ${BODY.length + 1}\r\n`)}${BODY}`),
    /the body was cut short or damaged \(ECONNRESET/,
  ],
  'a chunk size that is not a number': [
    write(`${CHUNKED}zz\r\n${BODY}`),
    /the body was cut short or damaged/,
  ],
  'a chunk that is longer than its size': [
    write(`${CHUNKED}5\r\n{}{}{}{}\r\n0\r\n\r\n`),
    /cut short or damaged/,
  ],
  'a chunk size of 40 digits': [write(`${CHUNKED}${'f'.repeat(40)}\r\n${BODY}`), /cut short or damaged/],
  'chunks without the last one': [writeAndEnd(`${CHUNKED}${chunk(BODY)}`), /cut short or damaged/],
  'a cut gzip in HTTP/1.0': [
    writeAndEnd(
      Buffer.concat([
        Buffer.from(`HTTP/1.0 200 OK\r\n${TYPE}Content-Encoding: gzip\r\n\r\n`),
        gzipSync(BODY).subarray(0, 30),
      ]),
    ),
    /cut short or damaged \(Z_BUF_ERROR/,
  ],
};

describe('every request ends', () => {
  for (const [name, [action, expected]] of Object.entries(ENDS)) {
    test(`${name}: ${expected === 'rows' ? 'the rows are read' : 'the call fails'}`, async (t) => {
      const warnings = watchWarnings(t);
      const end = await settled(singleAttemptClient(await startRawServer(t, action)).getAllCountries());
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
  'in chunks with a trailer': Buffer.from(`${CHUNKED}${chunk(BODY)}0\r\nX-Sum: 1\r\n\r\n`),
  'without a length': Buffer.from(`HTTP/1.0 200 OK\r\n${TYPE}\r\n${BODY}`),
  'in gzip after status 100': Buffer.concat([
    Buffer.from(`HTTP/1.1 100 Continue\r\n\r\n${head(200, `Content-Length: ${GZIP.length}\r\n`, ZIPPED)}`),
    GZIP,
  ]),
};

describe('an answer that stops early', () => {
  for (const [form, whole] of Object.entries(WHOLE)) {
    const parts = Array.from({ length: whole.length }, (_, at) => whole.subarray(0, at));
    for (const [how, action] of Object.entries({ ended: writeAndEnd, reset: writeAndReset })) {
      test(`an answer ${form} that is ${how} after any byte is an error`, async (t) => {
        const warnings = watchWarnings(t);
        const server = await startRawServer(t, ...parts.map(action), writeAndEnd(whole));
        const api = singleAttemptClient(server);
        for (const part of parts) {
          const end = await settled(api.getAllCountries());
          assert.ok(end instanceof DTMApiRequestError, `after ${part.length} bytes: ${end}`);
          assert.match(end.reason, /network|cut|not-json/);
        }
        assert.deepEqual(await settled(api.getAllCountries()), [V3.countries]);
        assert.equal(server.requests(), parts.length + 1);
        assert.deepEqual(warnings, []);
      });
    }
  }

  test('an answer that stops after any byte, on an open connection, is a timeout', async (t) => {
    const whole = Buffer.from(GOOD);
    const server = await startRawServer(t, ...Array.from(whole, (_, at) => write(whole.subarray(0, at))));
    const api = client(server, { maxRetries: 0, timeout: 2, concurrency: whole.length });
    const ends = await Promise.all(Array.from(whole, () => settled(api.getAllCountries())));
    for (const end of ends)
      assert.match(String(end), /^DTMApiTimeoutError: countries: (no answer began|the body)/);
    assert.equal(server.requests(), whole.length);
  });
});

test('an error response whose body never ends is reported by its status', async (t) => {
  for (const bytes of [head(503), head(503, 'Content-Length: 9\r\n'), `${head(503, CHUNKS)}5\r\n{`]) {
    const server = await startRawServer(t, write(bytes));
    assert.match(
      String(await settled(singleAttemptClient(server, 0.2).getAllCountries())),
      /expected HTTP 200, got 503/,
    );
  }
});

test('endless responses with status 100 are a timeout', async (t) => {
  const server = await startRawServer(t, writeEndlessly('', 'HTTP/1.1 100 Continue\r\n\r\n'));
  assert.match(
    String(await settled(singleAttemptClient(server, 0.2).getAllCountries())),
    /no answer began within 0.2 s/,
  );
});

test('a second answer to one request is never used for the next request', async (t) => {
  const other = JSON.stringify(answer([{ ...V3.countries, admin0Pcode: 'OLD' }]));
  const unasked = `${head(200, `Content-Length: ${other.length}\r\n`)}${other}`;
  for (const between of [(then: () => void) => then(), setImmediate]) {
    const twice: Action = (socket) => socket.write(GOOD, () => between(() => socket.write(unasked)));
    const server = await startRawServer(t, twice, write(GOOD));
    const api = singleAttemptClient(server);
    for (let call = 0; call < 3; call++) {
      assert.deepEqual(await settled(api.getAllCountries()), [V3.countries]);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
});
