// The state machine as it is deployed, with the handlers as they are deployed, over a folder and the simulator.

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
import { readFilesBelow } from '../setting.ts';
import { dyingAfter } from './die-at-step.ts';
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

/** The metrics of the last invocation that wrote some. */
const metrics = ({ lines }: Cloud) => lines.findLast((line) => '_aws' in line) ?? {};

/** Everything that left the functions: published, staged, logged, announced, started. */
async function allText({ folder, lines, aws }: Cloud): Promise<string> {
  const files = [...(await readFilesBelow(folder))].map(([path, body]) => path + body.toString('latin1'));
  return [
    ...files,
    JSON.stringify([lines, aws.events, [...aws.executions]]),
    ...aws.messages.map(String),
  ].join('\n');
}

test('all well: a release, then nothing new, and the key is nowhere', async (t) => {
  const there = await startCloud(t);
  const first = await execute(there, { run: RUNS[0], countries: COUNTRIES });
  assert.equal(first.failure, null);
  assert.equal(first.result?.outcome, 'published');
  assert.deepEqual(await problems(there), []);
  const { run, coverage, source } = await current(there);
  assert.deepEqual([run, source.url], [ID, there.api.url]);
  assert.equal(coverage.units.filter(({ status }) => status === 'ok').length, 9);
  const { UnitsOk, UnitsFailed, SuccessfulChecks, FailedChecks, service, Rows } = metrics(there);
  assert.deepEqual([UnitsOk, UnitsFailed, SuccessfulChecks, FailedChecks], [9, 0, 1, 0]);
  assert.ok(service === 'dtm-exporter-test' && Number(Rows) > 0);
  const second = await execute(there, { run: RUNS[1], countries: COUNTRIES });
  assert.deepEqual(second.result, { outcome: 'unchanged', release: first.result?.release, reason: null });
  assert.ok(Number(metrics(there).ReleaseAgeHours) >= 0);
  assert.ok(!(await allText(there)).includes(KEY));
});

test('the run has its report, and its plan names the execution', async (t) => {
  const there = await startCloud(t);
  await execute(there, { run: RUNS[0], ...SMALL }, { id: 'arn:aws:states:x:1:execution:m:mine' });
  const read = async (name: string) =>
    JSON.parse(
      String((await readFilesBelow(join(there.folder, 'runs'))).get(join(there.folder, 'runs', ID, name))),
    );
  const report = await read('report.json');
  assert.deepEqual([report.run, report.outcome.outcome, report.units.length], [ID, 'published', 1]);
  assert.equal((await read('plan.json')).execution, 'arn:aws:states:x:1:execution:m:mine');
});

test('one country dead: it has failed at first, later it is carried, and both are declared and measured', async (t) => {
  const there = await startCloud(t, {
    apiOptions: { faults: ['refused@SDN'] },
    environment: { DTM_MAX_FAILED: '40' },
  });
  const first = await execute(there, { run: RUNS[0], countries: COUNTRIES });
  assert.deepEqual([first.failure, metrics(there).UnitsFailed], [null, 3]);
  there.api.setFaults([]);
  await execute(there, { run: RUNS[1], countries: COUNTRIES });
  there.api.setFaults(['refused@SDN', 'changed@AFG']);
  const third = await execute(there, { run: RUNS[2], countries: COUNTRIES });
  assert.equal(third.result?.outcome, 'published');
  const { coverage } = await current(there);
  const sudan = coverage.units.filter(({ country }) => country === 'SDN');
  assert.deepEqual([...new Set(sudan.map(({ status }) => status))], ['carried']);
  assert.match(sudan[0]?.reason ?? '', /^DTMApiResponseError: admin0 SDN/);
  assert.deepEqual([metrics(there).UnitsCarried, metrics(there).UnitsFailed], [3, 0]);
});

test('a unit whose function died without a word has failed, and the release says so', async (t) => {
  const there = await startCloud(t, { environment: { DTM_MAX_FAILED: '40' } });
  const dying: Cloud['call'] = async (name, event) => {
    if (name === 'fetch' && (event as { country: string }).country === 'SDN')
      throw Object.assign(new Error('RequestId: 1 Error: Runtime exited'), { name: 'Runtime.ExitError' });
    return there.call(name, event);
  };
  const { result } = await execute({ call: dying }, { run: RUNS[0], countries: COUNTRIES });
  assert.equal(result?.outcome, 'published');
  const { coverage } = await current(there);
  const failed = coverage.units.filter(({ status }) => status === 'failed');
  assert.deepEqual(
    failed.map(({ country, reason }) => `${country}: ${reason}`),
    Array(3).fill('SDN: No outcome: what asked for this unit ended before it could say how.'),
  );
});

test('a throttled API is asked again, never more at once than the parameter says', async (t) => {
  const there = await startCloud(t, { apiOptions: { faults: ['429=0*1each', 'latency=20'] } });
  const { result, peak } = await execute(there, { run: RUNS[0], countries: COUNTRIES }, { concurrency: 3 });
  assert.deepEqual([result?.outcome, peak], ['published', 3]);
  assert.ok(Math.max(...there.api.requests.map(({ inFlight }) => inFlight)) <= 3);
  assert.equal(there.api.requests.length, 2 * (2 + 9));
});

test('the API down: the execution fails by the name of its error, the check is recorded, nothing published moves', async (t) => {
  const there = await startCloud(t);
  await execute(there, { run: RUNS[0], ...SMALL });
  const before = await readFilesBelow(join(there.folder, 'releases'));
  there.api.setFaults(['500']);
  const { failure } = await execute(there, { run: RUNS[1], ...SMALL });
  assert.equal(failure?.name, 'DTMApiRequestError');
  const status = await readStatus(folderStore(there.folder));
  assert.deepEqual(
    [status?.last_check?.outcome, status?.last_failure?.run],
    ['failed', '2026-11-24T06-00-00Z'],
  );
  assert.deepEqual(await readFilesBelow(join(there.folder, 'releases')), before);
  assert.equal(metrics(there).FailedChecks, 1);
  const said = there.lines.filter(({ level, message }) => level === 'ERROR' && message !== 'dtm.failure');
  assert.deepEqual(
    said.map(({ error_name, run }) => [error_name, run]),
    [['DTMApiRequestError', '2026-11-24T06-00-00Z']],
  );
});

test('an API that is down in the middle of a run is not asked for every unit, and the refusal is recorded', async (t) => {
  const there = await startCloud(t, { apiOptions: { faults: ['refused@admin0'] } });
  let asked = 0;
  const call: Cloud['call'] = async (name, event) => {
    if (name === 'publish' && asked === 0) asked = there.api.requests.length;
    return there.call(name, event);
  };
  const { failure } = await execute({ call }, { run: RUNS[0], levels: [0] }, { concurrency: 1 });
  assert.equal(failure?.name, 'Refused');
  assert.match(
    failure?.cause ?? '',
    /^53 of 53 units failed, \d+ of which were not waited for, more than --max-failed 10 percent/,
  );
  // 10 percent of 53 units are 5; another may be under way.
  assert.ok(asked <= 2 + 7, `${asked} requests`);
});

test('a loss is refused with the input that accepts it, and that input publishes it without asking again', async (t) => {
  const there = await startCloud(t);
  await execute(there, { run: RUNS[0], countries: COUNTRIES, levels: [0] });
  there.api.setFaults(['gone@TCD']);
  const { failure } = await execute(there, { run: RUNS[1], countries: ['AFG', 'SDN'], levels: [0] });
  assert.equal(failure?.name, 'Refused');
  const input = /TCD lost all its rows: if that is right, publish with the input (\{.*\})$/.exec(
    failure?.cause ?? '',
  );
  const asked = there.api.requests.length;
  const { result } = await execute(there, JSON.parse(input?.[1] ?? ''));
  assert.deepEqual([result?.outcome, there.api.requests.length], ['published', asked]);
});

test('publish dies after any of its steps: the same run again publishes one whole release', async (t) => {
  const there = await startCloud(t);
  const stage = (name: 'publish') => there.call(name, { run: ID, accept_drop: false, reissue: false });
  await there.call('plan', { input: { run: ID, ...SMALL }, execution: 'arn:1' });
  await there.call('fetch', { run: ID, level: 0, country: 'TCD', again: true });
  const staged = `${there.folder}-staged`;
  t.after(() => rm(staged, { recursive: true, force: true }));
  await cp(there.folder, staged, { recursive: true });
  const steps = await dyingAfter(Number.POSITIVE_INFINITY, there, () => stage('publish'));
  assert.ok(steps > 20, `${steps} steps`);
  const asked = there.api.requests.length;
  for (let at = 0; at < steps; at++) {
    await rm(there.folder, { recursive: true });
    await cp(staged, there.folder, { recursive: true });
    const died = await dyingAfter(at, there, () => stage('publish')).then(
      () => null,
      (error: Error) => error,
    );
    const { manifest } = await readCurrent(folderStore(there.folder));
    // Once the pointer has moved the release is published, and what is left is for the next run.
    assert.equal(died?.name, manifest ? undefined : 'StoreError', `step ${at}`);
    const { result } = await execute(there, { run: ID, ...SMALL, resume: true });
    assert.equal(result?.outcome, 'published', `step ${at}`);
    assert.deepEqual(await problems(there), [], `step ${at}`);
    const listed = await readReleases(folderStore(there.folder));
    assert.deepEqual(
      listed.map(({ release }) => release),
      [result?.release],
      `step ${at}`,
    );
  }
  assert.equal(there.api.requests.length, asked);
});

test('two runs at once over two countries: both are in the end, one on top of the other', async (t) => {
  const there = await startCloud(t);
  await execute(there, { run: RUNS[0], countries: COUNTRIES, levels: [0] });
  there.api.setFaults(['changed@AFG', 'changed@TCD']);
  const both = await Promise.all(
    ['AFG', 'TCD'].map((country, at) =>
      execute(there, { run: RUNS[at + 1] ?? '', countries: [country], levels: [0] }),
    ),
  );
  assert.deepEqual(
    both.map(({ result }) => result?.outcome),
    ['published', 'published'],
  );
  const listed = await readReleases(folderStore(there.folder));
  assert.deepEqual(
    listed.map(({ supersedes }) => supersedes),
    [listed[1]?.release, listed[2]?.release, null],
  );
  const units = (await current(there)).coverage.units.filter(({ rows }) => rows > 0);
  const [afghanistan, sudan, chad] = units.map(({ from }) => from);
  assert.deepEqual(new Set([afghanistan, sudan, chad]), new Set(listed.map(({ release }) => release)));
});

test('an old run that is resumed late overtakes nothing', async (t) => {
  const there = await startCloud(t);
  await assert.rejects(dyingAfter(8, there, () => mustFail(there)));
  there.api.setFaults(['changed@TCD']);
  const newer = await execute(there, { run: RUNS[1], ...SMALL });
  const late = await execute(there, { run: RUNS[0], ...SMALL, resume: true });
  assert.deepEqual([late.result?.outcome, late.result?.release], ['unchanged', newer.result?.release]);
  assert.equal((await current(there)).release, newer.result?.release);
});

async function mustFail(there: Cloud): Promise<void> {
  const { failure } = await execute(there, { run: RUNS[0], ...SMALL });
  if (failure) throw new Error(failure.name);
}

test('a double delivery of the schedule starts one run, also at the same time', async (t: TestContext) => {
  const there = await startCloud(t);
  const input = { run: RUNS[0], ...SMALL };
  const both = await Promise.all([execute(there, input), execute(there, input)]);
  assert.deepEqual(
    both.map(({ failure }) => failure),
    [null, null],
  );
  assert.deepEqual(both.map(({ result }) => result?.outcome ?? result?.status).sort(), [
    'already started',
    'published',
  ]);
  const asked = there.api.requests.length;
  const third = await execute(there, input);
  assert.deepEqual([third.result?.status, third.result?.units], ['already started', []]);
  assert.equal(there.api.requests.length, asked);
});
