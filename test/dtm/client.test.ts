import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { DTMApi } from '../../lib/dtm/client.ts';
import { API_VERSIONS, CLIENT_VERSION, PATHS } from '../../lib/dtm/endpoints.ts';
import { DTMApiError, DTMAuthenticationError, DTMFirewallError } from '../../lib/dtm/errors.ts';
import { V2, V3 } from './samples.ts';
import { answer, client, EMPTY, KEY, refusal, send, serve, UNKNOWN } from './start-api-server.ts';

const QUERY = { admin0Pcode: 'NWL' };
const SECONDARY_KEY = 'secondary-0123456789';

test('CLIENT_VERSION equals the version in package.json', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.equal(CLIENT_VERSION, version);
});

for (const version of API_VERSIONS) {
  const rows = { v3: V3, v2: V2 }[version];
  const calls = {
    countries: (api: DTMApi) => api.getAllCountries(),
    operations: (api: DTMApi) => api.getAllOperations(),
    admin0: (api: DTMApi) => api.getIdpAdmin0Data(QUERY),
    admin1: (api: DTMApi) => api.getIdpAdmin1Data({ ...QUERY, admin1Pcode: 'NW01' }),
    admin2: (api: DTMApi) => api.getIdpAdmin2Data({ ...QUERY, admin2Name: 'Port' }),
  };
  const searches: Record<string, string> = {
    admin0: '?Admin0Pcode=NWL',
    admin1: '?Admin0Pcode=NWL&Admin1Pcode=NW01',
    admin2: '?Admin0Pcode=NWL&Admin2Name=Port',
  };
  for (const endpoint of ['countries', 'operations', 'admin0', 'admin1', 'admin2'] as const) {
    test(`${version} ${endpoint}: the call requests its path and returns its rows`, async (t) => {
      const server = await serve(t, send(answer([rows[endpoint]])));
      const api = client(server, { apiVersion: version }) as DTMApi;
      assert.deepEqual(await calls[endpoint](api), [rows[endpoint]]);
      assert.equal(server.requests[0]?.path, `${PATHS[version][endpoint]}${searches[endpoint] ?? ''}`);
    });
  }
}

test('a path in baseUrl is kept, and the request has the API’s headers', async (t) => {
  const server = await serve(t, send(answer([V3.countries])));
  const api = client({ ...server, url: `${server.url}/gate/` });
  await api.getAllCountries();
  assert.equal(api.baseUrl, `${server.url}/gate`);
  const [request] = server.requests;
  assert.equal(request?.path, '/gate/v3/displacement/country-list');
  assert.equal(request?.headers['ocp-apim-subscription-key'], KEY);
  assert.equal(request?.headers.accept, 'application/json');
  assert.equal(request?.headers['user-agent'], `Mozilla/5.0 (compatible; dtm-exporter/${CLIENT_VERSION})`);
});

test('the option userAgent sets the header User-Agent', async (t) => {
  const server = await serve(t, send(answer([V3.countries])));
  await client(server, { userAgent: 'Mozilla/5.0 (compatible; mine/1)' }).getAllCountries();
  assert.equal(server.requests[0]?.headers['user-agent'], 'Mozilla/5.0 (compatible; mine/1)');
});

test('ask returns rows, body, times, attempts and status', async (t) => {
  const body = answer([V3.admin0]);
  const server = await serve(t, send('{}', 500), send(body, 200, { 'X-DTM-Synthetic': 'true' }));
  const before = Date.now();
  const result = await client(server).ask('admin0', QUERY);
  assert.deepEqual(Object.keys(result).sort(), [
    ...['absentFields', 'attempts', 'body', 'columns', 'envelope', 'outcome', 'packed', 'receivedAt'],
    ...[
      'requestedAt',
      'rows',
      'seconds',
      'serverDate',
      'sha256',
      'status',
      'synthetic',
      'unknownFields',
      'url',
    ],
  ]);
  assert.deepEqual(result.columns.get('admin0Pcode'), { codes: Int32Array.of(0), values: ['NWL'] });
  assert.equal(Buffer.from(result.body).toString(), JSON.stringify(body));
  assert.deepEqual([result.status, result.attempts, result.synthetic], [200, 2, true]);
  assert.equal(result.url, `${server.url}/v3/displacement/admin0?Admin0Pcode=NWL`);
  assert.ok(result.requestedAt.getTime() >= before && result.receivedAt >= result.requestedAt);
  assert.ok(result.seconds > 0 && result.seconds < 5);
});

test('a body with knownSha256 is not parsed; another body is', async (t) => {
  const [body, other] = [answer([V3.admin0]), answer([{ ...V3.admin0, numPresentIdpInd: 1 }])];
  const api = client(await serve(t, send(body), send(body), send(other)));
  const { sha256: knownSha256, outcome } = await api.ask('admin0', QUERY);
  assert.equal(outcome, 'rows');
  const again = await api.ask('admin0', QUERY, { knownSha256 });
  assert.deepEqual([again.outcome, again.rows.length, again.columns.size], ['known', 0, 0]);
  assert.equal(Buffer.from(again.body).toString(), JSON.stringify(body));
  assert.equal((await api.ask('admin0', QUERY, { knownSha256 })).rows.length, 1);
});

describe('outcomes of a call', () => {
  test('an answer without rows is an empty array, and the outcome empty', async (t) => {
    const api = client(await serve(t, send(EMPTY)));
    assert.deepEqual(await api.getIdpAdmin1Data(QUERY), []);
    assert.equal((await api.ask('admin1', QUERY)).outcome, 'empty');
  });

  test('an unknown country is an outcome of ask and an error of getIdpAdmin0Data', async (t) => {
    const server = await serve(t, send(UNKNOWN));
    const api = client(server);
    const raw = await api.ask('admin0', { admin0Pcode: 'XXX' });
    assert.deepEqual([raw.outcome, raw.rows.length, raw.envelope.isSuccess], ['unknown-country', 0, false]);
    await assert.rejects(api.getIdpAdmin0Data({ admin0Pcode: 'XXX' }), {
      name: 'DTMUnknownCountryError',
      message: /admin0 XXX: the API does not know this country: No Country Code found/,
      errorMessages: UNKNOWN.errorMessages,
      status: 200,
      attempts: 1,
    });
    assert.equal(server.requests.length, 2);
  });

  test('a refused query is a DTMApiResponseError and is not retried', async (t) => {
    const server = await serve(
      t,
      send(refusal('Please provide either the Country Name, Admin0 Pcode or Operation')),
    );
    await assert.rejects(client(server).ask('admin0', QUERY), { name: 'DTMApiResponseError', attempts: 1 });
    assert.equal(server.requests.length, 1);
  });

  test('a firewall page with HTTP 403 is a DTMFirewallError and is not retried', async (t) => {
    const server = await serve(t, send('<html>Request blocked</html>', 403, { 'Content-Type': 'text/html' }));
    await assert.rejects(client(server, { secondaryKey: SECONDARY_KEY }).ask('admin0', QUERY), (error) => {
      assert.ok(error instanceof DTMFirewallError);
      assert.deepEqual([error.name, error.status, error.attempts], ['DTMFirewallError', 403, 1]);
      assert.match(error.message, /a firewall turned the request away .* check the userAgent option/);
      return true;
    });
    assert.equal(server.requests.length, 1);
  });

  test('rows of another country are a DTMAnswerShapeError and are not retried', async (t) => {
    const server = await serve(t, send(answer([{ ...V3.admin0, admin0Pcode: 'OLD' }])));
    await assert.rejects(client(server).ask('admin0', QUERY), {
      name: 'DTMAnswerShapeError',
      path: 'result[0].admin0Pcode',
      attempts: 1,
    });
    assert.equal(server.requests.length, 1);
  });
});

describe('HTTP statuses that are not retried', () => {
  const errorBody = { statusCode: 0, message: 'These are the words.' };
  const cases: [status: number, name: string, message: RegExp][] = [
    [400, 'DTMApiRequestError', /expected HTTP 200, got 400: These are the words\.; check the query/],
    [
      401,
      'DTMAuthenticationError',
      /the API refused the key \(HTTP 401\): These are the words\.; check the key/,
    ],
    [403, 'DTMAuthenticationError', /the API refused the key \(HTTP 403\)/],
    [404, 'DTMApiRequestError', /got 404: These are the words\.; check the base URL and the API version/],
    [204, 'DTMApiRequestError', /expected HTTP 200, got 204/],
    [
      304,
      'DTMApiRequestError',
      /expected HTTP 200, got 304 \(not modified\); nothing but a whole answer was asked/,
    ],
    [501, 'DTMApiRequestError', /got 501/],
  ];
  for (const [status, name, message] of cases) {
    test(`HTTP ${status} is a ${name} and is not retried`, async (t) => {
      const server = await serve(t, send(errorBody, status));
      await assert.rejects(client(server).getAllCountries(), { name, message, status, attempts: 1 });
      assert.equal(server.requests.length, 1);
    });
  }

  test('an error for HTTP 400 has the errorMessages of the envelope', async (t) => {
    const server = await serve(t, send(refusal('Bad.'), 400));
    await assert.rejects(client(server).getAllCountries(), { errorMessages: ['Bad.'] });
  });
});

test('a wait follows Retry-After up to maxWait', async (t) => {
  const later = send('{}', 429, { 'Retry-After': '3600' });
  const waits: unknown[] = [];
  const silent = () => {};
  const warn = (_: string, { wait }: Record<string, unknown>) => waits.push(wait);
  const logger = { debug: silent, info: silent, error: silent, warn };
  const server = await serve(t, later, send(answer([V3.countries])));
  await client(server, { maxWait: 0.02, logger }).getAllCountries();
  assert.deepEqual(waits, [0.02]);
  const failed = client(await serve(t, later), { maxElapsed: 10, maxWait: 100 }).getAllCountries();
  await assert.rejects(failed, { status: 429, retryAfter: 3600, attempts: 1, message: /ask more slowly/ });
});

describe('secondaryKey', () => {
  const denied = send({ statusCode: 401, message: 'Access denied due to invalid subscription key.' }, 401);
  const accepting =
    (key: string) => (response: Parameters<typeof denied>[0], request: Parameters<typeof denied>[1]) => {
      const step =
        request.headers['ocp-apim-subscription-key'] === key ? send(answer([V3.countries])) : denied;
      step(response, request);
    };

  test('secondaryKey is tried once after a 401 and used for later calls', async (t) => {
    const server = await serve(t, accepting(SECONDARY_KEY));
    const api = client(server, { secondaryKey: SECONDARY_KEY });
    assert.equal((await api.ask('countries')).attempts, 2);
    assert.equal((await api.ask('countries')).attempts, 1);
    assert.equal(server.requests.length, 3);
  });

  test('after eight calls at once with a refused key, the next call sends one request', async (t) => {
    const server = await serve(t, accepting(SECONDARY_KEY));
    const api = client(server, { secondaryKey: SECONDARY_KEY });
    await Promise.all(Array.from({ length: 8 }, () => api.getAllCountries()));
    const before = server.requests.length;
    assert.ok(before <= 16);
    await api.getAllCountries();
    assert.equal(server.requests.length, before + 1);
  });

  test('401 after another call switched keys: the call retries with the other key', async (t) => {
    let late = () => {};
    const server = await serve(
      t,
      denied,
      (...args) => {
        late = () => denied(...args);
      },
      accepting(SECONDARY_KEY),
    );
    const api = client(server, { secondaryKey: SECONDARY_KEY });
    const [first, second] = [api.ask('countries'), api.ask('countries')];
    await first;
    while (server.requests.length < 3) await new Promise(setImmediate);
    late();
    assert.equal((await second).attempts, 2);
  });

  test('subscriptionKey is tried again when secondaryKey is refused later', async (t) => {
    let valid = SECONDARY_KEY;
    const server = await serve(t, (...args) => accepting(valid)(...args));
    const api = client(server, { secondaryKey: SECONDARY_KEY });
    await api.getAllCountries();
    valid = KEY;
    assert.equal((await api.ask('countries')).attempts, 2);
    assert.equal((await api.ask('countries')).attempts, 1);
  });

  test('two refused keys cause two requests and one DTMAuthenticationError', async (t) => {
    const server = await serve(t, denied);
    const failed = client(server, { secondaryKey: SECONDARY_KEY }).getAllCountries();
    await assert.rejects(failed, (error) => error instanceof DTMAuthenticationError && error.attempts === 2);
    assert.equal(server.requests.length, 2);
  });

  test('a secondaryKey that is blank or equals subscriptionKey is not tried', async (t) => {
    const server = await serve(t, denied);
    for (const secondaryKey of [KEY, ' ', undefined]) {
      await assert.rejects(client(server, { secondaryKey }).getAllCountries(), DTMAuthenticationError);
    }
    assert.equal(server.requests.length, 3);
  });
});

test('an invalid query is a ValidationError and sends no request', async (t) => {
  const server = await serve(t, send(EMPTY));
  await assert.rejects(client(server).getIdpAdmin0Data({}), { name: 'ValidationError' });
  await assert.rejects(client(server).ask('admin2'), { name: 'ValidationError' });
  assert.equal(server.requests.length, 0);
});

test('a TypeError from a logger is thrown unchanged and not retried', async (t) => {
  const bug = () => {
    throw new TypeError('bug');
  };
  const server = await serve(t, send(answer([V3.countries])));
  const failed = client(server, {
    logger: { debug: bug, info: bug, warn: bug, error: bug },
  }).getAllCountries();
  await assert.rejects(failed, (error) => error instanceof TypeError && !(error instanceof DTMApiError));
  assert.equal(server.requests.length, 0);
});
