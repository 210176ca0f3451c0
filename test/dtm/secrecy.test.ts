// A key never appears in errors and their causes, logs, inspection or JSON, even if the server echoes it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { DTMApi } from '../../lib/dtm/client.ts';
import { createKeyRing } from '../../lib/dtm/key-ring.ts';
import { V3 } from './samples.ts';
import { answer, client, refusal, type Step, send, serve, UNKNOWN } from './start-api-server.ts';

const KEYS = ['Pr1m"ary/^0123456789', 'S3cond+ary%0123456789'] as const;
const [subscriptionKey, secondaryKey] = KEYS;
// The beginnings of keys, because a text may be cut in the middle of a key.
const TRACES = [...KEYS, ...KEYS.map(encodeURIComponent), '0123456789', 'Pr1m', 'pr1m', 'S3co', 's3co'];

/** Everything that a program could print of a value: inspected, as JSON, and the texts of all causes. */
function printedForms(value: unknown): string {
  const deep = inspect(value, { depth: 20, showHidden: true, maxStringLength: null });
  const causes: string[] = [];
  for (let each = value; each instanceof Error; each = each.cause)
    causes.push(String(each), each.stack ?? '');
  return [deep, JSON.stringify(value), ...causes].join('\n');
}

function assertSecret(value: unknown): void {
  const text = printedForms(value);
  for (const trace of TRACES) assert.ok(!text.includes(trace), `${trace} in ${text}`);
}

test('a printed client shows only its version and address', () => {
  const api = new DTMApi({ subscriptionKey, secondaryKey });
  assertSecret(api);
  assert.deepEqual(JSON.parse(JSON.stringify(api)), { apiVersion: 'v3', baseUrl: 'https://dtmapi.iom.int' });
});

const key = (request: Parameters<Step>[1]) => String(request.headers['ocp-apim-subscription-key']);
const long = 'x'.repeat(55);
const typed = { 'Content-Type': 'application/json' };

const ECHOES: Record<string, Step> = {
  'the message of a 401': (response, request) =>
    send({ message: `bad key ${key(request)}` }, 401)(response, request),
  'the message of a 403': (response, request) =>
    send({ message: `bad key ${key(request)}` }, 403)(response, request),
  'the page of a 403': (response, request) =>
    send(`<p>${key(request)}`, 403, { 'Content-Type': 'text/html' })(response, request),
  'a long message of a 500': (response, request) =>
    send({ message: long.repeat(5) + key(request) }, 500)(response, request),
  'the envelope of a 400': (response, request) => send(refusal(key(request)), 400)(response, request),
  'the message of a refusal': (response, request) => send(refusal(`no: ${key(request)}`))(response, request),
  'the message for an unknown country': (response, request) =>
    send(refusal(`${UNKNOWN.errorMessages} ${key(request)}`))(response, request),
  'a field that is cut within the key': (response, request) =>
    send(answer([{ ...V3.admin0, numberMales: long + key(request) }]))(response, request),
  'a country code': (response, request) =>
    send(answer([{ ...V3.admin0, admin0Pcode: key(request) }]))(response, request),
  'a reporting date': (response, request) =>
    send(answer([{ ...V3.admin0, reportingDate: key(request) }]))(response, request),
  'a field of the envelope': (response, request) =>
    send(answer([], { isSuccess: key(request) }))(response, request),
  'a body that is not JSON': (response, request) => send(`${key(request)}`)(response, request),
  'a body of invalid JSON': (response, request) =>
    send(`{"a":${JSON.stringify(key(request))},}`)(response, request),
  'a long body that is not JSON': (response, request) => send(`${long}${key(request)}`)(response, request),
  'the content type': (response, request) =>
    send('', 200, { 'Content-Type': `a/${key(request)}` })(response, request),
  'the content encoding': (response, request) =>
    send('', 200, { 'Content-Encoding': key(request) })(response, request),
  'the address of a redirect': (response, request) =>
    send('', 302, { Location: `/login/${key(request)}` })(response, request),
  'the encoded address of a redirect': (response, request) =>
    send('', 302, { Location: `/login/${encodeURIComponent(key(request))}` })(response, request),
  'the half-encoded address of a redirect': (response, request) =>
    send('', 302, { Location: `/login/${encodeURI(key(request))}` })(response, request),
  'a response that is not HTTP': (response, request) =>
    void response.socket?.end(`X-Key ${key(request)}\r\n\r\n`),
  'a broken header': (response, request) =>
    void response.socket?.end(`HTTP/1.1 200 OK\r\nBad ${key(request)}: \u0001\r\n\r\n`),
  'a cut body': (response, request) => {
    response.writeHead(200, { ...typed, 'Content-Length': 1000 });
    response.write(key(request), () => response.destroy());
  },
};

for (const [name, step] of Object.entries(ECHOES)) {
  test(`a key that the server echoes in ${name} is in no error and no log`, async (t) => {
    const lines: unknown[] = [];
    const log = (event: string, fields: object) => lines.push([event, fields]);
    const logger = { debug: log, info: log, warn: log, error: log };
    const server = await serve(t, step);
    const api = client(server, { subscriptionKey, secondaryKey, logger, maxRetries: 1 });
    const failed = await api
      .getIdpAdmin0Data({ operation: 'Flood response', admin0Pcode: 'NWL' })
      .catch((each) => each);
    assert.ok(failed instanceof Error, 'the call fails');
    assertSecret(failed);
    assert.ok(lines.length > 1);
    assertSecret(lines);
  });
}

test('a key that the server echoes as a field name is not in the log', async (t) => {
  const lines: unknown[] = [];
  const log = (event: string, fields: object) => lines.push([event, fields]);
  const logger = { debug: log, info: log, warn: log, error: log };
  const server = await serve(t, send(answer([{ ...V3.admin0, [subscriptionKey]: 1 }])));
  await client(server, { subscriptionKey, logger }).getIdpAdmin0Data({ admin0Pcode: 'NWL' });
  assert.equal(lines.length, 3);
  assertSecret(lines);
});

test('the logger gets every event of a call in order, with its fields', async (t) => {
  const lines: [string, Record<string, unknown>][] = [];
  const log = (event: string, fields: Record<string, unknown>) => lines.push([event, fields]);
  const logger = { debug: log, info: log, warn: log, error: log };
  const later = send({ message: 'later' }, 503);
  const server = await serve(
    t,
    send({}, 401),
    later,
    send(answer([{ ...V3.admin0, extra: 1 }])),
    send({}, 400),
  );
  const api = client(server, { secondaryKey, logger });
  await api.getIdpAdmin0Data({ admin0Pcode: 'NWL' });
  await api.getAllCountries().catch(() => {});
  const requestFields = { endpoint: 'admin0', level: 0, country: 'NWL' };
  const events = [
    'dtm.request',
    'dtm.key',
    'dtm.request',
    'dtm.retry',
    'dtm.request',
    'dtm.answer',
    'dtm.drift',
  ];
  assert.deepEqual(
    lines.map(([event]) => event),
    [...events, 'dtm.request', 'dtm.failure'],
  );
  const { wait, seconds, message, ...retry } = lines[3]?.[1] ?? {};
  assert.deepEqual(retry, { ...requestFields, error: 'DTMApiRequestError', status: 503, attempt: 2 });
  assert.deepEqual([typeof wait, typeof seconds, typeof message], ['number', 'number', 'string']);
  const { seconds: _, bytes, ...answerFields } = lines[5]?.[1] ?? {};
  assert.deepEqual(answerFields, { ...requestFields, outcome: 'rows', status: 200, attempt: 3, rows: 1 });
  assert.ok(Number(bytes) > 100);
  assert.deepEqual(lines[6]?.[1], { ...requestFields, unknownFields: ['extra'] });
});

test('redact removes a long key from texts, but not a key of one letter', () => {
  assert.equal(createKeyRing('k', undefined).redact('key'), 'key');
  assert.equal(createKeyRing('long-key', 'other').redact('a long-key, another'), 'a [key], an[key]');
});
