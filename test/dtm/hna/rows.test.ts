// The answers of the lists and of one page: accepted forms, and what is refused at each level.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  DTMAnswerShapeError,
  DTMApiError,
  DTMApiResponseError,
  ValidationError,
} from '../../../lib/dtm/errors.ts';
import { send, serve } from '../start-api-server.ts';
import { HNA_KEY, hnaClient, nested, page, QUERY, ROWS } from './start-hna-server.ts';

const pagination = { hasNextPage: false };
const DEEP = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;

/** Levels of `result` around a value. */
const levels = (count: number, inside: unknown): unknown =>
  count === 0 ? inside : { result: levels(count - 1, inside) };

const FORMS: Record<string, unknown> = {
  'a bare list': ROWS,
  'an envelope as of the displacement API': {
    result: ROWS,
    isSuccess: true,
    errorMessages: [],
    statusCode: 200,
  },
  'two levels': nested(ROWS),
  'two levels with data': nested({ data: ROWS, pagination: null }),
  'data at the top': { data: ROWS },
  'capital letters': {
    Result: { Result: { Data: ROWS, Pagination: null }, IsSuccess: true, ErrorMessages: null },
    Exception: null,
  },
  'five levels around data': levels(5, { data: ROWS }),
  'an empty exception': nested(ROWS, {}, { exception: '' }),
  'messages of a success': nested(ROWS, { errorMessages: ['partly estimated'] }),
};

for (const [name, answer] of Object.entries(FORMS))
  test(`rows in ${name} are read as they are`, async (t) => {
    const api = hnaClient(await serve(t, send(answer)));
    assert.deepEqual(await api.getAllCountries(), ROWS);
    assert.deepEqual(await api.getHnaDataCatalog(), ROWS);
    const { rows, hasNextPage, page: number } = await api.getHnaAdmin2Data(QUERY);
    assert.deepEqual([rows, hasNextPage, number], [ROWS, null, 1]);
  });

test('requests have the path, the parameters and the key of the HNA service', async (t) => {
  const server = await serve(t, send(nested({ data: [], pagination })));
  const api = hnaClient(server);
  await api.getAllCountries();
  await api.getHnaDataCatalog();
  await api.getHnaAdmin2Data({
    ...QUERY,
    admin0Name: 'New Land',
    populationGroup: ['IDP', ' IDP returnee,'],
    page: 7,
  });
  await api.getHnaAdmin2Data({ ...QUERY, populationGroup: 'IDP' });
  assert.deepEqual(
    server.requests.map(({ path }) => path),
    [
      '/HNA/v1/country-list',
      '/HNA/v1/catalog',
      '/HNA/v1/admin2?Admin0Pcode=NWL&Year=2023&Admin0Name=New+Land&PopulationGroup=IDP%2CIDP+returnee&Page=7',
      '/HNA/v1/admin2?Admin0Pcode=NWL&Year=2023&PopulationGroup=IDP&Page=1',
    ],
  );
  for (const { headers } of server.requests) assert.equal(headers['ocp-apim-subscription-key'], HNA_KEY);
});

test('a page has its number, whether there is a next one, and the pagination as received', async (t) => {
  const more = { hasNextPage: true, currentPage: 3, totalPages: 9 };
  const server = await serve(
    t,
    send(nested({ data: ROWS, pagination: more })),
    send(nested({ data: ROWS, pagination: { HasNextPage: false } })),
  );
  const api = hnaClient(server);
  assert.deepEqual(await api.getHnaAdmin2Data({ ...QUERY, page: 3 }), {
    ...{ rows: ROWS, page: 3, hasNextPage: true, pagination: more },
  });
  const { hasNextPage, pagination: received } = await api.getHnaAdmin2Data({ ...QUERY, page: 4 });
  assert.deepEqual([hasNextPage, received], [false, { HasNextPage: false }]);
});

const FAILURES: [name: string, answer: unknown, messages: readonly string[]][] = [
  ['an exception at the top', nested(ROWS, {}, { exception: 'Timeout expired' }), ['Timeout expired']],
  ['an exception at the second level', nested(ROWS, { exception: 'Bad column' }), ['Bad column']],
  ['an exception beside data', nested({ data: ROWS, exception: 'Late' }), ['Late']],
  [
    'an exception with a message',
    nested(ROWS, {}, { exception: { ClassName: 'E', Message: 'Down' } }),
    ['Down'],
  ],
  ['an exception of another form', { result: ROWS, Exception: {} }, ['an exception without a message']],
  [
    'a failure at the top',
    { isSuccess: false, errorMessages: ['No', 'and no'], result: ROWS },
    ['No', 'and no'],
  ],
  ['a failure at the second level', nested(ROWS, { isSuccess: false, errorMessages: ['No'] }), ['No']],
  ['a failure beside data', nested({ data: ROWS, isSuccess: false, errorMessages: ['No'] }), ['No']],
  ['a failure without messages', { result: { result: ROWS, IsSuccess: false, errorMessages: null } }, []],
  ['a message of the gateway', { statusCode: 404, message: 'Resource not found' }, ['Resource not found']],
  ['a problem of the service', { title: 'Bad Request', status: 400 }, ['Bad Request']],
  ['a message at the second level', nested({ detail: 'Not ready' }), ['Not ready']],
];

describe('answers that say that they failed', () => {
  for (const [name, answer, messages] of FAILURES)
    test(`${name} is a DTMApiResponseError, and is not retried`, async (t) => {
      const server = await serve(t, send(answer));
      const error = await hnaClient(server)
        .getHnaAdmin2Data(QUERY)
        .catch((each) => each);
      assert.ok(error instanceof DTMApiResponseError, String(error));
      assert.deepEqual([error.errorMessages, error.status, error.service], [messages, 200, 'hna']);
      assert.match(error.message, /^hna-admin2 NWL page 1: the API /);
      assert.equal(server.requests.length, 1);
    });
});

const data = (rows: unknown) => nested({ data: rows, pagination });
const SHAPES: [name: string, answer: unknown, path: string | undefined, expected: RegExp][] = [
  ['null', null, undefined, /array of rows/],
  ['a text', '"x"', undefined, /array of rows/],
  ['an object without anything', {}, 'data', /array of rows/],
  ['a result of null', { result: null, isSuccess: true }, 'data', /array of rows/],
  ['a result that is a number', nested(5), 'result.result', /array of rows/],
  ['an object without data', nested({ rows: ROWS }), 'result.result.data', /array of rows/],
  ['data that is an object', data({}), 'result.result.data', /array of rows/],
  ['data that is null', data(null), 'result.result.data', /array of rows/],
  [
    'data beside a result',
    nested({ data: ROWS, result: ROWS }),
    'result.result.data',
    /either data or result/,
  ],
  ['isSuccess that is a text', nested(ROWS, { isSuccess: 'false' }), 'result.isSuccess', /true or false/],
  ['isSuccess that is null', nested(ROWS, {}, { isSuccess: null }), 'isSuccess', /true or false/],
  [
    'messages that are a text',
    nested(ROWS, { errorMessages: 'No' }),
    'result.errorMessages',
    /array of strings/,
  ],
  [
    'messages that are numbers',
    nested(ROWS, { errorMessages: [1] }),
    'result.errorMessages',
    /array of strings/,
  ],
  ['a key in both spellings', nested(ROWS, { IsSuccess: true }), 'result.isSuccess', /one spelling/],
  [
    'a key in both spellings, one a failure',
    nested(ROWS, { IsSuccess: false }),
    'result.isSuccess',
    /one spelling/,
  ],
  [
    'six levels around data',
    levels(6, { data: ROWS }),
    'result.result.result.result.result.result',
    /at most 6 levels/,
  ],
  ['a thousand levels', levels(1000, ROWS), 'result.result.result.result.result.result', /at most 6 levels/],
  ['a deep list', DEEP, 'rows[0]', /an object/],
  ['a row that is a list', data([ROWS[0], []]), 'result.result.data[1]', /an object/],
  ['a row that is null', data([null]), 'result.result.data[0]', /an object/],
  ['a value that is an object', data([{ a: 1, b: {} }]), 'result.result.data[0].b', /finite number/],
  ['a value that is a list', data([{ a: [1] }]), 'result.result.data[0].a', /finite number/],
  ['a number without end', '{"data":[{"a":1e999}]}', 'data[0].a', /finite number/],
  ['half a letter', '{"data":[{"a":"\\ud800"}]}', 'data[0].a', /well-formed/],
  [
    'pagination that is a list',
    nested({ data: ROWS, pagination: [] }),
    'result.result.pagination',
    /object or null/,
  ],
  [
    'pagination without hasNextPage',
    nested({ data: ROWS, pagination: {} }),
    'result.result.pagination.hasNextPage',
    /true or false/,
  ],
  [
    'hasNextPage that is a text',
    nested({ data: ROWS, pagination: { hasNextPage: 'false' } }),
    'result.result.pagination.hasNextPage',
    /true or false/,
  ],
  [
    'hasNextPage in both spellings',
    nested({ data: ROWS, pagination: { hasNextPage: true, HasNextPage: false } }),
    'result.result.pagination.hasNextPage',
    /one spelling/,
  ],
  ['too many objects', `[${'{},'.repeat(200_000)}{}]`, undefined, /at most \d+ objects/],
];

describe('answers of another shape', () => {
  for (const [name, answer, path, expected] of SHAPES)
    test(`${name} is a DTMAnswerShapeError, and is not retried`, async (t) => {
      const server = await serve(t, send(answer));
      const error = await hnaClient(server)
        .getHnaAdmin2Data(QUERY)
        .catch((each) => each);
      assert.ok(error instanceof DTMAnswerShapeError, String(error));
      assert.deepEqual(
        [error.path, error.endpoint, error.country, error.level],
        [path, 'hna-admin2', 'NWL', undefined],
      );
      assert.match(error.expected, expected);
      assert.equal(error.service, 'hna');
      assert.equal(server.requests.length, 1);
    });
});

test('a list of which there are more pages is an error, not a part', async (t) => {
  const server = await serve(t, send(page(ROWS, true)));
  await assert.rejects(hnaClient(server).getAllCountries(), {
    ...{ name: 'DTMAnswerShapeError', endpoint: 'hna-countries', path: 'hasNextPage' },
  });
});

test('any rows of scalars come back as they were sent', async (t) => {
  const text = fc.string({ unit: 'binary' }).filter((each) => each.isWellFormed());
  const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => each + 0);
  const rows = fc.array(fc.dictionary(text, fc.oneof(text, number, fc.boolean(), fc.constant(null))), {
    maxLength: 5,
  });
  let body = '';
  const server = await serve(t, (response, request) => send(body)(response, request));
  const api = hnaClient(server);
  await fc.assert(
    fc.asyncProperty(rows, async (sent) => {
      body = JSON.stringify(page(sent, false));
      const got = await api.getHnaAdmin2Data(QUERY);
      assert.deepEqual(JSON.stringify(got.rows), JSON.stringify(sent));
    }),
    { numRuns: 100 },
  );
});

test('any JSON is rows or one of our errors', async (t) => {
  const key = fc.constantFrom(
    'result',
    'data',
    'isSuccess',
    'errorMessages',
    'exception',
    'pagination',
    'hasNextPage',
    'Result',
    '__proto__',
    'x',
  );
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(null, true, false, 'a', 1),
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(key, tie('json'), { maxKeys: 4 }),
    ),
  }));
  let body: unknown;
  const server = await serve(t, (response, request) => send(JSON.stringify(body))(response, request));
  const api = hnaClient(server, { maxRetries: 0 });
  await fc.assert(
    fc.asyncProperty(json, async (value) => {
      body = value;
      const result = await api.getHnaAdmin2Data(QUERY).catch((each) => each);
      if (result instanceof Error) assert.ok(result instanceof DTMApiError, String(result));
      else
        for (const row of result.rows)
          for (const each of Object.values(row)) assert.ok(Object(each) !== each);
    }),
    { numRuns: 300 },
  );
});

const INVALID: [parameter: string, query: unknown][] = [
  ['query', undefined],
  ['query', []],
  ['admin0Pcode', { year: 2023 }],
  ['admin0Pcode', { ...QUERY, admin0Pcode: ' ' }],
  ['admin0Pcode', { ...QUERY, admin0Pcode: 'a\ud800' }],
  ['year', { admin0Pcode: 'NWL' }],
  ['year', { ...QUERY, year: '2023' }],
  ['year', { ...QUERY, year: 2023.5 }],
  ['year', { ...QUERY, year: 23 }],
  ['admin0Name', { ...QUERY, admin0Name: '' }],
  ['populationGroup', { ...QUERY, populationGroup: ' , ' }],
  ['populationGroup', { ...QUERY, populationGroup: [] }],
  ['populationGroup', { ...QUERY, populationGroup: [1] }],
  ['page', { ...QUERY, page: 0 }],
  ['page', { ...QUERY, page: 2 ** 31 }],
  ['operation', { ...QUERY, operation: 'x' }],
];

for (const [parameter, query] of INVALID)
  test(`an invalid ${parameter} is refused before any request: ${JSON.stringify(query)}`, async (t) => {
    const server = await serve(t, send(page([], false)));
    const error = await hnaClient(server)
      .getHnaAdmin2Data(query as never)
      .catch((each) => each);
    assert.ok(error instanceof ValidationError, String(error));
    assert.equal(error.parameter, parameter);
    assert.equal(server.requests.length, 0);
  });
