import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint } from '../../lib/dtm/endpoints.ts';
import { ValidationError } from '../../lib/dtm/errors.ts';
import { checkQuery, inRounds } from '../../lib/dtm/query.ts';

const at = { admin0Pcode: 'NWL' };
const sent = (query: object, endpoint: Endpoint = 'admin2') => checkQuery(endpoint, query).params.toString();

const REFUSED: [endpoint: string, query: unknown, parameter: string, message: RegExp][] = [
  ['admin0', {}, 'operation, countryName, admin0Pcode', /at least one of them is needed/],
  ['admin0', undefined, 'operation, countryName, admin0Pcode', /at least one/],
  ['admin0', { admin0Pcode: undefined }, 'operation, countryName, admin0Pcode', /at least one/],
  ['admin0', null, 'query', /expected an object of parameters, got null/],
  ['admin0', 'NWL', 'query', /got "NWL"/],
  ['admin0', [1], 'query', /got an array of 1/],
  ['admin0', { countryName: '' }, 'countryName', /countryName: expected a string that is not blank, got ""/],
  ['admin0', { operation: ' \t' }, 'operation', /not blank/],
  ['admin0', { admin0Pcode: 4 }, 'admin0Pcode', /got 4/],
  ['admin0', { admin0Pcode: null }, 'admin0Pcode', /got null/],
  ['admin0', { admin0Pcode: ['NWL'] }, 'admin0Pcode', /got an array of 1/],
  ['admin0', { countryName: '\ud800' }, 'countryName', /got "\\ud800"/],
  [
    'admin0',
    { ...at, admin1Name: 'North' },
    'admin1Name',
    /admin1Name \("North"\) is no parameter of admin0/,
  ],
  [
    'admin1',
    { ...at, admin2Pcode: 'NW0101' },
    'admin2Pcode',
    /is no parameter of admin1, which takes operation,/,
  ],
  ['admin2', { ...at, Admin1Name: 'North' }, 'Admin1Name', /is no parameter of admin2/],
  [
    'admin2',
    JSON.parse('{"admin0Pcode":"NWL","__proto__":{}}'),
    '__proto__',
    /__proto__ \(an object\) is no parameter/,
  ],
  ['countries', at, 'admin0Pcode', /of countries, which takes no parameters/],
  ['admin3', at, 'endpoint', /expected one of countries, operations, admin0, admin1, admin2, got "admin3"/],
  ['constructor', at, 'endpoint', /got "constructor"/],
  ['admin0', { ...at, fromReportingDate: '2024-2-1' }, 'fromReportingDate', /as YYYY-MM-DD, got "2024-2-1"/],
  ['admin0', { ...at, toReportingDate: '2023-02-29' }, 'toReportingDate', /a day that exists/],
  ['admin0', { ...at, toReportingDate: '2023-13-01' }, 'toReportingDate', /a day that exists/],
  ['admin0', { ...at, toReportingDate: '2023-01-01\n' }, 'toReportingDate', /a day that exists/],
  ['admin0', { ...at, fromReportingDate: '' }, 'fromReportingDate', /got ""/],
  ['admin0', { ...at, fromReportingDate: new Date(0) }, 'fromReportingDate', /got an object/],
  [
    'admin0',
    { ...at, fromReportingDate: '2024-01-02', toReportingDate: '2024-01-01' },
    'fromReportingDate',
    /must not be after toReportingDate \("2024-01-01"\)/,
  ],
  ['admin0', { ...at, fromRoundNumber: -1 }, 'fromRoundNumber', /an integer of 0 or more, got -1/],
  ['admin0', { ...at, toRoundNumber: 1.5 }, 'toRoundNumber', /got 1.5/],
  ['admin0', { ...at, toRoundNumber: '3' }, 'toRoundNumber', /got "3"/],
  ['admin0', { ...at, toRoundNumber: Number.NaN }, 'toRoundNumber', /got NaN/],
  ['admin0', { ...at, toRoundNumber: 2 ** 31 }, 'toRoundNumber', /got 2147483648/],
  [
    'admin0',
    { ...at, fromRoundNumber: 3, toRoundNumber: 2 },
    'fromRoundNumber',
    /\(3\) must not be after toRoundNumber \(2\)/,
  ],
  [
    'admin0',
    { ...at, fromRoundNumber: 1, toRoundNumber: 0 },
    'fromRoundNumber',
    /\(1\) must not be after toRoundNumber \(0\)/,
  ],
];

for (const [endpoint, query, parameter, message] of REFUSED) {
  test(`${endpoint} ${JSON.stringify(query)} is refused for ${parameter}`, () => {
    assert.throws(
      () => checkQuery(endpoint as Endpoint, query),
      (error) => {
        assert.ok(error instanceof ValidationError);
        assert.equal(error.name, 'ValidationError');
        assert.equal(error.parameter, parameter);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test('a ValidationError carries the value', () => {
  const find = () => checkQuery('admin0', { ...at, toRoundNumber: 1.5 });
  assert.throws(find, { name: 'ValidationError', parameter: 'toRoundNumber', value: 1.5 });
});

test('parameters are sent under the names of the API', () => {
  const texts = {
    operation: 'A & B',
    countryName: "Côte d'Ivoire",
    admin0Pcode: 'NWL',
    admin1Name: 'N',
    admin1Pcode: 'N1',
  };
  const query = {
    ...texts,
    admin2Name: 'P',
    admin2Pcode: 'P1',
    fromReportingDate: '2024-02-29',
    toReportingDate: '2024-02-29',
  };
  assert.deepEqual(
    Object.fromEntries(checkQuery('admin2', { ...query, fromRoundNumber: 2, toRoundNumber: 2 }).params),
    {
      Operation: 'A & B',
      CountryName: "Côte d'Ivoire",
      Admin0Pcode: 'NWL',
      Admin1Name: 'N',
      Admin1Pcode: 'N1',
      Admin2Name: 'P',
      Admin2Pcode: 'P1',
      FromReportingDate: '2024-02-29',
      ToReportingDate: '2024-02-29',
      FromRoundNumber: '2',
      ToRoundNumber: '2',
    },
  );
  assert.equal(sent({}, 'countries'), '');
});

const ROUNDS: [range: object, sent: string, kept: number[]][] = [
  [{}, '', [0, 1, 5, 6]],
  [{ fromRoundNumber: 0 }, '', [0, 1, 5, 6]],
  [{ toRoundNumber: 0 }, '', [0]],
  [{ fromRoundNumber: 0, toRoundNumber: 0 }, '', [0]],
  [{ fromRoundNumber: 0, toRoundNumber: 5 }, '', [0, 1, 5]],
  [{ fromRoundNumber: 1 }, '&FromRoundNumber=1', [1, 5, 6]],
  [{ toRoundNumber: 5 }, '&ToRoundNumber=5', [0, 1, 5]],
  [{ fromRoundNumber: 1, toRoundNumber: 5 }, '&FromRoundNumber=1&ToRoundNumber=5', [1, 5]],
];

for (const [range, params, kept] of ROUNDS) {
  test(`rounds ${JSON.stringify(range)} send "${params}" and keep ${kept}`, () => {
    assert.equal(sent({ ...at, ...range }), `Admin0Pcode=NWL${params}`);
    const { rounds } = checkQuery('admin0', { ...at, ...range });
    assert.deepEqual(
      [0, 1, 5, 6].filter((round) => rounds === undefined || inRounds(round, rounds)),
      kept,
    );
  });
}
