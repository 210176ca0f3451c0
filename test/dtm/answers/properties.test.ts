// Whatever comes: valid rows come through as they are, anything else ends in an error of ours.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkRows, isFault } from '../../../lib/dtm/answers/check-rows.ts';
import { readAnswer } from '../../../lib/dtm/answers/read-answer.ts';
import { ROWS } from '../../../lib/dtm/answers/row-structs.ts';
import type { ApiRequest } from '../../../lib/dtm/api-request.ts';
import { API_VERSIONS } from '../../../lib/dtm/endpoints.ts';
import {
  DTMAnswerShapeError,
  DTMApiRequestError,
  DTMApiResponseError,
  ValidationError,
} from '../../../lib/dtm/errors.ts';
import { parseRetryAfter, waitSeconds } from '../../../lib/dtm/http/retry.ts';
import { checkQuery } from '../../../lib/dtm/query.ts';
import { V3 } from '../samples.ts';
import { answer } from '../start-api-server.ts';

const LEVEL_ENDPOINTS = ['admin0', 'admin1', 'admin2'] as const;
const endpoints = fc.constantFrom(...LEVEL_ENDPOINTS);
const text = fc.string({ unit: 'binary' });
// JSON whose keys are also names that every object inherits.
const json = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(fc.constantFrom('toString', 'valueOf', 'toJSON', 'length'), fc.nat()),
);
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const maybe = <T>(each: fc.Arbitrary<T>) => fc.option(each, { nil: null });
const day = fc
  .date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => `${date.toISOString().slice(0, 10)}T00:00:00`);

function asked(
  endpoint: ApiRequest['endpoint'],
  version: ApiRequest['version'] = 'v3',
  query: object = { operation: 'x' },
): ApiRequest {
  return {
    version,
    endpoint,
    query: checkQuery(endpoint, query),
    url: 'http://127.0.0.1/',
    redact: (each) => each,
  };
}

const read = (question: ApiRequest, json: unknown) => readAnswer(question, Buffer.from(JSON.stringify(json)));

const REQUIRED = {
  ...{ operation: text, admin0Name: text, admin0Pcode: text, assessmentType: text, reportingDate: day },
  ...{ yearReportingDate: int32, monthReportingDate: int32, roundNumber: int32 },
};
const NUMBERS = ['id', 'numPresentIdpInd', 'numberMales', 'numberFemales'];

/** Rows made from the struct's own list of fields. */
function rowsOf(
  version: ApiRequest['version'],
  endpoint: (typeof LEVEL_ENDPOINTS)[number],
): fc.Arbitrary<object[]> {
  const names = Object.keys(ROWS[version][endpoint].schema);
  const fields = names.map((name) => {
    const required: fc.Arbitrary<unknown> | undefined = Object.hasOwn(REQUIRED, name)
      ? REQUIRED[name as keyof typeof REQUIRED]
      : undefined;
    return [name, required ?? maybe<unknown>(NUMBERS.includes(name) ? int32 : text)];
  });
  return fc.array(fc.record(Object.fromEntries(fields)), { maxLength: 6 });
}

for (const version of API_VERSIONS) {
  for (const endpoint of LEVEL_ENDPOINTS) {
    test(`valid rows of ${version} ${endpoint} come through as they are`, () => {
      const holds = (rows: object[]) => {
        const result = read(asked(endpoint, version), answer(rows));
        // As JSON: it has no -0, and deepEqual would tell it from 0.
        assert.equal(JSON.stringify(result.rows), JSON.stringify(rows));
        assert.deepEqual([result.unknownFields.size, result.absentFields.size], [0, 0]);
      };
      fc.assert(fc.property(rowsOf(version, endpoint), holds), { numRuns: 60 });
    });
  }
}

function onlyOurErrors(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    const ours = [DTMAnswerShapeError, DTMApiRequestError, DTMApiResponseError, ValidationError];
    if (!ours.some((each) => error instanceof each)) throw error;
  }
}

test('any bytes end in an answer or an error of ours', () => {
  const body = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: 'binary' }).map(Buffer.from));
  fc.assert(fc.property(body, (bytes) => onlyOurErrors(() => readAnswer(asked('admin2'), bytes))));
});

test('any JSON ends in an answer or an error of ours', () => {
  fc.assert(
    fc.property(endpoints, fc.jsonValue(), (endpoint, json) =>
      onlyOurErrors(() => read(asked(endpoint), json)),
    ),
  );
});

test('any JSON in any place of an envelope or a row ends in an answer or an error of ours', () => {
  const places = [
    ...Object.keys(answer([])),
    ...Object.keys(V3.admin2),
    '__proto__',
    'constructor',
    'toString',
  ];
  // As text, since `__proto__` in an object literal would not be a key.
  const changed = (target: object, place: string, json: unknown) => {
    const rest = Object.entries(target).filter(([key]) => key !== place);
    const entries = [[place, json], ...rest].map(
      ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`,
    );
    return JSON.parse(`{${entries.join()}}`);
  };
  const holds = (place: string, json: unknown, inRow: boolean) => {
    const row = changed(V3.admin2, place, json);
    const whole = inRow ? answer([V3.admin2, row]) : changed(answer([V3.admin2]), place, json);
    onlyOurErrors(() => read(asked('admin2'), whole));
  };
  fc.assert(fc.property(fc.constantFrom(...places), json, fc.boolean(), holds), { numRuns: 300 });
});

test('JSON nested ten thousand deep ends in an error of ours', () => {
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
  const row = JSON.stringify({ ...V3.admin2, id: 12321 }).replace('12321', deep);
  for (const body of [deep, `{"isSuccess":${deep}}`, JSON.stringify(answer([5])).replace('5', row)]) {
    assert.throws(() => readAnswer(asked('admin2'), Buffer.from(body)), { name: 'DTMAnswerShapeError' });
  }
});

test('the fast check agrees with the struct itself, value by value', () => {
  const struct = ROWS.v3.admin2;
  const value = fc.oneof(json, text, int32, day, fc.constant(undefined), fc.double());
  const holds = (field: string, each: unknown) => {
    const row = { ...V3.admin2, [field]: each };
    const result = checkRows([V3.admin2, row], struct.schema as never);
    assert.equal(isFault(result), !struct.is(row), `${field}: ${JSON.stringify(each)}`);
  };
  fc.assert(fc.property(fc.constantFrom(...Object.keys(V3.admin2)), value, holds), { numRuns: 1000 });
});

test('any query is checked or refused with a ValidationError', () => {
  const names = [
    'operation',
    'countryName',
    'admin0Pcode',
    'admin1Name',
    'fromReportingDate',
    'toRoundNumber',
    'x',
  ];
  const query = fc.dictionary(fc.constantFrom(...names), fc.oneof(fc.anything(), fc.string(), fc.nat()));
  fc.assert(
    fc.property(endpoints, fc.oneof(query, fc.anything()), (endpoint, each) =>
      onlyOurErrors(() => checkQuery(endpoint, each)),
    ),
  );
});

test('a wait is never negative, never longer than maxWait and never shorter than Retry-After up to it', () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  const seconds = fc.double({ min: 0, max: 1e6, noNaN: true });
  const holds = (n: number, jitter: number, retryDelay: number, maxWait: number, after: number) => {
    const policy = { maxRetries: 9, maxElapsed: 9, retryDelay, maxWait, random: () => jitter };
    const wait = waitSeconds(policy, n, after);
    assert.ok(wait >= Math.min(after, maxWait) && wait <= maxWait);
  };
  fc.assert(fc.property(fc.nat(), unit, seconds, seconds, seconds, holds));
});

test('any Retry-After is a number of seconds or nothing', () => {
  const holds = (header: string) => {
    const seconds = parseRetryAfter(header, new Date(0));
    assert.ok(seconds === undefined || seconds >= 0);
  };
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.nat().map(String),
        fc.date({ noInvalidDate: true }).map((each) => each.toUTCString()),
      ),
      holds,
    ),
  );
});
