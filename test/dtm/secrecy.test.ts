// The key appears nowhere: not in errors and their causes, logs, inspection or JSON, also when the server echoes it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { DTMApi } from '../../lib/dtm/client.ts';
import { createKeyRing } from '../../lib/dtm/key-ring.ts';
import { V3 } from './samples.ts';
import { answer, client, refusal, type Step, send, serve, UNKNOWN } from './start-api-server.ts';

const KEYS = ['Pr1m"ary/^0123456789', 'S3cond+ary%0123456789'] as const;
const [subscriptionKey, secondaryKey] = KEYS;
// The beginnings stand for what is left of a key when a text that holds it is cut.
const TRACES = [...KEYS, ...KEYS.map(encodeURIComponent), '0123456789', 'Pr1m', 'pr1m', 'S3co', 's3co'];

/** All that a program could print of a value: inspected, as JSON, and as text down the chain of causes. */
function everything(value: unknown): string {
  const deep = inspect(value, { depth: 20, showHidden: true, maxStringLength: null });
  const causes: string[] = [];
  for (let each = value; each instanceof Error; each = each.cause)
    causes.push(String(each), each.stack ?? '');
  return [deep, JSON.stringify(value), ...causes].join('\n');
}

function assertSecret(value: unknown): void {
  const text = everything(value);
  for (const trace of TRACES) assert.ok(!text.includes(trace), `${trace} in ${text}`);
}

test('a client shows its version and address only', () => {
  const api = new DTMApi({ subscriptionKey, secondaryKey });
  assertSecret(api);
  assert.deepEqual(JSON.parse(JSON.stringify(api)), { apiVersion: 'v3', baseUrl: 'https://dtmapi.iom.int' });
});

const key = (request: Parameters<Step>[1]) => String(request.headers['ocp-apim-subscription-key']);
const long = 'x'.repeat(55);
const typed = { 'Content-Type': 'application/json' };

const ECHOES: Record<string, Step> = {
  '401 message': (response, request) => send({ message: `bad key ${key(request)}` }, 401)(response, request),
  '403 message': (response, request) => send({ message: `bad key ${key(request)}` }, 403)(response, request),
  '403 page': (response, request) =>
    send(`<p>${key(request)}`, 403, { 'Content-Type': 'text/html' })(response, request),
  '500 message': (response, request) =>
    send({ message: long.repeat(5) + key(request) }, 500)(response, request),
  '400 envelope': (response, request) => send(refusal(key(request)), 400)(response, request),
  refusal: (response, request) => send(refusal(`no: ${key(request)}`))(response, request),
  'unknown country': (response, request) =>
    send(refusal(`${UNKNOWN.errorMessages} ${key(request)}`))(response, request),
  'a field, cut in the middle of it': (response, request) =>
    send(answer([{ ...V3.admin0, numberMales: long + key(request) }]))(response, request),
  'a code': (response, request) =>
    send(answer([{ ...V3.admin0, admin0Pcode: key(request) }]))(response, request),
  'a date': (response, request) =>
    send(answer([{ ...V3.admin0, reportingDate: key(request) }]))(response, request),
  'the envelope': (response, request) => send(answer([], { isSuccess: key(request) }))(response, request),
  'no JSON': (response, request) => send(`${key(request)}`)(response, request),
  'JSON that is none': (response, request) =>
    send(`{"a":${JSON.stringify(key(request))},}`)(response, request),
  'a long text': (response, request) => send(`${long}${key(request)}`)(response, request),
  'content type': (response, request) =>
    send('', 200, { 'Content-Type': `a/${key(request)}` })(response, request),
  'content encoding': (response, request) =>
    send('', 200, { 'Content-Encoding': key(request) })(response, request),
  redirect: (response, request) => send('', 302, { Location: `/login/${key(request)}` })(response, request),
  'redirect, encoded': (response, request) =>
    send('', 302, { Location: `/login/${encodeURIComponent(key(request))}` })(response, request),
  'redirect, half encoded': (response, request) =>
    send('', 302, { Location: `/login/${encodeURI(key(request))}` })(response, request),
  'no HTTP': (response, request) => void response.socket?.end(`X-Key ${key(request)}\r\n\r\n`),
  'a broken header': (response, request) =>
    void response.socket?.end(`HTTP/1.1 200 OK\r\nBad ${key(request)}: \u0001\r\n\r\n`),
  'a cut body': (response, request) => {
    response.writeHead(200, { ...typed, 'Content-Length': 1000 });
    response.write(key(request), () => response.destroy());
  },
};

for (const [name, step] of Object.entries(ECHOES)) {
  test(`echoed by the server: ${name}`, async (t) => {
    const lines: unknown[] = [];
    const log = (event: string, fields: object) => lines.push([event, fields]);
    const logger = { debug: log, info: log, warn: log, error: log };
    const server = await serve(t, step);
    const api = client(server, { subscriptionKey, secondaryKey, logger, maxRetries: 1 });
    const failed = await api
      .getIdpAdmin0Data({ operation: 'Flood response', admin0Pcode: 'NWL' })
      .catch((each) => each);
    assert.ok(failed instanceof Error, 'it failed');
    assertSecret(failed);
    assert.ok(lines.length > 1);
    assertSecret(lines);
  });
}

test('echoed as the name of a field', async (t) => {
  const lines: unknown[] = [];
  const log = (event: string, fields: object) => lines.push([event, fields]);
  const logger = { debug: log, info: log, warn: log, error: log };
  const server = await serve(t, send(answer([{ ...V3.admin0, [subscriptionKey]: 1 }])));
  await client(server, { subscriptionKey, logger }).getIdpAdmin0Data({ admin0Pcode: 'NWL' });
  assert.equal(lines.length, 3);
  assertSecret(lines);
});

test('a log tells what happened, in order', async (t) => {
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
  const asked = { endpoint: 'admin0', level: 0, country: 'NWL' };
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
  assert.deepEqual(retry, { ...asked, error: 'DTMApiRequestError', status: 503, attempt: 2 });
  assert.deepEqual([typeof wait, typeof seconds, typeof message], ['number', 'number', 'string']);
  const { seconds: _, bytes, ...got } = lines[5]?.[1] ?? {};
  assert.deepEqual(got, { ...asked, outcome: 'rows', status: 200, attempt: 3, rows: 1 });
  assert.ok(Number(bytes) > 100);
  assert.deepEqual(lines[6]?.[1], { ...asked, unknownFields: ['extra'] });
});

test('a key of a few letters is not struck out of every text', () => {
  assert.equal(createKeyRing('k', undefined).redact('key'), 'key');
  assert.equal(createKeyRing('long-key', 'other').redact('a long-key, another'), 'a [key], an[key]');
});
