import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readAnswer } from '../../../lib/dtm/answers/read-answer.ts';
import type { ApiRequest } from '../../../lib/dtm/api-request.ts';
import { API_VERSIONS, type ApiVersion, type Endpoint, levelOf } from '../../../lib/dtm/endpoints.ts';
import { DTMAnswerShapeError, DTMApiRequestError, DTMApiResponseError } from '../../../lib/dtm/errors.ts';
import { checkQuery } from '../../../lib/dtm/query.ts';
import { V2, V3 } from '../samples.ts';
import { answer, EMPTY, refusal, UNKNOWN } from '../start-api-server.ts';

const SAMPLES = { v3: V3, v2: V2 };
const ENDPOINTS = ['countries', 'operations', 'admin0', 'admin1', 'admin2'] as const;

function apiRequest(
  endpoint: Endpoint,
  version: ApiVersion = 'v3',
  query: object = { admin0Pcode: 'NWL' },
): ApiRequest {
  const checked = checkQuery(endpoint, levelOf(endpoint) === undefined ? {} : query);
  return { version, endpoint, query: checked, url: 'http://127.0.0.1/x', redact: (text) => text };
}

const read = (json: unknown, request = apiRequest('admin2')) =>
  readAnswer(request, Buffer.from(JSON.stringify(json)));
const readText = (text: string) => readAnswer(apiRequest('admin2'), Buffer.from(text));

describe('rows', () => {
  for (const version of API_VERSIONS) {
    for (const endpoint of ENDPOINTS) {
      test(`rows of ${version} ${endpoint} are read as sent`, () => {
        const rows = [SAMPLES[version][endpoint], SAMPLES[version][endpoint]];
        const result = read(answer(rows), apiRequest(endpoint, version));
        assert.equal(result.outcome, 'rows');
        assert.deepEqual(result.rows, rows);
        const envelope = { statusCode: 200, isSuccess: true, errorMessages: [], totalRecordsCount: 2 };
        assert.deepEqual(result.envelope, envelope);
        assert.deepEqual([...result.unknownFields], []);
        assert.deepEqual(
          [...result.absentFields],
          version === 'v3' && endpoint === 'admin0' ? [['id', 2]] : [],
        );
      });
    }
  }

  test('optional fields that rows leave out are counted in absentFields', () => {
    const { admin2Name: _, ...nameless } = V3.admin2;
    const { admin2Pcode: __, ...bare } = nameless;
    const { absentFields } = read(answer([V3.admin2, nameless, bare]));
    assert.deepEqual(
      [...absentFields],
      [
        ['admin2Name', 2],
        ['admin2Pcode', 1],
      ],
    );
  });

  test('unknown fields are counted in unknownFields, also one called __proto__', () => {
    const strange = `{"extra":1,"__proto__":{"polluted":1},"constructor":2,${JSON.stringify(V3.admin2).slice(1)}`;
    const text = JSON.stringify(answer([V3.admin2, 0, { ...V3.admin2, extra: null }])).replace(
      ',0,',
      `,${strange},`,
    );
    const { unknownFields } = readText(text);
    assert.deepEqual([...unknownFields].sort(), [
      ['__proto__', 1],
      ['constructor', 1],
      ['extra', 2],
    ]);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });

  test('an unknown field in a row without an optional one is counted', () => {
    const { admin2Name: _, ...row } = V3.admin2;
    const { unknownFields, absentFields } = read(answer([{ ...row, admin2name: 'x' }]));
    assert.deepEqual([[...unknownFields], [...absentFields]], [[['admin2name', 1]], [['admin2Name', 1]]]);
  });

  test('1.0, 1e3 and -0 are read as integers, and a byte order mark is accepted', () => {
    const text = JSON.stringify(
      answer([{ ...V3.admin2, numPresentIdpInd: 111, numberMales: 222, numberFemales: 333 }]),
    );
    const { rows } = readText(
      `\ufeff${text.replace('111', '1.0').replace('222', '1e3').replace('333', '-0')}`,
    );
    assert.equal(rows[0]?.numPresentIdpInd, 1);
    assert.equal(rows[0]?.numberMales, 1000);
  });

  test('the limits of int32, Arabic and 4-byte characters are accepted', () => {
    const row = { ...V3.admin2, numberMales: 2147483647, numberFemales: -2147483648, admin1Name: 'بغداد 😀' };
    assert.deepEqual(read(answer([row])).rows, [row]);
  });

  test('admin0Pcode in lower case accepts rows with the upper-case code', () => {
    assert.equal(
      read(answer([V3.admin2]), apiRequest('admin2', 'v3', { admin0Pcode: 'nwl' })).rows.length,
      1,
    );
  });

  test('rows outside the requested rounds are dropped', () => {
    const rows = [0, 3, 0, 9].map((roundNumber) => ({ ...V3.admin2, roundNumber }));
    const ask = (range: object) =>
      read(answer(rows), apiRequest('admin2', 'v3', { admin0Pcode: 'NWL', ...range }));
    const zero = ask({ fromRoundNumber: 0, toRoundNumber: 0 });
    assert.deepEqual(zero.rows, [rows[0], rows[2]]);
    assert.equal(zero.envelope.totalRecordsCount, 4);
    assert.deepEqual(ask({ fromRoundNumber: 0, toRoundNumber: 5 }).rows, rows.slice(0, 3));
    assert.equal(ask({ fromRoundNumber: 10 }).outcome, 'empty');
  });
});

describe('no rows', () => {
  test('an answer without rows has the outcome empty', () => {
    const { outcome, rows, envelope } = read(EMPTY);
    assert.equal(outcome, 'empty');
    assert.deepEqual(rows, []);
    const messageAndCount = { errorMessages: ['No matching data found.'], totalRecordsCount: 0 };
    assert.deepEqual(envelope, { statusCode: 204, isSuccess: true, ...messageAndCount });
    assert.equal(read(answer([])).outcome, 'empty');
  });

  test('an unknown country code or name has the outcome unknown-country', () => {
    assert.equal(read(UNKNOWN).outcome, 'unknown-country');
    assert.equal(read(refusal('No Country found matching your query.')).outcome, 'unknown-country');
    assert.equal(read({ ...UNKNOWN, totalRecordsCount: null }).envelope.totalRecordsCount, 0);
  });

  test('a refused query is a DTMApiResponseError with the messages of the API', () => {
    const words = 'Please provide either the Country Name, Admin0 Pcode or Operation';
    assert.throws(
      () => read(refusal(words)),
      (error) => {
        assert.ok(error instanceof DTMApiResponseError);
        assert.equal(error.name, 'DTMApiResponseError');
        assert.deepEqual(error.errorMessages, [words]);
        assert.match(error.message, /admin2 NWL: the API refused the query: Please provide/);
        return true;
      },
    );
    const wordless = { statusCode: 204, isSuccess: false, errorMessages: [] };
    assert.throws(() => read(wordless), { name: 'DTMApiResponseError', message: /no reason given/ });
  });
});

describe('not JSON in UTF-8', () => {
  const bodies = {
    'cut JSON': '{"result":[',
    'an HTML page': '<html>',
    'an empty body': '',
    'invalid UTF-8': Buffer.from([0x22, 0xc3, 0x28, 0x22]),
  };
  for (const [name, body] of Object.entries(bodies)) {
    test(`${name} is a DTMApiRequestError with reason not-json`, () => {
      assert.throws(
        () => readAnswer(apiRequest('admin2'), Buffer.from(body)),
        (error) => error instanceof DTMApiRequestError && error.reason === 'not-json',
      );
    });
  }
});

const row = V3.admin2;
type Change = Record<string, unknown>;
const without = (field: keyof typeof row): Change => {
  const { [field]: _, ...rest } = row;
  return rest;
};

const WRONG_ROWS: [
  name: string,
  change: Change | unknown,
  field: string | undefined,
  expected: RegExp,
  received: string,
][] = [
  ['an integer as text', { numberMales: '12' }, 'numberMales', /^an integer of 32 bits or null$/, '"12"'],
  [
    'an integer above int32',
    { numberMales: 2147483648 },
    'numberMales',
    /^an integer of 32 bits or null$/,
    '2147483648',
  ],
  ['a fraction', { numberMales: 1.5 }, 'numberMales', /^an integer of 32 bits or null$/, '1.5'],
  ['a boolean for an integer', { numberMales: true }, 'numberMales', /an integer/, 'true'],
  ['an array for an integer', { numberMales: [1] }, 'numberMales', /an integer/, 'an array of 1'],
  ['an object for an integer', { numPresentIdpInd: {} }, 'numPresentIdpInd', /an integer/, 'an object'],
  ['roundNumber null', { roundNumber: null }, 'roundNumber', /^an integer of 32 bits$/, 'null'],
  [
    'yearReportingDate null',
    { yearReportingDate: null },
    'yearReportingDate',
    /^an integer of 32 bits$/,
    'null',
  ],
  [
    'monthReportingDate null',
    { monthReportingDate: null },
    'monthReportingDate',
    /^an integer of 32 bits$/,
    'null',
  ],
  ['operation null', { operation: null }, 'operation', /^a string of well-formed Unicode$/, 'null'],
  ['a number for a string', { operation: 3 }, 'operation', /^a string of well-formed Unicode$/, '3'],
  [
    'half a surrogate pair in a required string',
    { operation: '\ud83d' },
    'operation',
    /^a string of well-formed Unicode$/,
    '"\\ud83d"',
  ],
  [
    'assessmentType null',
    { assessmentType: null },
    'assessmentType',
    /^a string of well-formed Unicode$/,
    'null',
  ],
  [
    'half a surrogate pair in a nullable string',
    { displacementReason: 'x\udc00' },
    'displacementReason',
    /^a string of well-formed Unicode or null$/,
    '"x\\udc00"',
  ],
  ['admin0Name null', { admin0Name: null }, 'admin0Name', /^a string of well-formed Unicode$/, 'null'],
  ['admin0Pcode null', { admin0Pcode: null }, 'admin0Pcode', /^"NWL", the country asked for/, 'null'],
  [
    'the code of another country',
    { admin0Pcode: 'OLD' },
    'admin0Pcode',
    /^"NWL", the country asked for .*another country's rows/,
    '"OLD"',
  ],
  ['reportingDate null', { reportingDate: null }, 'reportingDate', /a day that exists/, 'null'],
  [
    'a date without time',
    { reportingDate: '2024-02-29' },
    'reportingDate',
    /YYYY-MM-DDT00:00:00/,
    '"2024-02-29"',
  ],
  [
    '29 February of a common year',
    { reportingDate: '2023-02-29T00:00:00' },
    'reportingDate',
    /a day that exists/,
    '"2023-02-29T00:00:00"',
  ],
  [
    'a date with a time zone',
    { reportingDate: '2024-02-29T00:00:00Z' },
    'reportingDate',
    /a day that exists/,
    '"2024-02-29T00:00:00Z"',
  ],
  [
    'a date at one o’clock',
    { reportingDate: '2024-02-29T01:00:00' },
    'reportingDate',
    /a day that exists/,
    '"2024-02-29T01:00:00"',
  ],
  [
    'an object with the key toString',
    { displacementReason: { toString: 1, valueOf: 2 } },
    'displacementReason',
    /a string of/,
    'an object',
  ],
  [
    'a missing nullable integer',
    without('numberMales'),
    'numberMales',
    /an integer of 32 bits or null/,
    'undefined',
  ],
  ['a missing string', without('operation'), 'operation', /a string of/, 'undefined'],
  ['a missing id', without('id'), 'id', /an integer of 32 bits or null/, 'undefined'],
  [
    'a missing nullable string',
    without('admin1Name'),
    'admin1Name',
    /a string of well-formed Unicode or null/,
    'undefined',
  ],
  ['a row that is null', null, undefined, /an object/, 'null'],
  ['a row that is an array', [], undefined, /an object/, 'an array of 0'],
  ['a row that is text', 'row', undefined, /an object/, '"row"'],
];

describe('wrong rows', () => {
  for (const [name, change, field, expected, received] of WRONG_ROWS) {
    test(`${name} is a DTMAnswerShapeError at ${field ?? 'the row'}`, () => {
      const whole = typeof change === 'object' && change !== null && Object.keys(change).length > 5;
      const partial = typeof change === 'object' && change !== null && !Array.isArray(change) && !whole;
      assert.throws(
        () => read(answer([row, partial ? { ...row, ...change } : change, row])),
        (error) => {
          assert.ok(error instanceof DTMAnswerShapeError);
          const { name: errorName, endpoint, level, country, path } = error;
          const where = { errorName: 'DTMAnswerShapeError', endpoint: 'admin2', level: 2, country: 'NWL' };
          const at = field === undefined ? 'result[1]' : `result[1].${field}`;
          assert.deepEqual({ errorName, endpoint, level, country, path }, { ...where, path: at });
          assert.deepEqual([error.row, error.field, error.received], [1, field, received]);
          assert.match(error.expected, expected);
          assert.ok(error.message.includes(`admin2 NWL: ${at}: expected ${error.expected}, got `));
          return true;
        },
      );
    });
  }

  test('a shape error names the country of the row if the query names none', () => {
    const request = apiRequest('countries');
    const find = () => read(answer([{ ...V3.countries, admin0Name: 5 }]), request);
    assert.throws(find, { name: 'DTMAnswerShapeError', country: 'NWL', level: undefined });
  });

  test('a list with a code other than three capital letters is refused', () => {
    for (const admin0Pcode of ['../', 'nwl', 'NW', 'NWLX', '', 'NW\n']) {
      const find = () => read(answer([{ ...V3.operations, admin0Pcode }]), apiRequest('operations'));
      assert.throws(find, {
        name: 'DTMAnswerShapeError',
        field: 'admin0Pcode',
        expected: /three capital letters/,
      });
    }
  });

  test('a long received value is cut in the error message', () => {
    const find = () => read(answer([{ ...row, numberMales: 'x'.repeat(10_000) }]));
    assert.throws(find, (error) => error instanceof Error && error.message.length < 300);
  });
});

const WRONG_ENVELOPES: [name: string, json: unknown, path: string | undefined, expected: RegExp][] = [
  ['an answer that is null', null, undefined, /an object/],
  ['an answer that is an array', [], undefined, /an object/],
  ['a gateway error with HTTP 200', { statusCode: 401, message: 'Access denied' }, 'result', /an array/],
  [
    'totalRecordsCount of another number',
    answer([row], { totalRecordsCount: 2 }),
    'totalRecordsCount',
    /1, the number of rows sent/,
  ],
  ['totalRecordsCount as text', answer([row], { totalRecordsCount: '1' }), 'totalRecordsCount', /an integer/],
  ['statusCode 204 with rows', answer([row], { statusCode: 204 }), 'result', /no rows with statusCode 204/],
  ['statusCode 500', answer([row], { statusCode: 500 }), 'statusCode', /200 \(rows\) or 204/],
  ['isSuccess as text', answer([row], { isSuccess: 'true' }), 'isSuccess', /true or false/],
  ['errorMessages as text', answer([row], { errorMessages: 'none' }), 'errorMessages', /an array/],
  [
    'errorMessages with a number',
    answer([row], { errorMessages: [1] }),
    'errorMessages',
    /an array of strings/,
  ],
  ['result as an object', answer([row], { result: { 0: row } }), 'result', /an array/],
  ['a refusal with rows', { ...UNKNOWN, result: [row] }, 'result', /no rows with isSuccess false/],
  ['isSuccess as an object', answer([row], { isSuccess: { toString: 1 } }), 'isSuccess', /true or false/],
  ['a refusal with errorMessages null', { ...UNKNOWN, errorMessages: null }, 'errorMessages', /an array/],
];

describe('wrong envelopes', () => {
  for (const [name, json, path, expected] of WRONG_ENVELOPES) {
    test(`${name} is a DTMAnswerShapeError at ${path ?? 'the answer'}`, () => {
      assert.throws(
        () => read(json),
        (error) => {
          assert.ok(error instanceof DTMAnswerShapeError);
          assert.equal(error.path, path);
          assert.match(error.expected, expected);
          return true;
        },
      );
    });
  }
});
