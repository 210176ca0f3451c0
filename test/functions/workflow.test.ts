// The deployed state machine with the deployed handlers, on a folder and the simulator.
import assert from 'node:assert/strict';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { readReleases } from '../../lib/catalogue/release-list.ts';
import { readStatus } from '../../lib/catalogue/status.ts';
import type { Manifest } from '../../lib/release/manifest.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { assertSame } from '../assert-same.ts';
import { ageLease } from '../lease.ts';
import { readFilesBelow } from '../setting.ts';
import { dieAfter } from './die-at-step.ts';
import { type Cloud, execute, KEY, startCloud } from './start-cloud.ts';

const RUNS = ['2026-11-24T05:00:00Z', '2026-11-24T06:00:00Z', '2026-11-24T07:00:00Z'] as const;
const ID = '2026-11-24T05-00-00Z';
const COUNTRIES = ['AFG', 'SDN', 'TCD'];
const SMALL = { countries: ['TCD'], levels: [0] };

const current = async ({ folder }: Cloud): Promise<Manifest> => {
  const { manifest } = await readCurrent(folderStore(folder));
  if (!manifest) throw new Error('nothing is published');
  return manifest;
};

const problems = async ({ folder }: Cloud) => (await verifyRelease(folderStore(folder))).problems;

/** The last metrics that an invocation wrote. */
const metrics = ({ lines }: Cloud) => lines.findLast((line) => '_aws' in line) ?? {};

/** Everything that the functions wrote: published and staged files, log, events, executions. */
async function allText({ folder, lines, aws }: Cloud): Promise<string> {
  const files = [...(await readFilesBelow(folder))].map(([path, body]) => path + body.toString('latin1'));
  return [
    ...files,
    JSON.stringify([lines, aws.events, [...aws.executions]]),
    ...aws.messages.map(String),
  ].join('\n');
}

test('a run publishes, the next one is unchanged, and the key appears nowhere', async (t) => {
  const cloud = await startCloud(t);
  const first = await execute(cloud, { run: RUNS[0], countries: COUNTRIES });
  assert.equal(first.failure, null);
  assert.equal(first.result?.outcome, 'published');
  assert.deepEqual(await problems(cloud), []);
  const { run, coverage, source } = await current(cloud);
  assert.deepEqual([run, source.url], [ID, cloud.api.url]);
  assert.equal(coverage.units.filter(({ status }) => status === 'ok').length, 9);
  const { UnitsOk, UnitsFailed, SuccessfulChecks, FailedChecks, service, Rows } = metrics(cloud);
  assert.deepEqual([UnitsOk, UnitsFailed, SuccessfulChecks, FailedChecks], [9, 0, 1, 0]);
  assert.ok(service === 'dtm-exporter-test' && Number(Rows) > 0);
  const second = await execute(cloud, { run: RUNS[1], countries: COUNTRIES });
  assert.deepEqual(second.result, { outcome: 'unchanged', release: first.result?.release, reason: null });
  assert.ok(Number(metrics(cloud).ReleaseAgeHours) >= 0);
  assert.ok(!(await allText(cloud)).includes(KEY));
});

test('a run writes its report, and its plan names the execution', async (t) => {
  const cloud = await startCloud(t);
  await execute(cloud, { run: RUNS[0], ...SMALL }, { id: 'arn:aws:states:x:1:execution:m:mine' });
  const read = async (name: string) =>
    JSON.parse(
      String((await readFilesBelow(join(cloud.folder, 'runs'))).get(join(cloud.folder, 'runs', ID, name))),
    );
  const report = await read('report.json');
  assert.deepEqual([report.run, report.outcome.outcome, report.units.length], [ID, 'published', 1]);
  assert.equal((await read('plan.json')).execution, 'arn:aws:states:x:1:execution:m:mine');
});

test('a country without answers is declared as failed in a first release, later as carried', async (t) => {
  const cloud = await startCloud(t, {
    apiOptions: { faults: ['refused@SDN'] },
    environment: { DTM_MAX_FAILED: '40' },
  });
  const first = await execute(cloud, { run: RUNS[0], countries: COUNTRIES });
  assert.deepEqual([first.failure, metrics(cloud).UnitsFailed], [null, 3]);
  cloud.api.setFaults([]);
  await execute(cloud, { run: RUNS[1], countries: COUNTRIES });
  cloud.api.setFaults(['refused@SDN', 'changed@AFG']);
  const third = await execute(cloud, { run: RUNS[2], countries: COUNTRIES });
  assert.equal(third.result?.outcome, 'published');
  const { coverage } = await current(cloud);
  const sudan = coverage.units.filter(({ country }) => country === 'SDN');
  assert.deepEqual([...new Set(sudan.map(({ status }) => status))], ['carried']);
  assert.match(sudan[0]?.reason ?? '', /^DTMApiResponseError: admin0 SDN/);
  assert.deepEqual([metrics(cloud).UnitsCarried, metrics(cloud).UnitsFailed], [3, 0]);
});

test('a unit whose function died without a report is declared as failed', async (t) => {
  const cloud = await startCloud(t, { environment: { DTM_MAX_FAILED: '40' } });
  const dying: Cloud['call'] = async (name, event) => {
    if (name === 'fetch' && (event as { country: string }).country === 'SDN')
      throw Object.assign(new Error('RequestId: 1 Error: Runtime exited'), { name: 'Runtime.ExitError' });
    return cloud.call(name, event);
  };
  const { result } = await execute({ call: dying }, { run: RUNS[0], countries: COUNTRIES });
  assert.equal(result?.outcome, 'published');
  const { coverage } = await current(cloud);
  const failed = coverage.units.filter(({ status }) => status === 'failed');
  assert.deepEqual(
    failed.map(({ country, reason }) => `${country}: ${reason}`),
    Array(3).fill('SDN: No outcome: what asked for this unit ended before it could say how.'),
  );
});

test('HTTP 429 is retried, with at most `concurrency` requests at once', async (t) => {
  const cloud = await startCloud(t, { apiOptions: { faults: ['429=0*1each', 'latency=20'] } });
  const { result, peak } = await execute(cloud, { run: RUNS[0], countries: COUNTRIES }, { concurrency: 3 });
  assert.deepEqual([result?.outcome, peak], ['published', 3]);
  assert.ok(Math.max(...cloud.api.requests.map(({ inFlight }) => inFlight)) <= 3);
  assert.equal(cloud.api.requests.length, 2 * (2 + 9));
});

test('API down: the execution fails with DTMApiRequestError, and published files stay', async (t) => {
  const cloud = await startCloud(t);
  await execute(cloud, { run: RUNS[0], ...SMALL });
  const before = await readFilesBelow(join(cloud.folder, 'releases'));
  cloud.api.setFaults(['500']);
  const { failure } = await execute(cloud, { run: RUNS[1], ...SMALL });
  assert.equal(failure?.name, 'DTMApiRequestError');
  const status = await readStatus(folderStore(cloud.folder));
  assert.deepEqual(
    [status?.last_check?.outcome, status?.last_failure?.run],
    ['failed', '2026-11-24T06-00-00Z'],
  );
  assertSame(await readFilesBelow(join(cloud.folder, 'releases')), before);
  assert.equal(metrics(cloud).FailedChecks, 1);
  const errors = cloud.lines.filter(({ level, message }) => level === 'ERROR' && message !== 'dtm.failure');
  assert.deepEqual(
    errors.map(({ error_name, run }) => [error_name, run]),
    Array(4).fill(['DTMApiRequestError', '2026-11-24T06-00-00Z']),
  );
});

test('API down during a run: the remaining units are not requested, and the run is refused', async (t) => {
  const cloud = await startCloud(t, { apiOptions: { faults: ['refused@admin0'] } });
  let asked = 0;
  const call: Cloud['call'] = async (name, event) => {
    if (name === 'publish' && asked === 0) asked = cloud.api.requests.length;
    return cloud.call(name, event);
  };
  const { failure } = await execute({ call }, { run: RUNS[0], levels: [0] }, { concurrency: 1 });
  assert.equal(failure?.name, 'Refused');
  assert.match(
    failure?.cause ?? '',
    /^53 of 53 units failed, \d+ of which were not waited for, more than --max-failed 10 percent/,
  );
  // 10 percent of 53 units are 5; one more may be in progress.
  assert.ok(asked <= 2 + 7, `${asked} requests`);
});

test('a refused loss names the input that accepts it; that input publishes without a request', async (t) => {
  const cloud = await startCloud(t);
  await execute(cloud, { run: RUNS[0], countries: COUNTRIES, levels: [0] });
  cloud.api.setFaults(['gone@TCD']);
  const { failure } = await execute(cloud, { run: RUNS[1], countries: ['AFG', 'SDN'], levels: [0] });
  assert.equal(failure?.name, 'Refused');
  const input = /TCD lost all its rows: if that is right, publish with the input (\{.*\})$/.exec(
    failure?.cause ?? '',
  );
  const asked = cloud.api.requests.length;
  const { result } = await execute(cloud, JSON.parse(input?.[1] ?? ''));
  assert.deepEqual([result?.outcome, cloud.api.requests.length], ['published', asked]);
});

test('publish dies after any of its steps: the resumed run publishes one complete release', async (t) => {
  const cloud = await startCloud(t);
  const stage = (name: 'publish') => cloud.call(name, { run: ID, accept_drop: false, reissue: false });
  await cloud.call('plan', { input: { run: ID, ...SMALL }, execution: 'arn:1' });
  await cloud.call('fetch', { run: ID, level: 0, country: 'TCD', again: true });
  const staged = `${cloud.folder}-staged`;
  t.after(() => rm(staged, { recursive: true, force: true }));
  await cp(cloud.folder, staged, { recursive: true });
  const steps = await dieAfter(Number.POSITIVE_INFINITY, cloud, () => stage('publish'));
  assert.ok(steps > 20, `${steps} steps`);
  const asked = cloud.api.requests.length;
  for (let at = 0; at < steps; at++) {
    await rm(cloud.folder, { recursive: true });
    await cp(staged, cloud.folder, { recursive: true });
    const died = await dieAfter(at, cloud, () => stage('publish')).then(
      () => null,
      (error: Error) => error,
    );
    const { manifest } = await readCurrent(folderStore(cloud.folder));
    // If the pointer moved, the release is published, and the next run does the remaining steps.
    assert.equal(died?.name, manifest ? undefined : 'StoreError', `step ${at}`);
    const { result } = await execute(cloud, { run: ID, ...SMALL, resume: true });
    assert.equal(result?.outcome, 'published', `step ${at}`);
    assert.deepEqual(await problems(cloud), [], `step ${at}`);
    const listed = await readReleases(folderStore(cloud.folder));
    assert.deepEqual(
      listed.map(({ release }) => release),
      [result?.release],
      `step ${at}`,
    );
  }
  assert.equal(cloud.api.requests.length, asked);
});

/** A cloud in which no run keeps its turn: a run is planned although another one is under way. */
function withoutTurns(cloud: Cloud, runs: number): Pick<Cloud, 'call'> {
  let planning: Promise<unknown> = Promise.resolve();
  let planned = 0;
  const { promise: allPlanned, resolve } = Promise.withResolvers<void>();
  const plan = async (event: unknown): Promise<unknown> => {
    await ageLease(cloud.folder, 30);
    const result = await cloud.call('plan', event);
    planned++;
    if (planned === runs) resolve();
    return result;
  };
  return {
    call: async (name, event) => {
      if (name !== 'plan') await allPlanned;
      if (name !== 'plan') return cloud.call(name, event);
      planning = planning.then(() => plan(event));
      return planning;
    },
  };
}

test('two runs at once, after a lease has expired, both publish, one on top of the other', async (t) => {
  const cloud = await startCloud(t);
  await execute(cloud, { run: RUNS[0], countries: COUNTRIES, levels: [0] });
  cloud.api.setFaults(['changed@AFG', 'changed@TCD']);
  const turnless = withoutTurns(cloud, 2);
  const both = await Promise.all(
    ['AFG', 'TCD'].map((country, at) =>
      execute(turnless, { run: RUNS[at + 1] ?? '', countries: [country], levels: [0] }),
    ),
  );
  assert.deepEqual(
    both.map(({ result }) => result?.outcome),
    ['published', 'published'],
  );
  const listed = await readReleases(folderStore(cloud.folder));
  assert.deepEqual(
    listed.map(({ supersedes }) => supersedes),
    [listed[1]?.release, listed[2]?.release, null],
  );
  const units = (await current(cloud)).coverage.units.filter(({ rows }) => rows > 0);
  const [afghanistan, sudan, chad] = units.map(({ from }) => from);
  assert.deepEqual(new Set([afghanistan, sudan, chad]), new Set(listed.map(({ release }) => release)));
});

test('an old execution that is resumed late does not replace newer answers', async (t) => {
  const cloud = await startCloud(t);
  await assert.rejects(dieAfter(10, cloud, () => mustFail(cloud)));
  await ageLease(cloud.folder, 30);
  cloud.api.setFaults(['changed@TCD']);
  const newer = await execute(cloud, { run: RUNS[1], ...SMALL });
  const late = await execute(cloud, { run: RUNS[0], ...SMALL, resume: true });
  assert.deepEqual([late.result?.outcome, late.result?.release], ['unchanged', newer.result?.release]);
  assert.equal((await current(cloud)).release, newer.result?.release);
});

async function mustFail(cloud: Cloud): Promise<void> {
  const { failure } = await execute(cloud, { run: RUNS[0], ...SMALL });
  if (failure) throw new Error(failure.name);
}

test('a scheduled start that is delivered twice starts one run, even at the same time', async (t: TestContext) => {
  const cloud = await startCloud(t);
  const input = { run: RUNS[0], ...SMALL };
  const both = await Promise.all([execute(cloud, input), execute(cloud, input)]);
  assert.deepEqual(
    both.map(({ failure }) => failure),
    [null, null],
  );
  assert.deepEqual(both.map(({ result }) => result?.outcome ?? result?.status).sort(), [
    'already started',
    'published',
  ]);
  const asked = cloud.api.requests.length;
  const third = await execute(cloud, input);
  assert.deepEqual([third.result?.status, third.result?.units], ['already started', []]);
  assert.equal(cloud.api.requests.length, asked);
});
