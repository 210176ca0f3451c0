// Bad input: one clear line in the log that names it, an error by its own name, and nothing published moves.
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
  'several at once': configuration(
    ['fetch', fetching],
    { DTM_DESTINATION: ' ', DTM_KEY_PARAMETER: '', DTM_VISIBILITY: 'secret', DTM_MAX_FAILED: '200' },
    /^DTM_DESTINATION is missing; DTM_KEY_PARAMETER is missing; DTM_VISIBILITY: expected private or public, got secret; DTM_MAX_FAILED: expected a percentage from 0 to 100, got 200$/,
  ),
  'public without a licence': configuration(
    ['publish', publishing],
    { DTM_VISIBILITY: 'public' },
    /DTM_LICENCE is missing/,
  ),
  'a place of no kind': configuration(
    ['plan', planned({})],
    { DTM_DESTINATION: 'ftp://x' },
    /^DTM_DESTINATION: ftp:/,
  ),
  'an address that is none': configuration(
    ['plan', planned({ run: '2026-11-25T05-00-00Z' })],
    { DTMAPI_URL: 'http://example.org' },
    /^DTMAPI_URL: expected https/,
  ),
  'another dataset in the prefix': configuration(
    ['plan', planned({ run: '2026-11-25T05-00-00Z' })],
    { DTM_API_VERSION: 'v2' },
    /the prefix holds dataset dtm-idp, this run would bring dataset dtm-idp-v2/,
  ),
  'no state machine': configuration(
    ['refresh', { Records: [] }],
    { DTM_STATE_MACHINE: '' },
    /^DTM_STATE_MACHINE is missing$/,
  ),
  'no database': configuration(['repoint', {}], { DTM_GLUE_DATABASE: '' }, /^DTM_GLUE_DATABASE is missing$/),
  'a parameter that is not there': {
    ...{ call: ['plan', planned({ run: '2026-11-25T05-00-00Z' })], parameter: null },
    error: of('ConfigurationError', /^the SSM parameter \/dtm\/key is not there: .*--name \/dtm\/key/),
  },
  'a parameter in the clear': {
    ...{ call: ['plan', planned({ run: '2026-11-25T05-00-00Z' })], parameter: 'plain text' },
    error: of('ConfigurationError', /^the SSM parameter \/dtm\/key is a String/),
  },
  'a blank parameter': {
    ...{ call: ['plan', planned({ run: '2026-11-25T05-00-00Z' })], parameter: ' ' },
    error: of('ConfigurationError', /^the SSM parameter \/dtm\/key is blank/),
  },
  'a country that the API does not list': {
    call: ['plan', planned({ run: '2026-11-25T05-00-00Z', countries: ['XXX'] })],
    error: of('ConfigurationError', /XXX: neither the API's country list nor its operation list has it/),
  },
  'a run of another selection': {
    call: ['plan', planned({ countries: ['AFG'], resume: true })],
    error: of('ConfigurationError', /^run 2026-11-24T05-00-00Z was planned with --countries TCD, not AFG/),
  },
  'a run that was never planned': {
    call: ['publish', { ...publishing, run: '2026-11-25T05-00-00Z' }],
    error: of('ConfigurationError', /^run 2026-11-25T05-00-00Z was never planned/),
  },
  'an event of another shape': shape(
    ['plan', { run: RUN }],
    /^the event: input: expected object, got nothing$/,
  ),
  'no event': shape(['fetch', 'x'], /^the event: it: expected object, got "x"$/),
  'a run that is no time': shape(
    ['plan', planned({ run: '2026-13-24T05:00:00Z' })],
    /^the event: input\.run: expected a run id or time like 2026-11-24T05:00:00Z, got "2026-13-24T05:00:00Z"$/,
  ),
  'the placeholder of the schedule': shape(
    ['plan', planned({ run: '<aws.scheduler.scheduled-time>' })],
    /^the event: input\.run: expected a run id or time/,
  ),
  'a key that is misspelt': shape(
    ['plan', planned({ country: ['AFG'] })],
    /^the event: input\.country: expected no such field, got \["AFG"\]$/,
  ),
  'a country that is none': shape(
    ['plan', planned({ countries: ['Haiti'] })],
    /^the event: input\.countries\.0: expected an ISO3 code like HTI, got "Haiti"$/,
  ),
  'no country at all': shape(
    ['plan', planned({ countries: [] })],
    /^the event: input\.countries: expected at least one, got \[\]/,
  ),
  'a level that is none': shape(
    ['fetch', { ...fetching, level: 3 }],
    /^the event: level: expected 0, 1 or 2, got 3/,
  ),
};

const published = async ({ folder }: Cloud) =>
  [...(await readFilesBelow(folder))].filter(([path]) => !path.startsWith(join(folder, 'runs')));

test('bad input', async (t) => {
  const there = await startCloud(t);
  await there.call('plan', planned({}));
  await there.call('fetch', fetching);
  await there.call('publish', publishing);
  const before = await published(there);
  const parameter = there.aws.parameters.get(PARAMETER) ?? '';
  for (const [
    name,
    {
      call,
      environment = {},
      error: [error, words],
      ...one
    },
  ] of Object.entries(CASES)) {
    await t.test(name, async () => {
      there.restart(environment);
      if (one.parameter === null) there.aws.parameters.delete(PARAMETER);
      else there.aws.parameters.set(PARAMETER, one.parameter ?? parameter);
      there.lines.length = 0;
      await assert.rejects(there.call(...call), { name: error, message: words });
      const said = there.lines.filter(({ level }) => level === 'ERROR');
      assert.equal(said.length, 1);
      assert.match(String(said[0]?.message), words);
      assert.deepEqual([said[0]?.error_name, said[0]?.error], [error, undefined]);
      assert.deepEqual(await published(there), before);
    });
  }
});
