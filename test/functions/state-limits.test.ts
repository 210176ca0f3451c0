// The size of the state when every unit fails, and the errors that end a run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findPlan } from '../../lib/run/start.ts';
import { readReports } from '../../lib/run/units/unit-reports.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { type Cloud, execute, PARAMETER, startCloud } from './start-cloud.ts';

const RUN = '2026-11-24T05:00:00Z';
const ID = '2026-11-24T05-00-00Z';
/** Step Functions: the maximum bytes of a state's input or output. */
const LIMIT = 256 * 1024;
const UNITS = 159;
const LONG = 'x'.repeat(250);

const reasonsOf = async ({ folder }: Cloud): Promise<string[]> => {
  const store = folderStore(folder);
  const reports = await readReports({ store } as never, await findPlan(store, ID));
  return reports.map(({ status, reason }) => `${status} ${reason}`);
};

test('all units fail with long reasons: the state stays small, the reports have them', async (t) => {
  const faults = ['admin0', 'admin1', 'admin2'].map((level) => `refused=${LONG}@${level}`);
  const cloud = await startCloud(t, { apiOptions: { faults } });
  const { failure, largest } = await execute(cloud, { run: RUN, accept_drop: true });
  assert.equal(failure?.name, 'Refused');
  assert.match(failure?.cause ?? '', /159 of 159 units failed, more than --max-failed 10 percent/);
  const reasons = await reasonsOf(cloud);
  assert.equal(reasons.length, UNITS);
  assert.ok(
    reasons.every((reason) => reason.startsWith('failed DTMApiResponseError') && reason.includes(LONG)),
  );
  t.diagnostic(`largest state of ${UNITS} failed units: ${largest} bytes`);
  assert.ok(largest > 4_000 && largest < LIMIT / 8, `${largest} bytes`);
});

test('all fetch functions die with long messages: the state stays small', async (t) => {
  const cloud = await startCloud(t);
  const message = 'a stack trace '.repeat(2000);
  const dying: Cloud['call'] = async (name, event) => {
    if (name === 'fetch') throw Object.assign(new Error(message), { name: 'Runtime.ExitError' });
    return cloud.call(name, event);
  };
  const { failure, largest } = await execute({ call: dying }, { run: RUN });
  assert.equal(failure?.name, 'Refused');
  assert.deepEqual(new Set(await reasonsOf(cloud)).size, 1);
  // The state of one unit holds its whole error until the state machine reduces it to the name.
  t.diagnostic(`largest state of ${UNITS} dead functions: ${largest} bytes`);
  assert.ok(largest < LIMIT / 4, `${largest} bytes`);
});

test('a key that is refused at the start or during a run fails it with KeyRefusedError', async (t) => {
  const cloud = await startCloud(t);
  cloud.aws.parameters.set(PARAMETER, 'another-key-0123456789');
  const early = await execute(cloud, { run: RUN, countries: ['TCD'], levels: [1] });
  assert.equal(early.failure?.name, 'KeyRefusedError');
  cloud.aws.parameters.set(PARAMETER, 'key-in-the-parameter-0123456789');
  cloud.api.setFaults(['401@admin1/TCD']);
  const late = await execute(cloud, { run: RUN, countries: ['TCD'], levels: [1] });
  assert.equal(late.failure?.name, 'KeyRefusedError');
  assert.match(
    late.failure?.cause ?? '',
    /admin1 TCD: the API refused the key .* into the SSM parameter \/dtm\/key/,
  );
  const lines = cloud.lines.filter(({ error_name }) => error_name === 'KeyRefusedError');
  assert.deepEqual(
    lines.map(({ function_name, country }) => [function_name, country]),
    [
      ['plan', undefined],
      ['fetch', 'TCD'],
    ],
  );
});

test('a variable that is missing during a run fails it with ConfigurationError', async (t) => {
  const cloud = await startCloud(t);
  const losing: Cloud['call'] = (name, event) => {
    if (name === 'fetch') cloud.restart({ DTM_KEY_PARAMETER: ' ' });
    return cloud.call(name, event);
  };
  const { failure } = await execute({ call: losing }, { run: RUN, countries: ['TCD'], levels: [1] });
  assert.deepEqual(failure, { name: 'ConfigurationError', cause: 'DTM_KEY_PARAMETER is missing' });
});
