// The deployed state machine's retries, with the real functions. Only the waits are shorter.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readStatus } from '../../lib/catalogue/status.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { type Cloud, execute, type FunctionName, startCloud } from './start-cloud.ts';

const RUNS = ['2026-11-24T05:00:00Z', '2026-11-24T06:00:00Z'] as const;
const SMALL = { countries: ['TCD'], levels: [0] };

/** A cloud whose functions can fail before they start. `calls` has the name of each call, with its failures. */
function failing(cloud: Cloud, fails: (name: FunctionName, nth: number) => string | null) {
  const calls: FunctionName[] = [];
  const call: Cloud['call'] = async (name, event) => {
    calls.push(name);
    const error = fails(name, calls.filter((each) => each === name).length);
    if (error !== null) throw Object.assign(new Error(`${error} by the test`), { name: error });
    return cloud.call(name, event);
  };
  return { call, calls };
}

const failedEvents = ({ aws }: Cloud) =>
  aws.events.filter(({ DetailType }) => DetailType === 'dtm.release.failed').length;

const failedChecks = ({ lines }: Cloud): number =>
  lines.reduce((sum, { FailedChecks }) => sum + Number(FailedChecks ?? 0), 0);

const lastFailure = async ({ folder }: Cloud) =>
  (await readStatus(folderStore(folder)))?.last_failure ?? null;

test('an API that is down for two tries of the plan costs no day, and leaves no failure on record', async (t) => {
  const cloud = await startCloud(t);
  await execute(cloud, { run: RUNS[0], ...SMALL });
  cloud.api.setFaults(['500']);
  const { call, calls } = failing(cloud, (name, nth) => {
    if (name === 'plan' && nth === 3) cloud.api.setFaults(['changed@TCD']);
    return null;
  });
  const { result } = await execute({ call }, { run: RUNS[1], ...SMALL });
  assert.equal(result?.outcome, 'published');
  assert.equal(calls.filter((name) => name === 'plan').length, 3);
  assert.deepEqual([failedEvents(cloud), failedChecks(cloud), await lastFailure(cloud)], [0, 0, null]);
});

test('an API that stays down is asked four times, and the failure is recorded once', async (t) => {
  const cloud = await startCloud(t);
  await execute(cloud, { run: RUNS[0], ...SMALL });
  cloud.api.setFaults(['500']);
  const { call, calls } = failing(cloud, () => null);
  const { failure } = await execute({ call }, { run: RUNS[1], ...SMALL });
  assert.equal(failure?.name, 'DTMApiRequestError');
  assert.deepEqual(calls, ['plan', 'plan', 'plan', 'plan', 'publish']);
  assert.deepEqual([failedEvents(cloud), failedChecks(cloud)], [1, 1]);
  const recorded = await lastFailure(cloud);
  assert.equal(recorded?.run, '2026-11-24T06-00-00Z');
  assert.match(recorded?.reason ?? '', /^DTMApiRequestError: countries: .* \(HTTP 500\)$/);
});

test('a wrong configuration and a refused key are not tried again', async (t) => {
  const cloud = await startCloud(t);
  await execute(cloud, { run: RUNS[0], ...SMALL });
  cloud.restart({ DTM_API_VERSION: 'v2' });
  const wrong = failing(cloud, () => null);
  const configured = await execute({ call: wrong.call }, { run: RUNS[1], ...SMALL });
  assert.equal(configured.failure?.name, 'ConfigurationError');
  assert.deepEqual(wrong.calls, ['plan', 'publish']);
  assert.deepEqual([failedEvents(cloud), failedChecks(cloud), await lastFailure(cloud)], [0, 1, null]);
  cloud.restart();
  cloud.api.setFaults(['401']);
  const refused = failing(cloud, () => null);
  const { failure } = await execute({ call: refused.call }, { run: RUNS[1], ...SMALL });
  assert.equal(failure?.name, 'KeyRefusedError');
  assert.deepEqual(refused.calls, ['plan', 'publish']);
  assert.equal((await lastFailure(cloud))?.run, '2026-11-24T06-00-00Z');
});

test('an input without a valid run id fails with its own error, and counts as a failed check', async (t) => {
  const cloud = await startCloud(t);
  const { call, calls } = failing(cloud, () => null);
  for (const input of [{ run: 'tomorrow' }, {}]) {
    const { failure } = await execute({ call }, input);
    assert.equal(failure?.name, 'EventError');
  }
  assert.deepEqual(calls, ['plan', 'publish', 'plan', 'publish']);
  assert.equal(failedChecks(cloud), 2);
});

test('a unit and a publication that fail twice in a transient way are tried again', async (t) => {
  const cloud = await startCloud(t);
  const errors = ['Lambda.Unknown', 'Sandbox.Timedout', 'StoreError', 'EarlyTimeoutError'];
  for (const [at, error] of errors.entries()) {
    const { call, calls } = failing(cloud, (name, nth) => (name !== 'plan' && nth <= 2 ? error : null));
    const { result } = await execute({ call }, { run: `2026-11-24T0${at}:00:00Z`, ...SMALL });
    assert.match(String(result?.outcome), /^(published|unchanged)$/, error);
    assert.deepEqual(calls, ['plan', 'fetch', 'fetch', 'fetch', 'publish', 'publish', 'publish'], error);
  }
  assert.deepEqual([failedEvents(cloud), failedChecks(cloud)], [0, 0]);
});

test('a third failure of a publication fails the run with that error, which is counted once', async (t) => {
  const cloud = await startCloud(t);
  const { call, calls } = failing(cloud, (name, nth) =>
    name === 'publish' && nth <= 3 ? 'StoreError' : null,
  );
  const { failure } = await execute({ call }, { run: RUNS[0], ...SMALL });
  assert.deepEqual([failure?.name, failure?.cause], ['StoreError', 'StoreError by the test']);
  assert.deepEqual(calls, ['plan', 'fetch', 'publish', 'publish', 'publish', 'publish']);
  assert.equal(failedChecks(cloud), 1);
});
