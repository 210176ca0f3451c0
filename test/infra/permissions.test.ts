// The role of each function allows all its operations on the bucket, and no others: the stages run on a store that
// records every operation. Each must be allowed in the compiled template, and each permission must be used.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DTMApi } from '../../lib/dtm/client.ts';
import type { ApiContext } from '../../lib/run/context.ts';
import { fetchUnit } from '../../lib/run/fetch.ts';
import { finishRun, pruneAfterRun } from '../../lib/run/finish.ts';
import { composeMail } from '../../lib/run/outcome/mail/compose.ts';
import { findGapChanges } from '../../lib/run/outcome/mail/gaps.ts';
import { measureRun } from '../../lib/run/outcome/metrics.ts';
import { askedUnits } from '../../lib/run/plan.ts';
import {
  createExecutionLease,
  type ExecutionInput,
  findPlan,
  recordFailure,
  startExecution,
} from '../../lib/run/start.ts';
import { addRequests } from '../../lib/run/turn/requests.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import type { Store } from '../../lib/store/store.ts';
import { ageLease } from '../lease.ts';
import { simulator, temporaryFolder } from '../setting.ts';
import { compile, statements, type Template } from './compile-template.ts';

const RUNS = [
  ...(['2026-11-24T05-00-00Z', '2026-11-24T06-00-00Z'] as const),
  ...(['2026-11-24T07-00-00Z', '2026-11-24T07-00-00Z-0123abcd'] as const),
] as const;
const SELECTION = { levels: [0], countries: ['TCD'] } as const;
const defaults = { apiVersion: 'v3', countries: null } as const;

/** After this time old runs and old files of the page are removed. */
const FORTY_DAYS = 40 * 24 * 60 * 60 * 1000;

/** The S3 action of each store operation. */
const ACTIONS: Readonly<Record<string, string>> = {
  get: 's3:GetObject',
  head: 's3:GetObject',
  put: 's3:PutObject',
  delete: 's3:DeleteObject',
};

/** A store that records each operation with its role and key. */
function recording(store: Store, of: string, done: Set<string>): Store {
  const wrapped = Object.entries(ACTIONS).map(([name, action]) => [
    name,
    (key: string, ...rest: never[]) => {
      done.add(`${of} ${action} ${key}`);
      return (store[name as 'get'] as (...args: unknown[]) => unknown)(key, ...rest);
    },
  ]);
  return { ...store, ...Object.fromEntries(wrapped) };
}

/** The permissions of a template on objects of the bucket, as `ROLE ACTION PATTERN`. */
const permissions = (template: Template): string[] =>
  statements(template)
    .filter(({ of, Effect }) => of.endsWith('Role') && Effect === 'Allow')
    .flatMap(({ of, Action, Resource }) =>
      Action.flatMap((action) =>
        Resource.filter((resource) => resource.startsWith('<Bucket.Arn>/')).map(
          (resource) => `${of} ${action} ${resource.slice('<Bucket.Arn>/'.length)}`,
        ),
      ),
    );

/** Whether a permission allows an operation. An object is deleted with all its versions. */
function allows(permission: string, operation: string): boolean {
  const pattern = permission.replace('DeleteObjectVersion', 'DeleteObject').replaceAll('.', '\\.');
  return new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(operation);
}

/** The roles of which this file runs all the work. */
const RUN_HERE = /^(Plan|Fetch|Publish|Refresh|Notify)Role /;

for (const hasRule of [true, false])
  test(`each stage needs only the permissions of its role, also on a refused or damaged run, ${hasRule ? 'with' : 'without'} a retention rule`, (t) =>
    checkRun(t, hasRule));

async function checkRun(t: TestContext, hasRule: boolean): Promise<void> {
  const folder = await temporaryFolder(t);
  const world = await simulator(t);
  const rule = hasRule ? { keepNewest: '1', keepMonthly: '0' } : undefined;
  const template = await compile(join(folder, 'out'), rule);
  const bucket = join(folder, 'bucket');
  const done = new Set<string>();
  using api = new DTMApi({ subscriptionKey: 'sample-key', baseUrl: world.url, maxRetries: 0 });
  const contextOf = (run: string, role: string): ApiContext => ({
    ...{ run, api, publicUrl: null, announcer: null, now: () => new Date(), onProgress: () => {} },
    source: { url: world.url, apiVersion: 'v3' },
    store: recording(folderStore(bucket), role, done),
    terms: { licence: 'none', visibility: 'private', contact: null },
    generator: { name: 'dtm-exporter', version: '0.0.0', reading: 'test' },
  });
  const options = { maxFailed: 10, maxAge: 30, acceptDrop: false, reissue: false };
  const whole = async (run: string, input: ExecutionInput = SELECTION) => {
    await startExecution(contextOf(run, 'PlanRole'), { input, execution: 'arn:1', defaults });
    await ageLease(bucket, 2);
    const fetching = contextOf(run, 'FetchRole');
    const plan = await findPlan(fetching.store, run);
    await createExecutionLease(fetching, 'arn:1').renew();
    for (const unit of askedUnits(plan)) await fetchUnit(fetching, plan, { unit, retryFailed: true });
    const publishing = contextOf(run, 'PublishRole');
    const finished = await finishRun(publishing, plan, options);
    await measureRun(publishing, plan, finished);
    await createExecutionLease(publishing, 'arn:1').release();
    const later = { ...publishing, now: () => new Date(Date.now() + FORTY_DAYS) };
    await pruneAfterRun(later, hasRule ? { keepNewest: 1, keepMonthly: 0 } : null);
    const { store } = contextOf(run, 'NotifyRole');
    const gaps = await findGapChanges(store, new Date());
    const execution = { executionArn: 'arn:1', stateMachineArn: 'arn:2', status: 'FAILED', startDate: 0 };
    assert.ok(await composeMail(store, { ...execution, name: run }, gaps));
    await gaps.record();
    return finished.outcome.outcome;
  };
  assert.equal(await whole(RUNS[0]), 'published');
  world.setFaults(['changed@TCD']);
  assert.equal(await whole(RUNS[1]), 'published');
  world.setFaults(['500@TCD']);
  assert.equal(await whole(RUNS[2]), 'refused');
  world.setFaults(['500@countries']);
  await assert.rejects(whole('2026-11-24T08-00-00Z'), { name: 'DTMApiRequestError' });
  // A refresh: its request is added by another role than the one that takes it.
  const request = { id: 'event', run: RUNS[3], reason: 'x', ...SELECTION };
  world.setFaults([]);
  await addRequests(contextOf(RUNS[3], 'RefreshRole').store, [request]);
  assert.equal(await whole(RUNS[3], { refresh: true }), 'published');
  const failure = { name: 'DTMApiRequestError', message: 'HTTP 500' };
  await recordFailure(contextOf('2026-11-24T08-00-00Z', 'PublishRole'), failure);
  await rm(join(bucket, 'latest.json'));
  await rm(join(bucket, 'releases.json'));
  await assert.rejects(whole('2026-11-24T09-00-00Z'), { name: 'DamagedFileError' });
  assert.ok(done.size > 60, String(done.size));
  const [given, used] = [permissions(template), [...done]];
  assert.deepEqual(
    used.filter((operation) => !given.some((permission) => allows(permission, operation))),
    [],
    'operations that are not allowed',
  );
  assert.deepEqual(
    given.filter(
      (permission) =>
        RUN_HERE.test(permission) &&
        // A folder needs no object that tests preconditions.
        !permission.endsWith('runs/promises/*') &&
        !used.some((operation) => allows(permission, operation)),
    ),
    [],
    'permissions that nothing uses',
  );
  assert.ok(
    [...done].some((operation) => operation.startsWith(`PublishRole s3:DeleteObject assets/picture-`)),
  );
}
