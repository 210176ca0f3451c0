// Bad input: the function throws an error with its own name, logs one clear line, and changes no published file.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readFilesBelow } from '../setting.ts';
import { type Cloud, type FunctionName, PARAMETER, startCloud } from './start-cloud.ts';

const RUN = '2026-11-24T05-00-00Z';
const planned = (input: Record<string, unknown>) => ({
  input: { run: RUN, countries: ['TCD'], levels: [0], ...input },
  execution: 'arn:1',
});
const fetching = { run: RUN, level: 0, country: 'TCD', again: true };
const publishing = { run: RUN, accept_drop: false, reissue: false };

const ended = {
  detail: { executionArn: 'arn:1', stateMachineArn: 'arn:2', name: 'one', status: 'ABORTED', startDate: 1 },
};

interface Case {
  readonly call: readonly [FunctionName, unknown];
  readonly environment?: Record<string, string>;
  readonly parameter?: string | null;
  readonly error: readonly [string, RegExp];
}

const of = (...error: Case['error']) => error;
const configuration = (call: Case['call'], environment: Record<string, string>, words: RegExp): Case => ({
  ...{ call, environment, error: of('ConfigurationError', words) },
});
const shape = (call: Case['call'], words: RegExp): Case => ({ call, error: of('EventError', words) });

const CASES: Record<string, Case> = {
  'a missing variable': configuration(
    ['plan', planned({})],
    { DTM_DESTINATION: '' },
    /^DTM_DESTINATION is missing$/,
  ),
  'several wrong variables': configuration(
    ['fetch', fetching],
    { DTM_DESTINATION: ' ', DTM_KEY_PARAMETER: '', DTM_VISIBILITY: 'secret', DTM_MAX_FAILED: '200' },
    /^DTM_DESTINATION is missing; DTM_KEY_PARAMETER is missing; DTM_VISIBILITY: expected private or public, got secret; DTM_MAX_FAILED: expected a percentage from 0 to 100, got 200$/,
  ),
  'public without a licence': configuration(
    ['publish', publishing],
    { DTM_VISIBILITY: 'public' },
    /DTM_LICENCE is missing/,
  ),
  'a destination with an unknown scheme': configuration(
    ['plan', planned({})],
    { DTM_DESTINATION: 'ftp://x' },
    /^DTM_DESTINATION: ftp:/,
  ),
  'an API address without https': configuration(
    ['plan', planned({ run: '2026-11-25T05-00-00Z' })],
    { DTMAPI_URL: 'http://example.org' },
    /^DTMAPI_URL: expected https/,
  ),
  'another dataset in the prefix': configuration(
    ['plan', planned({ run: '2026-11-25T05-00-00Z' })],
    { DTM_API_VERSION: 'v2' },
    /the prefix holds dataset dtm-idp, this run would bring dataset dtm-idp-v2/,
  ),
  'a missing state machine': configuration(
    ['refresh', { Records: [] }],
    { DTM_STATE_MACHINE: '' },
    /^DTM_STATE_MACHINE is missing$/,
  ),
  'a missing database': configuration(
    ['repoint', {}],
    { DTM_GLUE_DATABASE: '' },
    /^DTM_GLUE_DATABASE is missing$/,
  ),
  'a missing topic for mails': configuration(
    ['notify', ended],
    { DTM_ALARM_TOPIC_ARN: '' },
    /^DTM_ALARM_TOPIC_ARN is missing$/,
  ),
  'the end of an execution without its name': shape(
    ['notify', { detail: {} }],
    /detail\.executionArn: expected string/,
  ),
  'a missing SSM parameter': {
    ...{ call: ['plan', planned({ run: '2026-11-25T05-00-00Z' })], parameter: null },
    error: of(
      'ConfigurationError',
      /^the SSM parameter \/dtm\/key is not in region [\w-]+: .*--region [\w-]+ .*--name \/dtm\/key/,
    ),
  },
  'an SSM parameter that is not encrypted': {
    ...{ call: ['plan', planned({ run: '2026-11-25T05-00-00Z' })], parameter: 'plain text' },
    error: of('ConfigurationError', /^the SSM parameter \/dtm\/key is a String/),
  },
  'a blank SSM parameter': {
    ...{ call: ['plan', planned({ run: '2026-11-25T05-00-00Z' })], parameter: ' ' },
    error: of('ConfigurationError', /^the SSM parameter \/dtm\/key is blank/),
  },
  'a country that the API does not list': {
    call: ['plan', planned({ run: '2026-11-25T05-00-00Z', countries: ['XXX'] })],
    error: of('ConfigurationError', /XXX: neither the API's country list nor its operation list has it/),
  },
  'a resumed run with another selection': {
    call: ['plan', planned({ countries: ['AFG'], resume: true })],
    error: of('ConfigurationError', /^run 2026-11-24T05-00-00Z was planned with --countries TCD, not AFG/),
  },
  'a run that was never planned': {
    call: ['publish', { ...publishing, run: '2026-11-25T05-00-00Z' }],
    error: of('ConfigurationError', /^run 2026-11-25T05-00-00Z was never planned/),
  },
  'an event without input': shape(['plan', { run: RUN }], /^the event: input: expected object, got nothing$/),
  'an event that is a string': shape(['fetch', 'x'], /^the event: it: expected object, got "x"$/),
  'a run id with an impossible date': shape(
    ['plan', planned({ run: '2026-13-24T05:00:00Z' })],
    /^the event: input\.run: expected a run id or time like 2026-11-24T05:00:00Z, got "2026-13-24T05:00:00Z"$/,
  ),
  'an unreplaced placeholder of the schedule as run id': shape(
    ['plan', planned({ run: '<aws.scheduler.scheduled-time>' })],
    /^the event: input\.run: expected a run id or time/,
  ),
  'a misspelt key': shape(
    ['plan', planned({ country: ['AFG'] })],
    /^the event: input\.country: expected no such field, got \["AFG"\]$/,
  ),
  'a country that is no ISO3 code': shape(
    ['plan', planned({ countries: ['Haiti'] })],
    /^the event: input\.countries\.0: expected an ISO3 code like HTI, got "Haiti"$/,
  ),
  'an empty list of countries': shape(
    ['plan', planned({ countries: [] })],
    /^the event: input\.countries: expected at least one, got \[\]/,
  ),
  'an unknown level': shape(
    ['fetch', { ...fetching, level: 3 }],
    /^the event: level: expected 0, 1 or 2, got 3/,
  ),
};

const published = async ({ folder }: Cloud) =>
  [...(await readFilesBelow(folder))].filter(([path]) => !path.startsWith(join(folder, 'runs')));

test('bad input: a named error, one log line, and unchanged published files', async (t) => {
  const cloud = await startCloud(t);
  await cloud.call('plan', planned({}));
  await cloud.call('fetch', fetching);
  await cloud.call('publish', publishing);
  const before = await published(cloud);
  const parameter = cloud.aws.parameters.get(PARAMETER) ?? '';
  for (const [
    name,
    {
      call,
      environment = {},
      error: [error, message],
      ...options
    },
  ] of Object.entries(CASES)) {
    await t.test(name, async () => {
      cloud.restart(environment);
      if (options.parameter === null) cloud.aws.parameters.delete(PARAMETER);
      else cloud.aws.parameters.set(PARAMETER, options.parameter ?? parameter);
      cloud.lines.length = 0;
      await assert.rejects(cloud.call(...call), { name: error, message });
      const errors = cloud.lines.filter(({ level }) => level === 'ERROR');
      assert.equal(errors.length, 1);
      assert.match(String(errors[0]?.message), message);
      assert.deepEqual([errors[0]?.error_name, errors[0]?.error], [error, undefined]);
      assert.deepEqual(await published(cloud), before);
    });
  }
});
