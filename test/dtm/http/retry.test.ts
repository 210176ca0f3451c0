import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as errors from '../../../lib/dtm/errors.ts';
import {
  isRetryable,
  parseRetryAfter,
  type RetryPolicy,
  waitSeconds,
  withRetries,
} from '../../../lib/dtm/http/retry.ts';

// A date without a zone must not be read as local time.
process.env.TZ = 'America/New_York';

const NOW = new Date('1994-11-06T08:49:00Z');
const policy: RetryPolicy = { maxRetries: 3, retryDelay: 1, maxWait: 60, maxElapsed: 900, random: () => 1 };
const failure = (reason: errors.RequestFailure, status?: number) =>
  new errors.DTMApiRequestError('no', { reason, status });

const HEADERS: [header: string | undefined, seconds: number | undefined][] = [
  ['0', 0],
  ['120', 120],
  [' 7 ', 7],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 37],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 37],
  ['Sun Nov  6 08:49:37 1994', 37],
  ['Sun, 06 Nov 1994 08:00:00 GMT', 0],
  [undefined, undefined],
  ['', undefined],
  ['-5', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  ['5 apples', undefined],
  ['Sun, 99 Nov 1994 08:49:37 GMT', undefined],
];

for (const [header, seconds] of HEADERS) {
  test(`Retry-After ${JSON.stringify(header)} ${seconds === undefined ? 'is ignored' : `is ${seconds} s`}`, () =>
    assert.equal(parseRetryAfter(header, NOW), seconds));
}

test('waits double, with full jitter, up to maxWait', () => {
  assert.deepEqual(
    [0, 1, 2, 5, 6, 5000].map((n) => waitSeconds(policy, n)),
    [1, 2, 4, 32, 60, 60],
  );
  assert.equal(waitSeconds({ ...policy, random: () => 0.25 }, 2), 1);
  assert.equal(waitSeconds({ ...policy, random: () => 0 }, 2), 0);
  assert.equal(waitSeconds({ ...policy, retryDelay: 0 }, 5000), 0);
});

test('a wait is at least Retry-After and at most maxWait', () => {
  assert.equal(waitSeconds(policy, 0, 10), 10);
  assert.equal(waitSeconds(policy, 4, 10), 16);
  assert.equal(waitSeconds(policy, 0, 3600), 60);
});

const RETRIED: [error: unknown, retried: boolean][] = [
  ...([408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524] as const).map(
    (status) => [failure('status', status), true] as [unknown, boolean],
  ),
  ...([304, 400, 404, 409, 501, 505, 519, 525] as const).map(
    (status) => [failure('status', status), false] as [unknown, boolean],
  ),
  [failure('proxy', 407), false],
  [failure('proxy', 503), true],
  [failure('network'), true],
  [failure('cut', 200), true],
  [failure('not-json', 200), true],
  [failure('too-large', 200), false],
  [failure('encoding', 200), false],
  [failure('redirect', 302), false],
  [new errors.DTMApiTimeoutError('late'), true],
  [new errors.DTMFirewallError('no', { reason: 'status', status: 403 }), false],
  [new errors.DTMAuthenticationError('no', { status: 401 }), false],
  [new errors.DTMApiResponseError('no'), false],
  [new errors.DTMUnknownCountryError('no'), false],
  [new errors.ValidationError('a', 1, 'no'), false],
  [new TypeError('bug'), false],
  [new DOMException('stop', 'AbortError'), false],
  ['a string', false],
];

for (const [error, retried] of RETRIED) {
  const status = error instanceof errors.DTMApiError ? error.status : undefined;
  const reason = error instanceof errors.DTMApiRequestError ? error.reason : '';
  const label = [Object(error).name ?? error, reason, status].filter(Boolean).join(' ');
  test(`${label} is ${retried ? '' : 'not '}retried`, () => {
    assert.equal(isRetryable(error), retried);
  });
}

/** Runs attempts that always fail. On its clock an attempt takes 10 seconds. */
async function exhaust(
  changes: Partial<RetryPolicy>,
  error: unknown = failure('network'),
  signal?: AbortSignal,
) {
  let attempts = 0;
  const waits: number[] = [];
  const context = {
    attempts: () => attempts,
    elapsed: () => attempts * 10,
    signal,
    onRetry: (_: unknown, seconds: number) => waits.push(seconds),
  };
  const attempt = async () => {
    attempts++;
    throw error;
  };
  const thrown = await withRetries(attempt, { ...policy, retryDelay: 0.001, ...changes }, context).catch(
    (each) => each,
  );
  return { attempts, waits, thrown };
}

test('after maxRetries the error has attempts and elapsed', async () => {
  const { attempts, waits, thrown } = await exhaust({ maxRetries: 2 });
  assert.equal(attempts, 3);
  assert.deepEqual(waits, [0.001, 0.002]);
  assert.equal(thrown.attempts, 3);
  assert.equal(thrown.elapsed, 30);
});

test('maxRetries 0 makes one attempt', async () =>
  assert.equal((await exhaust({ maxRetries: 0 })).attempts, 1));

test('a wait that would end after maxElapsed is not started', async () => {
  assert.equal((await exhaust({ maxElapsed: 25 })).attempts, 3);
  assert.equal((await exhaust({ maxElapsed: 10.0005 })).attempts, 1);
});

test('a TypeError is thrown unchanged and not retried', async () => {
  const bug = new TypeError('bug');
  const { attempts, thrown } = await exhaust({}, bug);
  assert.equal(attempts, 1);
  assert.equal(thrown, bug);
});

test('AbortSignal ends a wait and rejects with signal.reason', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  setTimeout(() => controller.abort(reason), 5);
  const began = performance.now();
  const { attempts, thrown } = await exhaust({ retryDelay: 60 }, failure('network'), controller.signal);
  assert.equal(thrown, reason);
  assert.equal(attempts, 1);
  assert.ok(performance.now() - began < 30_000);
});
