import assert from 'node:assert/strict';
import { get, request } from 'node:http';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type SimulatorOptions, startSimulator } from '../../lib/simulator/server.ts';
import { assertSame } from '../assert-same.ts';
import { answer, ask } from './ask-simulator.ts';

const V3 = '/v3/displacement';
const simulator = await startSimulator({ scale: 0.05, secondaryKey: 'other-key' });
after(() => simulator.close());

const EMPTY = { result: [], totalRecordsCount: 0 };
const NO_DATA = { ...EMPTY, statusCode: 204, isSuccess: true, errorMessages: ['No matching data found.'] };

function refused(statusCode: number, message: string) {
  return { ...EMPTY, statusCode, isSuccess: false, errorMessages: [message] };
}

const REFUSALS: readonly (readonly [what: string, path: string, expected: object])[] = [
  ['an unknown ISO3', 'admin0?Admin0Pcode=XXX', refused(204, 'No Country Code found matching your query.')],
  [
    'a code in lower case',
    'admin0?Admin0Pcode=hti',
    refused(204, 'No Country Code found matching your query.'),
  ],
  ['an unknown name', 'admin1?CountryName=Utopia', refused(204, 'No Country found matching your query.')],
  [
    'no selector',
    'admin2?FromReportingDate=2020-01-01',
    refused(400, 'Please provide either the Country Name, Admin0 Pcode or Operation'),
  ],
  [
    'a blank selector',
    'admin2?Admin0Pcode=',
    refused(400, 'Please provide either the Country Name, Admin0 Pcode or Operation'),
  ],
  [
    'an invalid date',
    'admin0?Admin0Pcode=HTI&FromReportingDate=2020-02-30',
    refused(400, 'Invalid FromReportingDate. Please use the format yyyy-mm-dd.'),
  ],
  [
    'an invalid round',
    'admin0?Admin0Pcode=HTI&ToRoundNumber=x',
    refused(400, 'Invalid ToRoundNumber. Please provide an integer.'),
  ],
  ['a date range without rows', 'admin0?Admin0Pcode=HTI&FromReportingDate=2030-01-01', NO_DATA],
  [
    'a reversed date range',
    'admin0?Admin0Pcode=HTI&FromReportingDate=2024-01-01&ToReportingDate=2020-01-01',
    NO_DATA,
  ],
  ['an unknown operation', 'admin0?Operation=Nothing', NO_DATA],
  ['the name of another country', 'admin0?Admin0Pcode=HTI&CountryName=Chad', NO_DATA],
  ['a country without rows', 'admin0?Admin0Pcode=MNG', NO_DATA],
  ['an unpublished level', 'admin2?Admin0Pcode=GRD', NO_DATA],
];

for (const [what, path, expected] of REFUSALS) {
  test(`a query with ${what} gets HTTP 200 and the text of the API`, async () => {
    const response = await ask(simulator, `${V3}/${path}`);
    assert.equal(response.status, 200);
    const body = await response.text();
    assert.deepEqual(JSON.parse(body), expected);
    assert.deepEqual(Object.keys(JSON.parse(body)), [
      'result',
      'statusCode',
      'isSuccess',
      'errorMessages',
      'totalRecordsCount',
    ]);
  });
}

const NEVER: readonly (readonly [
  what: string,
  path: string,
  headers: Record<string, string>,
  status: number,
  text: RegExp,
])[] = [
  [
    'no key',
    `${V3}/admin0?Admin0Pcode=HTI`,
    { 'Ocp-Apim-Subscription-Key': '' },
    401,
    /"Access denied due to missing subscription key\..*"/,
  ],
  [
    'a wrong key',
    `${V3}/country-list`,
    { 'Ocp-Apim-Subscription-Key': 'k' },
    401,
    /"Access denied due to invalid subscription key\..*"/,
  ],
  [
    'an unknown path',
    '/v3/displacement/admin3',
    {},
    404,
    /^\{"statusCode":404,"message":"Resource not found"\}$/,
  ],
  ['an unknown path and no key', '/', { 'Ocp-Apim-Subscription-Key': '' }, 404, /Resource not found/],
  ['the path /constructor', '/constructor', {}, 404, /Resource not found/],
  [
    'the User-Agent python-requests',
    `${V3}/country-list`,
    { 'User-Agent': 'python-requests/2.32' },
    403,
    /^<!DOCTYPE html>/,
  ],
];

for (const [what, path, headers, status, text] of NEVER) {
  test(`a request with ${what} gets HTTP ${status}`, async () => {
    const response = await ask(simulator, path, headers);
    assert.equal(response.status, status);
    assert.match(await response.text(), text);
    assert.match(
      response.headers.get('content-type') ?? '',
      status === 403 ? /^text\/html/ : /^application\/json/,
    );
    assert.equal(response.headers.get('x-dtm-synthetic'), 'true');
  });
}

test('a POST gets HTTP 404', async () => {
  const response = await fetch(`${simulator.url}${V3}/country-list`, { method: 'POST' });
  assert.equal(response.status, 404);
});

test('secondaryKey is accepted, and the log names the kind of key, never the key', async () => {
  const response = await ask(simulator, `${V3}/country-list`, { 'Ocp-Apim-Subscription-Key': 'other-key' });
  assert.equal(response.status, 200);
  assert.equal(simulator.requests.at(-1)?.key, 'secondary');
  assert.doesNotMatch(JSON.stringify(simulator.requests), /other-key|sample-key/);
});

test('v2 and v3 have the same country and operation lists', async () => {
  const countries = await answer(simulator, `${V3}/country-list`);
  const operations = await answer(simulator, `${V3}/operation-list`);
  assert.equal(countries.totalRecordsCount, 53);
  assert.deepEqual(countries.result[0], { admin0Name: 'Afghanistan', admin0Pcode: 'AFG' });
  assert.deepEqual(Object.keys(operations.result[0] ?? {}), [
    'operation',
    'operationStatus',
    'admin0Name',
    'admin0Pcode',
  ]);
  assert.deepEqual(await answer(simulator, '/v2/CountryList'), countries);
  assert.deepEqual(await answer(simulator, '/v2/OperationList'), operations);
});

const FILTERS: readonly (readonly [query: string, holds: (row: Record<string, unknown>) => boolean])[] = [
  ['CountryName=Bolivia%20(Plurinational%20State%20of)', (row) => row.admin0Pcode === 'BOL'],
  ['Operation=Great%20Lagoon%20Basin%20Crisis', (row) => row.operation === 'Great Lagoon Basin Crisis'],
  [
    'Admin0Pcode=HTI&FromReportingDate=2023-01-01',
    (row) => String(row.reportingDate) >= '2023-01-01T00:00:00',
  ],
  ['Admin0Pcode=HTI&ToReportingDate=2012-12-31', (row) => String(row.reportingDate) <= '2012-12-31T00:00:00'],
  ['Admin0Pcode=HTI&FromRoundNumber=2&ToRoundNumber=3', (row) => [2, 3].includes(Number(row.roundNumber))],
  ['Admin0Pcode=HTI&Admin1Pcode=HT01', (row) => row.admin1Pcode === 'HT01'],
  ['Admin0Pcode=HTI&Admin2Pcode=HT0101', (row) => row.admin2Pcode === 'HT0101'],
  ["Admin0Pcode=HTI&Admin2Name=L'Anse-%C3%A0-l'%C3%89toile", (row) => row.admin2Name === "L'Anse-à-l'Étoile"],
];

for (const [query, holds] of FILTERS) {
  test(`the query ${query} returns only the matching rows`, async () => {
    const { result } = await answer(simulator, `${V3}/admin2?${query}`);
    const country = query.startsWith('Admin0Pcode') ? '?Admin0Pcode=HTI' : `?${query}`;
    const all = (await answer(simulator, `${V3}/admin2${country}`)).result;
    assert.ok(result.length > 0);
    assertSame(result, all.filter(holds));
  });
}

test('a query for rounds 0 to 0 returns all rounds', async () => {
  const all = await answer(simulator, `${V3}/admin0?Admin0Pcode=HTI`);
  const zero = await answer(simulator, `${V3}/admin0?Admin0Pcode=HTI&FromRoundNumber=0&ToRoundNumber=0`);
  assert.deepEqual(zero, all);
  assert.ok(all.result.some((row) => row.roundNumber === 0));
});

test('admin0 ignores the parameter Admin1Pcode', async () => {
  const all = await answer(simulator, `${V3}/admin0?Admin0Pcode=HTI`);
  assert.deepEqual(await answer(simulator, `${V3}/admin0?Admin0Pcode=HTI&Admin1Pcode=HT01`), all);
});

test('an operation in several countries is one answer, sorted by date', async () => {
  const { result } = await answer(simulator, `${V3}/admin0?Operation=Great%20Lagoon%20Basin%20Crisis`);
  assert.deepEqual([...new Set(result.map((row) => row.admin0Pcode))].sort(), ['CMR', 'NGA', 'TCD']);
  const dates = result.map((row) => String(row.reportingDate));
  assert.deepEqual(dates, dates.toSorted());
});

async function bytes(options: SimulatorOptions, path: string): Promise<string> {
  await using other = await startSimulator(options);
  return (await ask(other, path)).text();
}

test('the same seed and scale give the same bytes, another seed gives different ones', async () => {
  const path = `${V3}/admin2?Admin0Pcode=SDN`;
  const here = await (await ask(simulator, path)).text();
  assert.equal(await bytes({ scale: 0.05 }, path), here);
  assert.notEqual(await bytes({ scale: 0.05, seed: 2 }, path), here);
});

test('the log has endpoint, country, query and status of every request', async () => {
  const before = simulator.requests.length;
  await ask(simulator, `${V3}/admin1?CountryName=Chad&FromRoundNumber=1`);
  await ask(simulator, '/v2/CountryList');
  await ask(simulator, '/nowhere?x=1');
  const [level, list, nowhere] = simulator.requests.slice(before);
  assert.equal(simulator.requests.length, before + 3);
  const { at, headers, ...rest } = level ?? { at: 0, headers: {} };
  assert.deepEqual(rest, {
    method: 'GET',
    path: '/v3/displacement/admin1',
    version: 'v3',
    endpoint: 'admin1',
    level: 1,
    country: 'TCD',
    query: { CountryName: 'Chad', FromRoundNumber: '1' },
    key: 'primary',
    inFlight: 1,
    status: 200,
    fault: null,
  });
  assert.ok(Date.now() - at < 10_000 && 'host' in headers && !('ocp-apim-subscription-key' in headers));
  assert.deepEqual(
    [list?.version, list?.endpoint, list?.level, list?.country],
    ['v2', 'countries', null, null],
  );
  assert.deepEqual([nowhere?.endpoint, nowhere?.status, nowhere?.version], ['/nowhere', 404, null]);
});

/** A request with node:http, which does not add Accept-Encoding and does not decompress. */
function raw(
  url: string,
  headers: Record<string, string>,
): Promise<{ headers: Record<string, unknown>; body: Buffer }> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { 'Ocp-Apim-Subscription-Key': 'sample-key', ...headers } }, async (response) => {
      resolve({ headers: response.headers, body: Buffer.concat(await response.toArray()) });
    }).on('error', reject);
  });
}

test('an answer is compressed if the request accepts gzip', async () => {
  const url = `${simulator.url}${V3}/country-list`;
  const plain = await raw(url, {});
  const packed = await raw(url, { 'Accept-Encoding': 'gzip, br' });
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.ok(packed.body.length < plain.body.length);
  assertSame(gunzipSync(packed.body), plain.body);
  assert.equal(Number(packed.headers['content-length']), packed.body.length);
});

test('with gzip false an answer is never compressed', async () => {
  await using other = await startSimulator({ scale: 0.003, gzip: false });
  const { headers } = await raw(`${other.url}${V3}/country-list`, { 'Accept-Encoding': 'gzip' });
  assert.equal(headers['content-encoding'], undefined);
});

test('a port in use is EADDRINUSE, and close ends open connections', async () => {
  await assert.rejects(startSimulator({ port: simulator.port }), { code: 'EADDRINUSE' });
  const other = await startSimulator({ scale: 0.003, faults: ['slow-headers=60000'] });
  const broken = new Promise((resolve) => {
    const pending = request(`${other.url}${V3}/country-list`, {
      headers: { 'Ocp-Apim-Subscription-Key': 'sample-key' },
    });
    pending.on('error', resolve).end();
    setTimeout(() => other.close(), 50);
  });
  assert.ok((await broken) instanceof Error);
  assert.equal(other.requests[0]?.status, 0);
});
