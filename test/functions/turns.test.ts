// One run at a time on AWS: the deployed state machine with the real functions, on a folder and the simulator. Only the
// waits are shorter.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { refreshRunId } from '../../lib/run/run-id.ts';
import { ageLease, readLease } from '../lease.ts';
import { exportInto } from '../setting.ts';
import { type Cloud, execute, startCloud } from './start-cloud.ts';

const RUNS = ['2026-11-24T05:00:00Z', '2026-11-24T06:00:00Z', '2026-11-24T07:00:00Z'] as const;
const ID = '2026-11-24T05-00-00Z';
const SMALL = { countries: ['TCD'], levels: [0] };

/** A batch of refresh events, as the queue delivers it. */
const batchOf = (events: readonly { id: string; detail?: object }[]) => ({
  Records: events.map(({ id, detail }, at) => ({
    messageId: `message-${at}`,
    body: JSON.stringify({
      ...{ id, time: '2026-11-24T08:00:00Z', 'detail-type': 'dtm.refresh.requested' },
      detail: { reason: `because of ${id}`, ...detail },
    }),
  })),
});

const runOf = (id: string): string => refreshRunId({ id, time: '2026-11-24T08:00:00Z' });

/** Plans a run without going on with it: it has its turn until it expires or is given back. */
const holdTurn = (cloud: Cloud) =>
  cloud.call('plan', { input: { run: RUNS[0], ...SMALL }, execution: 'arn:first' });

const endTurn = async ({ call }: Cloud) => {
  await call('fetch', { run: ID, level: 0, country: 'TCD', again: true });
  return call('publish', { run: ID, accept_drop: false, reissue: false, execution: 'arn:first' });
};

const plannedRuns = async ({ folder }: Cloud): Promise<string[]> => {
  const entries = await readdir(join(folder, 'runs'), { recursive: true });
  return entries
    .filter((path) => path.endsWith('/plan.json'))
    .map((path) => path.slice(0, -'/plan.json'.length))
    .sort();
};

test('a schedule that meets a run ends well: no request, no event, no failure', async (t) => {
  const cloud = await startCloud(t);
  await holdTurn(cloud);
  const asked = cloud.api.requests.length;
  const { result, failure } = await execute(cloud, { run: RUNS[1], ...SMALL });
  assert.equal(failure, null);
  assert.deepEqual([result?.status, result?.units], ['another run is under way', []]);
  assert.deepEqual([cloud.api.requests.length, cloud.aws.events.length], [asked, 0]);
  assert.ok(cloud.lines.every((line) => line.level !== 'ERROR' && !('FailedChecks' in line)));
  assert.deepEqual(cloud.lines.at(-1)?.other_run, ID);
  assert.equal(((await endTurn(cloud)) as { outcome: string }).outcome, 'published');
  assert.equal((await execute(cloud, { run: RUNS[2], ...SMALL })).result?.outcome, 'unchanged');
});

test('two executions at the same time: one publishes, the other ends well', async (t) => {
  const cloud = await startCloud(t);
  const both = await Promise.all([RUNS[0], RUNS[1]].map((run) => execute(cloud, { run, ...SMALL })));
  assert.deepEqual(both.map(({ result }) => result?.outcome ?? result?.status).sort(), [
    'another run is under way',
    'published',
  ]);
});

test('an execution that ended without a word loses its turn after 20 minutes', async (t) => {
  const cloud = await startCloud(t);
  await holdTurn(cloud);
  await ageLease(cloud.folder, 19);
  assert.equal((await execute(cloud, { run: RUNS[1], ...SMALL })).result?.status, 'another run is under way');
  await ageLease(cloud.folder, 2);
  assert.equal((await execute(cloud, { run: RUNS[1], ...SMALL })).result?.outcome, 'published');
});

test('every unit and the publication renew the lease, which the end of the run gives back', async (t) => {
  const cloud = await startCloud(t);
  await holdTurn(cloud);
  const renews = async (work: () => Promise<unknown>): Promise<boolean> => {
    await ageLease(cloud.folder, 5);
    const before = await readLease(cloud.folder);
    await work();
    return (await readLease(cloud.folder)).renewed_at > before.renewed_at;
  };
  assert.ok(await renews(() => cloud.call('fetch', { run: ID, level: 0, country: 'TCD', again: true })));
  const publishing = { run: ID, accept_drop: false, reissue: false };
  assert.ok(await renews(() => cloud.call('publish', { ...publishing, execution: 'arn:other' })));
  assert.equal((await readLease(cloud.folder)).released_at, null, 'it is of another execution');
  await cloud.call('publish', publishing);
  assert.ok((await readLease(cloud.folder)).released_at, 'an execution of an older version');
});

test('a run that fails gives its turn back, also while it waits for the API', async (t) => {
  const cloud = await startCloud(t, { apiOptions: { faults: ['500'] } });
  const isFree: boolean[] = [];
  const trying: Cloud['call'] = async (name, event) => {
    if (
      name === 'plan' &&
      isFree.push(isFree.length === 0 || (await readLease(cloud.folder)).released_at !== null) === 3
    )
      cloud.api.setFaults([]);
    return cloud.call(name, event);
  };
  await execute({ call: trying }, { run: RUNS[0], ...SMALL });
  assert.deepEqual(isFree, [true, true, true]);
  const call: Cloud['call'] = async (name, event) => {
    if (name === 'fetch') throw Object.assign(new Error('by the test'), { name: 'KeyRefusedError' });
    return cloud.call(name, event);
  };
  const { failure } = await execute({ call }, { run: RUNS[1], ...SMALL });
  assert.equal(failure?.name, 'KeyRefusedError');
  assert.ok((await readLease(cloud.folder)).released_at);
});

test('an execution that resumes its run takes the turn over; one that only repeats it does not', async (t) => {
  const cloud = await startCloud(t);
  await holdTurn(cloud);
  assert.equal((await execute(cloud, { run: RUNS[0], ...SMALL })).result?.status, 'already started');
  const { result } = await execute(cloud, { run: RUNS[0], ...SMALL, resume: true });
  assert.equal(result?.outcome, 'published');
});

test('an export from a laptop into the same place meets the run of an execution', async (t) => {
  const cloud = await startCloud(t);
  await holdTurn(cloud);
  const laptop = {
    folder: cloud.folder,
    url: cloud.api.url,
    api: { subscriptionKey: 'key-in-the-parameter-0123456789' },
  };
  await assert.rejects(exportInto({ ...laptop, run: '2026-11-24T06-00-00Z' }), {
    name: 'RunUnderWayError',
    message: new RegExp(`^run ${ID} \\(arn:first\\) has been under way since `),
  });
});

test('100 events in a minute are two runs at most, and none is lost', async (t) => {
  const cloud = await startCloud(t);
  const countries = ['AFG', 'SDN', 'TCD', 'HTI'];
  const events = Array.from({ length: 100 }, (_, at) => ({
    id: `event-${at}`,
    detail: { countries: [countries[at % 4]], levels: [0] },
  }));
  const send = (from: number, to: number) =>
    Promise.all(
      Array.from({ length: (to - from) / 10 }, (_, at) =>
        cloud.call('refresh', batchOf(events.slice(from + at * 10, from + at * 10 + 10))),
      ),
    );
  const answers = await send(0, 50);
  assert.ok(answers.every((answer) => (answer as { batchItemFailures: [] }).batchItemFailures.length === 0));
  const [[first, input] = []] = [...cloud.aws.executions];
  assert.equal(cloud.aws.executions.size, 1);
  // The other half comes while the first run is under way.
  let isSent = false;
  const call: Cloud['call'] = async (name, event) => {
    if (name === 'fetch' && !isSent) {
      isSent = true;
      await send(50, 100);
    }
    return cloud.call(name, event);
  };
  const firstRun = await execute({ call }, input ?? {}, { id: `arn:${first}` });
  assert.equal(firstRun.result?.outcome, 'published');
  assert.equal(cloud.aws.executions.size, 2);
  const asked = cloud.api.requests.length;
  assert.equal(asked, 2 + 4);
  const secondRun = await execute(cloud, [...cloud.aws.executions.values()][1] ?? {});
  assert.equal(secondRun.result?.outcome, 'unchanged');
  assert.equal(cloud.api.requests.length, 2 * asked);
  assert.equal((await plannedRuns(cloud)).length, 2);
});

test('an event that comes while a run is under way is answered by a run that starts after it', async (t) => {
  const cloud = await startCloud(t);
  await holdTurn(cloud);
  await cloud.call('refresh', batchOf([{ id: 'a', detail: { countries: ['AFG'], levels: [0] } }]));
  const waiting = execute(cloud, { run: runOf('a'), refresh: true });
  await sleep(300);
  await cloud.call('refresh', batchOf([{ id: 'b', detail: { countries: ['SDN'], levels: [1] } }]));
  assert.deepEqual(await plannedRuns(cloud), [ID]);
  await endTurn(cloud);
  const { result } = await waiting;
  assert.equal(result?.outcome, 'published');
  assert.deepEqual([...cloud.aws.executions.keys()], [runOf('a')]);
  const asked = cloud.api.requests.map(({ endpoint, country }) => `${endpoint}/${country}`).slice(5);
  assert.deepEqual(asked.sort(), ['admin0/AFG', 'admin0/SDN', 'admin1/AFG', 'admin1/SDN']);
});

test('requests whose execution ended without them are answered by the next one', async (t) => {
  const cloud = await startCloud(t);
  await cloud.call('refresh', batchOf([{ id: 'a', detail: { countries: ['AFG'] } }]));
  cloud.aws.ended.add(runOf('a'));
  await cloud.call('refresh', batchOf([{ id: 'b', detail: { countries: ['SDN'], levels: [0] } }]));
  assert.deepEqual([...cloud.aws.executions.keys()], [runOf('a'), runOf('b')]);
  const late = await execute(cloud, { run: runOf('a'), refresh: true });
  assert.deepEqual([late.failure, late.result?.status], [null, 'no request is left']);
  const { result } = await execute(cloud, { run: runOf('b'), refresh: true });
  assert.equal(result?.outcome, 'published');
  const asked = new Set(cloud.api.requests.map(({ country }) => country));
  assert.ok(asked.has('AFG') && asked.has('SDN'));
});

test('a request that could not be started is started when its event comes again', async (t) => {
  const cloud = await startCloud(t);
  cloud.aws.refused.set('StartExecution', 'ThrottlingException');
  const batch = batchOf([{ id: 'a' }]);
  assert.deepEqual(await cloud.call('refresh', batch), {
    batchItemFailures: [{ itemIdentifier: 'message-0' }],
  });
  cloud.aws.refused.clear();
  assert.deepEqual(await cloud.call('refresh', batch), { batchItemFailures: [] });
  assert.deepEqual([...cloud.aws.executions.keys()], [runOf('a')]);
  cloud.aws.ended.add(runOf('a'));
  await cloud.call('refresh', batch);
  assert.deepEqual([...cloud.aws.executions.keys()], [runOf('a'), `${runOf('a')}b`]);
});

test('an event that comes again after its run has taken it starts nothing', async (t) => {
  const cloud = await startCloud(t);
  const batch = batchOf([{ id: 'a', detail: SMALL }]);
  await cloud.call('refresh', batch);
  assert.equal((await execute(cloud, { run: runOf('a'), refresh: true })).result?.outcome, 'published');
  cloud.aws.ended.add(runOf('a'));
  assert.deepEqual(await cloud.call('refresh', batch), { batchItemFailures: [] });
  assert.deepEqual([...cloud.aws.executions.keys()], [runOf('a')]);
  assert.equal(cloud.lines.at(-1)?.message, 'requested before');
});

test('a refresh that failed after it took its requests is resumed with the same units', async (t) => {
  const cloud = await startCloud(t, { apiOptions: { faults: ['500'] } });
  await cloud.call('refresh', batchOf([{ id: 'a', detail: { countries: ['AFG'], levels: [0] } }]));
  const failed = await execute(cloud, { run: runOf('a'), refresh: true });
  assert.equal(failed.failure?.name, 'DTMApiRequestError');
  cloud.api.setFaults([]);
  const asked = cloud.api.requests.length;
  const { result } = await execute(cloud, { run: runOf('a'), resume: true });
  assert.equal(result?.outcome, 'published');
  const names = cloud.api.requests.slice(asked).map(({ endpoint, country }) => `${endpoint}/${country}`);
  assert.deepEqual(names, ['countries/null', 'operations/null', 'admin0/AFG']);
});
