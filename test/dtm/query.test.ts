import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint } from '../../lib/dtm/endpoints.ts';
import { ValidationError } from '../../lib/dtm/errors.ts';
import { checkQuery, inRounds } from '../../lib/dtm/query.ts';

const country = { admin0Pcode: 'NWL' };
const sentParams = (query: object, endpoint: Endpoint = 'admin2') =>
  checkQuery(endpoint, query).params.toString();

const REFUSED: [name: string, endpoint: string, query: unknown, parameter: string, message: RegExp][] = [
  ['no parameters', 'admin0', {}, 'operation, countryName, admin0Pcode', /at least one of them is needed/],
  ['an undefined query', 'admin0', undefined, 'operation, countryName, admin0Pcode', /at least one/],
  [
    'a query with only undefined values',
    'admin0',
    { admin0Pcode: undefined },
    'operation, countryName, admin0Pcode',
    /at least one/,
  ],
  ['a query that is null', 'admin0', null, 'query', /expected an object of parameters, got null/],
  ['a query that is text', 'admin0', 'NWL', 'query', /got "NWL"/],
  ['a query that is an array', 'admin0', [1], 'query', /got an array of 1/],
  [
    'an empty countryName',
    'admin0',
    { countryName: '' },
    'countryName',
    /countryName: expected a string that is not blank, got ""/,
  ],
  ['a blank operation', 'admin0', { operation: ' \t' }, 'operation', /not blank/],
  ['admin0Pcode as a number', 'admin0', { admin0Pcode: 4 }, 'admin0Pcode', /got 4/],
  ['admin0Pcode null', 'admin0', { admin0Pcode: null }, 'admin0Pcode', /got null/],
  ['admin0Pcode as an array', 'admin0', { admin0Pcode: ['NWL'] }, 'admin0Pcode', /got an array of 1/],
  [
    'countryName with half a surrogate pair',
    'admin0',
    { countryName: '\ud800' },
    'countryName',
    /got "\\ud800"/,
  ],
  [
    'admin1Name at admin0',
    'admin0',
    { ...country, admin1Name: 'North' },
    'admin1Name',
    /admin1Name \("North"\) is no parameter of admin0/,
  ],
  [
    'admin2Pcode at admin1',
    'admin1',
    { ...country, admin2Pcode: 'NW0101' },
    'admin2Pcode',
    /is no parameter of admin1, which takes operation,/,
  ],
  [
    'Admin1Name with a capital letter',
    'admin2',
    { ...country, Admin1Name: 'North' },
    'Admin1Name',
    /is no parameter of admin2/,
  ],
  [
    'a parameter __proto__',
    'admin2',
    JSON.parse('{"admin0Pcode":"NWL","__proto__":{}}'),
    '__proto__',
    /__proto__ \(an object\) is no parameter/,
  ],
  ['a parameter for a list', 'countries', country, 'admin0Pcode', /of countries, which takes no parameters/],
  [
    'an unknown endpoint',
    'admin3',
    country,
    'endpoint',
    /expected one of countries, operations, admin0, admin1, admin2, got "admin3"/,
  ],
  ['endpoint constructor', 'constructor', country, 'endpoint', /got "constructor"/],
  [
    'a date without leading zeros',
    'admin0',
    { ...country, fromReportingDate: '2024-2-1' },
    'fromReportingDate',
    /as YYYY-MM-DD, got "2024-2-1"/,
  ],
  [
    '29 February of a common year',
    'admin0',
    { ...country, toReportingDate: '2023-02-29' },
    'toReportingDate',
    /a day that exists/,
  ],
  [
    'a date with month 13',
    'admin0',
    { ...country, toReportingDate: '2023-13-01' },
    'toReportingDate',
    /a day that exists/,
  ],
  [
    'a date with a line end',
    'admin0',
    { ...country, toReportingDate: '2023-01-01\n' },
    'toReportingDate',
    /a day that exists/,
  ],
  ['an empty date', 'admin0', { ...country, fromReportingDate: '' }, 'fromReportingDate', /got ""/],
  [
    'a date as a Date object',
    'admin0',
    { ...country, fromReportingDate: new Date(0) },
    'fromReportingDate',
    /got an object/,
  ],
  [
    'fromReportingDate after toReportingDate',
    'admin0',
    { ...country, fromReportingDate: '2024-01-02', toReportingDate: '2024-01-01' },
    'fromReportingDate',
    /must not be after toReportingDate \("2024-01-01"\)/,
  ],
  [
    'a negative round',
    'admin0',
    { ...country, fromRoundNumber: -1 },
    'fromRoundNumber',
    /an integer of 0 or more, got -1/,
  ],
  ['round 1.5', 'admin0', { ...country, toRoundNumber: 1.5 }, 'toRoundNumber', /got 1.5/],
  ['a round as text', 'admin0', { ...country, toRoundNumber: '3' }, 'toRoundNumber', /got "3"/],
  ['round NaN', 'admin0', { ...country, toRoundNumber: Number.NaN }, 'toRoundNumber', /got NaN/],
  ['round 2^31', 'admin0', { ...country, toRoundNumber: 2 ** 31 }, 'toRoundNumber', /got 2147483648/],
  [
    'fromRoundNumber after toRoundNumber',
    'admin0',
    { ...country, fromRoundNumber: 3, toRoundNumber: 2 },
    'fromRoundNumber',
    /\(3\) must not be after toRoundNumber \(2\)/,
  ],
  [
    'fromRoundNumber after toRoundNumber 0',
    'admin0',
    { ...country, fromRoundNumber: 1, toRoundNumber: 0 },
    'fromRoundNumber',
    /\(1\) must not be after toRoundNumber \(0\)/,
  ],
];

for (const [name, endpoint, query, parameter, message] of REFUSED) {
  test(`${name} is a ValidationError of the parameter ${parameter}`, () => {
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

test('ValidationError has parameter and value', () => {
  const find = () => checkQuery('admin0', { ...country, toRoundNumber: 1.5 });
  assert.throws(find, { name: 'ValidationError', parameter: 'toRoundNumber', value: 1.5 });
});

test('parameters are sent with the names of the API', () => {
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
  assert.equal(sentParams({}, 'countries'), '');
});

const ROUNDS: [name: string, range: object, sent: string, kept: number[]][] = [
  ['no range', {}, '', [0, 1, 5, 6]],
  ['rounds from 0', { fromRoundNumber: 0 }, '', [0, 1, 5, 6]],
  ['rounds to 0', { toRoundNumber: 0 }, '', [0]],
  ['rounds 0 to 0', { fromRoundNumber: 0, toRoundNumber: 0 }, '', [0]],
  ['rounds 0 to 5', { fromRoundNumber: 0, toRoundNumber: 5 }, '', [0, 1, 5]],
  ['rounds from 1', { fromRoundNumber: 1 }, '&FromRoundNumber=1', [1, 5, 6]],
  ['rounds to 5', { toRoundNumber: 5 }, '&ToRoundNumber=5', [0, 1, 5]],
  ['rounds 1 to 5', { fromRoundNumber: 1, toRoundNumber: 5 }, '&FromRoundNumber=1&ToRoundNumber=5', [1, 5]],
];

for (const [name, range, params, kept] of ROUNDS) {
  test(`${name}: the query sends "${params}" and keeps the rounds ${kept}`, () => {
    assert.equal(sentParams({ ...country, ...range }), `Admin0Pcode=NWL${params}`);
    const { rounds } = checkQuery('admin0', { ...country, ...range });
    assert.deepEqual(
      [0, 1, 5, 6].filter((round) => rounds === undefined || inRounds(round, rounds)),
      kept,
    );
  });
}
