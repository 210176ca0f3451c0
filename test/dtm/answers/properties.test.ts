// Random input: valid rows are read unchanged, anything else is one of our errors.
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
// JSON with keys that every object inherits, too.
const json = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(fc.constantFrom('toString', 'valueOf', 'toJSON', 'length'), fc.nat()),
);
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const orNull = <T>(each: fc.Arbitrary<T>) => fc.option(each, { nil: null });
const day = fc
  .date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => `${date.toISOString().slice(0, 10)}T00:00:00`);

function apiRequest(
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

const read = (request: ApiRequest, json: unknown) => readAnswer(request, Buffer.from(JSON.stringify(json)));

const REQUIRED = {
  ...{ operation: text, admin0Name: text, admin0Pcode: text, assessmentType: text, reportingDate: day },
  ...{ yearReportingDate: int32, monthReportingDate: int32, roundNumber: int32 },
};
const NUMBERS = ['id', 'numPresentIdpInd', 'numberMales', 'numberFemales'];

/** Random rows with the fields of the struct. */
function rowsOf(
  version: ApiRequest['version'],
  endpoint: (typeof LEVEL_ENDPOINTS)[number],
): fc.Arbitrary<object[]> {
  const names = Object.keys(ROWS[version][endpoint].schema);
  const fields = names.map((name) => {
    const required: fc.Arbitrary<unknown> | undefined = Object.hasOwn(REQUIRED, name)
      ? REQUIRED[name as keyof typeof REQUIRED]
      : undefined;
    return [name, required ?? orNull<unknown>(NUMBERS.includes(name) ? int32 : text)];
  });
  return fc.array(fc.record(Object.fromEntries(fields)), { maxLength: 6 });
}

for (const version of API_VERSIONS) {
  for (const endpoint of LEVEL_ENDPOINTS) {
    test(`any valid rows of ${version} ${endpoint} are read unchanged`, () => {
      const holds = (rows: object[]) => {
        const result = read(apiRequest(endpoint, version), answer(rows));
        // Compared as JSON, which has no -0: deepEqual distinguishes -0 from 0.
        assert.equal(JSON.stringify(result.rows), JSON.stringify(rows));
        assert.deepEqual([result.unknownFields.size, result.absentFields.size], [0, 0]);
      };
      fc.assert(fc.property(rowsOf(version, endpoint), holds), { numRuns: 60 });
    });
  }
}

function assertOnlyOurErrors(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    const ourErrors = [DTMAnswerShapeError, DTMApiRequestError, DTMApiResponseError, ValidationError];
    if (!ourErrors.some((each) => error instanceof each)) throw error;
  }
}

test('any bytes give an answer or one of our errors', () => {
  const body = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: 'binary' }).map(Buffer.from));
  fc.assert(fc.property(body, (bytes) => assertOnlyOurErrors(() => readAnswer(apiRequest('admin2'), bytes))));
});

test('any JSON gives an answer or one of our errors', () => {
  fc.assert(
    fc.property(endpoints, fc.jsonValue(), (endpoint, json) =>
      assertOnlyOurErrors(() => read(apiRequest(endpoint), json)),
    ),
  );
});

test('any JSON in any field of an envelope or row gives an answer or one of our errors', () => {
  const fields = [
    ...Object.keys(answer([])),
    ...Object.keys(V3.admin2),
    '__proto__',
    'constructor',
    'toString',
  ];
  // Built as text, because `__proto__` in an object literal is not a key.
  const changed = (target: object, field: string, json: unknown) => {
    const rest = Object.entries(target).filter(([key]) => key !== field);
    const entries = [[field, json], ...rest].map(
      ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`,
    );
    return JSON.parse(`{${entries.join()}}`);
  };
  const holds = (field: string, json: unknown, inRow: boolean) => {
    const row = changed(V3.admin2, field, json);
    const whole = inRow ? answer([V3.admin2, row]) : changed(answer([V3.admin2]), field, json);
    assertOnlyOurErrors(() => read(apiRequest('admin2'), whole));
  };
  fc.assert(fc.property(fc.constantFrom(...fields), json, fc.boolean(), holds), { numRuns: 300 });
});

test('JSON nested 10,000 levels deep is a DTMAnswerShapeError', () => {
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
  const row = JSON.stringify({ ...V3.admin2, id: 12321 }).replace('12321', deep);
  for (const body of [deep, `{"isSuccess":${deep}}`, JSON.stringify(answer([5])).replace('5', row)]) {
    assert.throws(() => readAnswer(apiRequest('admin2'), Buffer.from(body)), { name: 'DTMAnswerShapeError' });
  }
});

test('checkRows accepts a value if and only if its struct does', () => {
  const struct = ROWS.v3.admin2;
  const value = fc.oneof(json, text, int32, day, fc.constant(undefined), fc.double());
  const holds = (field: string, each: unknown) => {
    const row = { ...V3.admin2, [field]: each };
    const result = checkRows([V3.admin2, row], struct.schema as never);
    assert.equal(isFault(result), !struct.is(row), `${field}: ${JSON.stringify(each)}`);
  };
  fc.assert(fc.property(fc.constantFrom(...Object.keys(V3.admin2)), value, holds), { numRuns: 1000 });
});

test('any query is accepted or is a ValidationError', () => {
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
      assertOnlyOurErrors(() => checkQuery(endpoint, each)),
    ),
  );
});

test('any wait is at most maxWait, and at least Retry-After up to maxWait', () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  const seconds = fc.double({ min: 0, max: 1e6, noNaN: true });
  const holds = (n: number, jitter: number, retryDelay: number, maxWait: number, after: number) => {
    const policy = { maxRetries: 9, maxElapsed: 9, retryDelay, maxWait, random: () => jitter };
    const wait = waitSeconds(policy, n, after);
    assert.ok(wait >= Math.min(after, maxWait) && wait <= maxWait);
  };
  fc.assert(fc.property(fc.nat(), unit, seconds, seconds, seconds, holds));
});

test('any Retry-After gives 0 or more seconds, or undefined', () => {
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
