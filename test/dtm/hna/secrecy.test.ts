// Neither the key nor the token of a link is in an error, a log line or a printed client, wherever a server echoes it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { DTMApi } from '../../../lib/dtm/client.ts';
import { DTMApiError } from '../../../lib/dtm/errors.ts';
import { DTMHnaApi } from '../../../lib/dtm/hna/client.ts';
import { type Step, send, serve } from '../start-api-server.ts';
import { hnaClient, linkTo, nested, QUERY, WORKBOOK } from './start-hna-server.ts';

/** Everything that a program could print of a value. */
function printedForms(value: unknown): string {
  const causes: string[] = [];
  for (let each = value; each instanceof Error; each = each.cause)
    causes.push(String(each), each.stack ?? '');
  return [
    inspect(value, { depth: 20, showHidden: true, maxStringLength: null }),
    JSON.stringify(value),
    ...causes,
  ].join('\n');
}

function assertSecret(value: unknown, traces: readonly string[]): void {
  const text = printedForms(value);
  for (const trace of traces) assert.ok(!text.includes(trace), `${trace} in ${text}`);
}

/** A client that keeps its log. */
function logged(server: { url: string }, subscriptionKey: string) {
  const lines: unknown[] = [];
  const log = (event: string, fields: object) => lines.push([event, fields]);
  const logger = { debug: log, info: log, warn: log, error: log };
  return { api: hnaClient(server, { subscriptionKey, logger, maxRetries: 1, retryDelay: 0 }), lines };
}

test('a printed client shows only its version and address', () => {
  const api = new DTMHnaApi({ subscriptionKey: 'Pr1mary-0123', secondaryKey: 'S3cond-0123' });
  assertSecret(api, ['Pr1mary', 'S3cond']);
  assert.deepEqual(JSON.parse(JSON.stringify(api)), { apiVersion: 'v1', baseUrl: 'https://dtmapi.iom.int' });
});

/** Places where the API can echo a secret. */
const API_ECHOES: ((secret: string) => Step)[] = [
  (secret) => send({ message: `bad ${secret}` }, 401),
  (secret) => send({ message: `bad ${secret}` }, 500),
  (secret) => send({ message: `bad ${secret}` }),
  (secret) => send(nested([], { isSuccess: false, errorMessages: [`${'x'.repeat(290)}${secret}`] })),
  (secret) => send(nested([], {}, { exception: secret })),
  (secret) => send(nested([], {}, { exception: { Message: secret } })),
  (secret) => send(nested([], { isSuccess: secret })),
  (secret) => send(nested({ data: secret })),
  (secret) => send(nested({ data: [secret] })),
  (secret) => send(nested({ data: [{ [secret]: {} }] })),
  (secret) => send(nested({ data: [], pagination: { hasNextPage: secret } })),
  (secret) => send({ downloadUrl: secret, fileName: secret }),
  (secret) => send({ downloadUrl: `http://example.org/${secret}` }),
  (secret) => send({ fileName: secret, expiresAt: secret }),
  (secret) => send(secret),
  (secret) => send('', 302, { Location: `https://example.org/${encodeURIComponent(secret)}` }),
];

const secret = fc
  .array(fc.constantFrom(...'abcXYZ0189-._~+/=%&"^'), { minLength: 12, maxLength: 30 })
  .map((letters) => `q${letters.join('')}Q`);

test('a key that the API echoes anywhere is in no error and no log line', async (t) => {
  let step: Step = send({});
  const server = await serve(t, (response, request) => step(response, request));
  await fc.assert(
    fc.asyncProperty(secret, fc.constantFrom(...API_ECHOES), async (key, echo) => {
      step = echo(key);
      const { api, lines } = logged(server, key);
      for (const ask of [
        api.getHnaAdmin2Data(QUERY),
        api.getHnaDownloadUrl(QUERY),
        api.getAllHnaAdmin2Data(QUERY),
      ]) {
        const failed = await ask.catch((each) => each);
        assert.ok(failed instanceof DTMApiError, 'the call fails');
        assertSecret([failed, lines], [key, encodeURIComponent(key)]);
      }
      assert.ok(lines.length > 2);
      api.close();
    }),
    { numRuns: 150 },
  );
});

/** Links that hold a token. */
const LINKS: ((token: string) => string)[] = [
  (token) => `/r.xlsx?sig=${encodeURIComponent(token)}`,
  (token) => `/r.xlsx?${encodeURIComponent(token)}`,
  (token) => `/r.xlsx?a=1&${encodeURIComponent(token)}=b`,
  (token) => `/${encodeURIComponent(token)}/r.xlsx`,
  (token) => `/r.xlsx?sig=${encodeURI(token).replaceAll('&', '%26')}`,
];

/** Places where the host of the file can echo it. */
const FILE_ECHOES: ((token: string) => Step)[] = [
  (token) => send({ message: token }, 403),
  (token) => send(`<Error>${token}</Error>`, 403, { 'Content-Type': 'application/xml' }),
  (token) => send({ message: token }, 500),
  (token) => send(token, 200, { 'Content-Type': 'text/html' }),
  (token) => send('', 302, { Location: `https://example.org/${encodeURIComponent(token)}` }),
  (token) => send(WORKBOOK, 200, { 'Content-Encoding': token }),
  (token) => (response) => void response.socket?.end(`X ${token}\r\n\r\n`),
  (token) => (response) => void response.socket?.end(`HTTP/1.1 200 OK\r\nBad ${token}: \u0001\r\n\r\n`),
  () => (response) => void response.destroy(),
];

test('a token of a link that its host echoes anywhere is in no error and no log line', async (t) => {
  let step: Step = send({});
  const server = await serve(t, (response, request) => step(response, request));
  await fc.assert(
    fc.asyncProperty(
      secret,
      fc.constantFrom(...LINKS),
      fc.constantFrom(...FILE_ECHOES),
      async (token, link, echo) => {
        step = linkTo(echo(token), { downloadUrl: server.url + link(token) });
        const { api, lines } = logged(server, 'some-other-key-0123');
        const failed = await api.downloadHnaData(QUERY).catch((each) => each);
        assert.ok(failed instanceof DTMApiError, 'the call fails');
        assertSecret([failed, lines], [token, encodeURIComponent(token), link(token)]);
        assert.ok(lines.length > 3);
        api.close();
      },
    ),
    { numRuns: 200 },
  );
});

test('the query of an address in a message of the API is not shown', async (t) => {
  const text =
    'see https://blob.example/r.xlsx?sig=c2VjcmV0 and "https://a.example/b#c2VjcmV0" https:\\/\\/a.example?c2VjcmV0';
  const server = await serve(t, send(nested([], { isSuccess: false, errorMessages: [text] })));
  const error = await hnaClient(server)
    .getHnaDownloadUrl(QUERY)
    .catch((each) => each);
  assertSecret(error, ['c2VjcmV0']);
  assert.deepEqual(error.errorMessages, [
    'see https://blob.example/r.xlsx?[hidden] and "https://a.example/b?[hidden]" https:\\/\\/a.example?[hidden]',
  ]);
});

test('a message of millions of characters is cleaned at once', async (t) => {
  for (const part of ['a', 'http://', '://?', 'a:']) {
    const text = part.repeat(2e6);
    const server = await serve(t, send(nested([], { isSuccess: false, errorMessages: [text] })));
    const started = performance.now();
    await assert.rejects(hnaClient(server, { timeout: 30 }).getAllCountries(), {
      name: 'DTMApiResponseError',
    });
    assert.ok(performance.now() - started < 10_000, part);
  }
});

test('a finished download has neither key nor token in its log', async (t) => {
  const token = 'Zm9vYmFyc2VjcmV0';
  const file: Step = (response) => void response.end(WORKBOOK);
  let own = '';
  const server = await serve(t, (response, request) =>
    linkTo(file, { downloadUrl: `${own}/r.xlsx?sig=${token}` })(response, request),
  );
  own = server.url;
  const { api, lines } = logged(server, 'hna-key-0123456789');
  await api.downloadHnaData(QUERY);
  assert.deepEqual(
    lines.map((line) => (line as [string])[0]),
    ['dtm.request', 'dtm.answer', 'dtm.request', 'dtm.answer'],
  );
  assertSecret(lines, [token, 'hna-key', 'r.xlsx']);
});

test('the clients of both services send their own key only', async (t) => {
  const server = await serve(t, send(nested([])));
  const hna = new DTMHnaApi({
    subscriptionKey: 'key-of-hna-0123',
    secondaryKey: 'other-of-hna',
    baseUrl: server.url,
  });
  const idp = new DTMApi({ subscriptionKey: 'key-of-idp-0123', baseUrl: server.url });
  await hna.getAllCountries();
  await idp.getAllCountries().catch(() => {});
  assert.deepEqual(
    server.requests.map(({ path, headers }) => [path, headers['ocp-apim-subscription-key']]),
    [
      ['/HNA/v1/country-list', 'key-of-hna-0123'],
      ['/v3/displacement/country-list', 'key-of-idp-0123'],
    ],
  );
});

test('the key in the environment is not read', (t) => {
  for (const name of ['DTMAPI_SUBSCRIPTION_KEY', 'DTMHNA_SUBSCRIPTION_KEY']) {
    const before = process.env[name];
    process.env[name] = 'from-the-environment';
    t.after(() => {
      delete process.env[name];
      if (before !== undefined) process.env[name] = before;
    });
  }
  assert.throws(() => new DTMHnaApi({ subscriptionKey: undefined }), {
    ...{ name: 'DTMAuthenticationError', service: 'hna', message: /key of the DTM HNA API is needed/ },
  });
});
