import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DTMApi } from '../../lib/dtm/client.ts';
import { DTMApiError, ValidationError } from '../../lib/dtm/errors.ts';
import type { DTMApiOptions } from '../../lib/dtm/options.ts';

const KEY = 'k3y-0123456789';
const createClient = (options: object) => new DTMApi({ subscriptionKey: KEY, ...options } as DTMApiOptions);

const REFUSED: [option: string, value: unknown, message: RegExp][] = [
  ['timeout', 0, /timeout: expected a number from 0.001 to 86400, got 0/],
  ['timeout', '30', /got "30"/],
  ['timeout', Number.NaN, /got NaN/],
  ['timeout', Number.POSITIVE_INFINITY, /got Infinity/],
  ['timeout', null, /got null/],
  ['maxRetries', -1, /maxRetries: expected an integer from 0 to 1000, got -1/],
  ['maxRetries', 1.5, /got 1.5/],
  ['retryDelay', -0.1, /got -0.1/],
  ['maxWait', 86_401, /got 86401/],
  ['maxElapsed', 0, /got 0/],
  ['maxBytes', 0, /maxBytes: expected an integer/],
  ['maxBytes', 2 ** 40, /got 1099511627776/],
  ['concurrency', 0, /concurrency: expected an integer from 1 to 1000, got 0/],
  ['userAgent', '', /userAgent: expected printable ASCII, got ""/],
  ['userAgent', 'a\r\nX: y', /got "a\\r\\nX: y"/],
  ['userAgent', 7, /got 7/],
  ['logger', {}, /logger: expected an object with the functions debug, info, warn and error/],
  ['logger', () => {}, /got a function/],
  ['signal', {}, /signal: expected an AbortSignal, got an object/],
  ['random', 0.5, /random: expected a function/],
  ['max_retries', 3, /max_retries: expected one of the options subscriptionKey, .*, got 3/],
  ['baseUrl', 'http://example.org', /https, or http on loopback only .* got "http:\/\/example.org"/],
  ['baseUrl', 'http://127.0.0.1.example.org', /https, or http on loopback/],
  ['baseUrl', 'http://localhost.example.org', /https, or http on loopback/],
  ['baseUrl', 'http://[::2]', /https, or http on loopback/],
  ['baseUrl', 'http://0.0.0.0', /https, or http on loopback/],
  ['baseUrl', 'ftp://127.0.0.1', /https, or http on loopback/],
  ['baseUrl', 'dtmapi.iom.int', /an address such as https:\/\/dtmapi.iom.int, got "dtmapi.iom.int"/],
  ['baseUrl', '', /an address such as/],
  ['baseUrl', 7, /got 7/],
  ['baseUrl', 'https://user:s3cret@example.org', /without user, password/],
  ['baseUrl', 'https://user:s3cret@exa mple.org', /an address such as/],
  ['baseUrl', 'https://example.org/?key=s3cret', /without user, password, query/],
  ['baseUrl', 'https://example.org/#s3cret', /fragment/],
  ['baseUrl', 'https://example.org/?', /query/],
];

for (const [option, value, message] of REFUSED) {
  test(`option ${option} with the value ${JSON.stringify(value) ?? value} is refused`, () => {
    assert.throws(
      () => createClient({ [option]: value }),
      (error) => {
        assert.ok(error instanceof ValidationError && !(error instanceof DTMApiError));
        assert.equal(error.parameter, option);
        assert.match(error.message, message);
        assert.doesNotMatch(`${error.message} ${error.value}`, /s3cret/);
        return true;
      },
    );
  });
}

for (const baseUrl of [
  ...[
    'http://127.0.0.1:8080',
    'http://127.9.9.9',
    'http://[::1]:8080',
    'http://localhost',
    'http://127.1/path/',
  ],
  ...['https://example.org', 'https://example.org/gate/way/', undefined],
]) {
  test(`baseUrl ${baseUrl} is accepted`, () => assert.doesNotThrow(() => createClient({ baseUrl })));
}

test('a missing or blank key is a DTMAuthenticationError', () => {
  const withoutOptions = () => new (DTMApi as unknown as new () => DTMApi)();
  assert.throws(withoutOptions, { name: 'DTMAuthenticationError', message: /subscriptionKey/ });
  for (const subscriptionKey of [undefined, null, '', '  ']) {
    assert.throws(() => createClient({ subscriptionKey }), { name: 'DTMAuthenticationError' });
  }
});

test('a key that a header cannot hold is refused and not shown', () => {
  for (const key of ['k3y 01', 'k3y01\n', 'k3yé01', 1234]) {
    for (const option of ['subscriptionKey', 'secondaryKey']) {
      const message = `${option}: expected printable ASCII without spaces or line ends`;
      assert.throws(() => createClient({ [option]: key }), {
        name: 'ValidationError',
        value: '[hidden]',
        message,
      });
    }
  }
});

test('apiVersion other than v2 and v3 is a DTMApiVersionError, also without a key', () => {
  for (const apiVersion of ['v1', 'V3', '', 3, null]) {
    const message = /apiVersion: expected one of v3, v2, got /;
    assert.throws(() => createClient({ subscriptionKey: '', apiVersion }), {
      name: 'DTMApiVersionError',
      message,
    });
  }
  assert.equal(createClient({ apiVersion: 'v2' }).apiVersion, 'v2');
  assert.equal(createClient({}).apiVersion, 'v3');
  assert.equal(createClient({}).baseUrl, 'https://dtmapi.iom.int');
});
