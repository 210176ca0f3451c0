import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ConfigurationError,
  readEnvironment,
  readLambdaEnvironment,
  readProxies,
} from '../../lib/environment/configuration.ts';

const problemsOf = (variables: Record<string, string>): string => {
  try {
    readLambdaEnvironment(['destination', 'keyParameter'], variables);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    return error.message;
  }
  return '';
};
const REQUIRED_VARIABLES = { DTM_DESTINATION: 's3://bucket', DTM_KEY_PARAMETER: '/dtm/key' };

test('readLambdaEnvironment with only the required variables returns the defaults', () => {
  const read = readLambdaEnvironment(['destination', 'keyParameter'], {
    ...REQUIRED_VARIABLES,
    DTM_CONTACT: '  ',
  });
  assert.deepEqual(read, {
    destination: 's3://bucket',
    keyParameter: '/dtm/key',
    secondaryKeyParameter: null,
    baseUrl: null,
    publicUrl: null,
    terms: { licence: 'No licence: not for redistribution.', visibility: 'private', contact: null },
    apiVersion: 'v3',
    countries: null,
    maxFailed: 10,
    topicArn: null,
    alarmTopic: null,
    eventBus: null,
    distribution: null,
    proxyEnv: {},
    stateMachine: null,
    glueDatabase: null,
    retention: null,
  });
});

test('readLambdaEnvironment returns every variable that is set', () => {
  const read = readLambdaEnvironment([], {
    ...{
      DTM_API_VERSION: 'v2',
      DTM_COUNTRIES: 'TCD, AFG,TCD',
      DTM_MAX_FAILED: '2.5',
      DTM_VISIBILITY: 'public',
    },
    ...{ DTM_LICENCE: 'CC BY 4.0', DTM_PUBLIC_URL: 'https://example.org/dtm', DTM_KEEP_NEWEST: '30' },
    ...{ DTM_TOPIC_ARN: 'arn:aws:sns:x:1:t', DTM_EVENT_BUS: 'b', DTM_KEY_PARAMETER_SECONDARY: '/dtm/other' },
    DTM_DISTRIBUTION: 'E2QWRUHAPOMQZL',
  });
  assert.deepEqual([read.apiVersion, read.countries, read.maxFailed], ['v2', ['AFG', 'TCD'], 2.5]);
  assert.deepEqual(read.terms, { licence: 'CC BY 4.0', visibility: 'public', contact: null });
  assert.equal(read.publicUrl, 'https://example.org/dtm/');
  assert.deepEqual(
    [read.topicArn, read.eventBus, read.distribution],
    ['arn:aws:sns:x:1:t', 'b', 'E2QWRUHAPOMQZL'],
  );
  assert.deepEqual(read.retention, { keepNewest: 30, keepMonthly: 'all' });
  const { retention } = readLambdaEnvironment([], { DTM_KEEP_NEWEST: '1', DTM_KEEP_MONTHLY: '0' });
  assert.deepEqual(retention, { keepNewest: 1, keepMonthly: 0 });
});

test('readLambdaEnvironment reports all missing and invalid variables together', () => {
  const wrong = {
    ...{ DTM_DESTINATION: ' ', DTM_API_VERSION: 'v1', DTM_COUNTRIES: 'Haiti', DTM_MAX_FAILED: 'ten' },
    ...{ DTM_VISIBILITY: 'public', DTM_PUBLIC_URL: 'example.org', DTM_TOPIC_ARN: 'topic' },
    ...{ DTM_KEEP_NEWEST: '0', DTM_KEEP_MONTHLY: 'some', DTM_DISTRIBUTION: 'arn:x' },
  };
  assert.deepEqual(problemsOf(wrong).split('; '), [
    'DTM_DESTINATION is missing',
    'DTM_KEY_PARAMETER is missing',
    'DTM_PUBLIC_URL: expected an https:// address without query, got example.org',
    'DTM_VISIBILITY is public, but DTM_LICENCE is missing: say on which terms the figures are given',
    'DTM_TOPIC_ARN: expected an ARN like arn:aws:sns:..., got topic',
    'DTM_DISTRIBUTION: expected an id like E2QWRUHAPOMQZL, got arn:x',
    'DTM_API_VERSION: expected v3 or v2, got v1',
    'DTM_COUNTRIES: expected ISO3 codes like AFG,HTI, got Haiti',
    'DTM_MAX_FAILED: expected a percentage from 0 to 100, got ten',
    'DTM_KEEP_NEWEST: expected a whole number of at least 1, got 0',
    'DTM_KEEP_MONTHLY: expected all or a whole number of months, got some',
  ]);
  assert.match(
    problemsOf({ ...REQUIRED_VARIABLES, DTM_KEEP_MONTHLY: '12' }),
    /^DTM_KEEP_MONTHLY is set, but DTM_KEEP_NEWEST is missing/,
  );
});

test('readEnvironment reports all invalid variables together and returns the key', () => {
  assert.throws(() => readEnvironment({ DTM_VISIBILITY: 'secret', DTM_PUBLIC_URL: 'x' }), {
    name: 'ConfigurationError',
    message: /^DTM_PUBLIC_URL: expected .*; DTM_VISIBILITY: expected private or public, got secret$/,
  });
  assert.equal(readEnvironment({ DTMAPI_SUBSCRIPTION_KEY: ' k ' }).subscriptionKey, 'k');
});

test('every reader returns the proxies, and reports an invalid one without its value', () => {
  const variables = { HTTPS_PROXY: 'proxy.example:3128' };
  const read = readProxies(variables);
  assert.equal(read.HTTPS_PROXY, 'proxy.example:3128');
  assert.deepEqual(readEnvironment(variables).proxyEnv, read);
  assert.deepEqual(readLambdaEnvironment([], variables).proxyEnv, read);
  const wrong = {
    HTTPS_PROXY: 'socks5://me:hunter2@proxy.example',
    http_proxy: 'http://me:%zz@proxy.example',
  };
  for (const reading of [() => readProxies(wrong), () => readEnvironment(wrong)])
    assert.throws(reading, (error) => {
      assert.ok(error instanceof ConfigurationError);
      assert.match(error.message, /^HTTPS_PROXY: expected http:.*; http_proxy: expected http:/);
      return !/hunter2|zz|socks/.test(error.message);
    });
  assert.doesNotThrow(() => readProxies({ DTM_VISIBILITY: 'secret' }));
});
