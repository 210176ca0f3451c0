// Events from the bus: refresh requests, which start runs, and release events, after which `repoint` updates the tables.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { EventBridgeEvent, SQSEvent, SQSRecord } from 'aws-lambda';
import fc from 'fast-check';
import { refreshRequest } from '../../functions/events.ts';
import { withdrawRelease } from '../../lib/retire/withdraw.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { findSchemaProblems } from '../../lib/verify/json-schemas.ts';
import { type Cloud, execute, startCloud } from './start-cloud.ts';

const ID = '6a7e8feb-b491-4cf7-a9f1-bf3703467718';

/** A request as EventBridge wraps it. */
const request = (detail: unknown, more: Record<string, unknown> = {}) => ({
  version: '0',
  id: ID,
  'detail-type': 'dtm.refresh.requested',
  source: 'operator',
  account: '123456789012',
  time: '2026-11-24T05:00:00Z',
  region: 'eu-central-1',
  resources: [],
  detail,
  ...more,
});

/** A batch as the queue delivers it. */
const batchOf = (...bodies: unknown[]): SQSEvent => ({
  Records: bodies.map(
    (body, at) =>
      ({
        messageId: `message-${at}`,
        receiptHandle: 'r',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        attributes: { ApproximateReceiveCount: '1' },
        messageAttributes: {},
        eventSource: 'aws:sqs',
        awsRegion: 'eu-central-1',
      }) as unknown as SQSRecord,
  ),
});

const runOf = (id: string): string =>
  `2026-11-24T05-00-00Z-${createHash('sha256').update(id).digest('hex').slice(0, 8)}`;

test('a refresh request that is delivered several times starts one run with an id of its own', async (t) => {
  const cloud = await startCloud(t);
  const body = request({ countries: ['HTI', 'AFG'], levels: [1], reason: 'IOM said so' });
  assert.deepEqual(await cloud.call('refresh', batchOf(body, body)), { batchItemFailures: [] });
  assert.deepEqual(await cloud.call('refresh', batchOf(body)), { batchItemFailures: [] });
  const run = runOf(ID);
  assert.deepEqual([...cloud.aws.executions], [[run, { run, refresh: true }]]);
  const logged = cloud.lines.map(({ message, reason, request: id }) => [message, reason, id]);
  assert.deepEqual(logged[0], ['started', 'IOM said so', ID]);
});

test('a request that accepts a loss has a run of its own, with its own units', async (t) => {
  const cloud = await startCloud(t);
  const other = request({ countries: ['HTI'], accept_drop: true, reason: 'x' }, { id: 'other' });
  const body = request({ countries: ['TCD'], reason: 'y' });
  for (const batch of [batchOf(body, other), batchOf(other)])
    assert.deepEqual(await cloud.call('refresh', batch), { batchItemFailures: [] });
  const alone = { run: runOf('other'), countries: ['HTI'], accept_drop: true, refresh: true };
  const merged = { run: runOf(ID), refresh: true };
  assert.deepEqual(
    [...cloud.aws.executions.values()].sort((a, b) => Object.keys(b).length - Object.keys(a).length),
    [alone, merged],
  );
});

test('the state machine accepts the input that refresh creates, and publishes the requested units', async (t) => {
  const cloud = await startCloud(t);
  await cloud.call('refresh', batchOf(request({ countries: ['TCD'], levels: [0], reason: 'x' })));
  const [input] = [...cloud.aws.executions.values()];
  const { result } = await execute(cloud, input ?? {});
  assert.equal(result?.outcome, 'published');
  assert.deepEqual(
    cloud.api.requests.map(({ endpoint }) => endpoint),
    ['countries', 'operations', 'admin0'],
  );
});

test('in a batch only invalid requests fail, each with its reason in the log', async (t) => {
  const cloud = await startCloud(t);
  const bodies: [unknown, RegExp][] = [
    ['not JSON', /^the request: it: expected object, got "not JSON"$/],
    [
      request({ countries: ['Haiti'], reason: 'x' }),
      /detail\.countries\.0: expected an ISO3 code like HTI, got "Haiti"/,
    ],
    [request({ country: ['HTI'], reason: 'x' }), /detail\.country: expected no such field/],
    [request({ levels: [0, 3], reason: 'x' }), /detail\.levels\.1: expected 0, 1 or 2, got 3/],
    [request({}), /detail\.reason: expected string, got nothing/],
    [
      request({ reason: 'x' }, { time: 'yesterday' }),
      /time: expected a time like 2026-11-24T05:00:00Z, got "yesterday"/,
    ],
    [
      request({ reason: 'x' }, { 'detail-type': 'other' }),
      /detail-type: expected dtm\.refresh\.requested, got "other"/,
    ],
  ];
  const good = request({ reason: 'x' }, { id: 'other' });
  const answer = await cloud.call('refresh', batchOf(good, ...bodies.map(([body]) => body)));
  const failed = bodies.map((_, at) => ({ itemIdentifier: `message-${at + 1}` }));
  assert.deepEqual(answer, { batchItemFailures: failed });
  assert.equal(cloud.aws.executions.size, 1);
  const errors = cloud.lines.filter(({ level }) => level === 'ERROR');
  assert.equal(errors.length, bodies.length);
  for (const [at, [, expected]] of bodies.entries()) {
    assert.match(String(errors[at]?.message), expected);
    assert.deepEqual([errors[at]?.error_name, errors[at]?.message_id], ['EventError', `message-${at + 1}`]);
  }
});

test('the schema refresh.schema.json accepts exactly the requests that the function accepts', () => {
  const mostly = (good: fc.Arbitrary<unknown>, bad: fc.Arbitrary<unknown>) =>
    fc.oneof({ weight: 9, arbitrary: good }, { weight: 1, arbitrary: bad });
  const list = (item: fc.Arbitrary<unknown>) => fc.array(item, { maxLength: 3 });
  const country = mostly(fc.constantFrom('HTI', 'AFG'), fc.constantFrom('hti', 'Haiti', 1));
  const detail = fc.record(
    {
      countries: mostly(list(country), fc.constant('HTI')),
      levels: list(mostly(fc.constantFrom(0, 1, 2), fc.constantFrom(3, '0'))),
      accept_drop: mostly(fc.boolean(), fc.constant('true')),
      reason: mostly(fc.constantFrom('x', 'x'.repeat(1000)), fc.constantFrom('', 'x'.repeat(1001), null)),
      country: mostly(fc.constant(undefined), fc.constant('HTI')),
    },
    { requiredKeys: [] },
  );
  let accepted = 0;
  fc.assert(
    fc.property(detail, (generated) => {
      const body = JSON.parse(JSON.stringify(generated));
      const isAccepted = refreshRequest.is(request(body));
      assert.equal(findSchemaProblems('refresh', body).length === 0, isAccepted, JSON.stringify(body));
      if (isAccepted) accepted++;
    }),
    { numRuns: 1000 },
  );
  assert.ok(accepted > 10, String(accepted));
});

test('a request whose execution cannot be started stays in the queue', async (t) => {
  const cloud = await startCloud(t);
  cloud.aws.refused.set('StartExecution', 'StateMachineDeleting');
  const answer = await cloud.call('refresh', batchOf(request({ reason: 'x' })));
  assert.deepEqual(answer, { batchItemFailures: [{ itemIdentifier: 'message-0' }] });
  assert.match(JSON.stringify(cloud.lines), /StateMachineDeleting/);
});

/** An event of EventBridge for a published release. */
const releaseEvent = (release: string): Partial<EventBridgeEvent<string, unknown>> => ({
  'detail-type': 'dtm.release.published',
  detail: { type: 'dtm.release.published', data: { release } },
});

const locations = ({ aws }: Cloud) =>
  [...aws.tables.values()].flatMap(({ StorageDescriptor }) => {
    const { Location } = StorageDescriptor as { Location?: string };
    return Location ? [Location] : [];
  });

test('repoint uses the current release, even if the event names an older one', async (t) => {
  const cloud = await startCloud(t);
  const input = { countries: ['TCD'], levels: [0] };
  await execute(cloud, { run: '2026-11-24T05:00:00Z', ...input });
  assert.deepEqual(await cloud.call('repoint', releaseEvent('2020-01-01.1')), {
    release: await releaseOf(cloud),
  });
  const first = await releaseOf(cloud);
  assert.equal(cloud.aws.tables.size, 12);
  assert.deepEqual(locations(cloud).at(-1), `${cloud.folder}/releases/${first}/tables/operations/`);
  cloud.api.setFaults(['changed@TCD']);
  await execute(cloud, { run: '2026-11-24T06:00:00Z', ...input });
  const second = await releaseOf(cloud);
  assert.notEqual(second, first);
  // The event of the older release comes late.
  await cloud.call('repoint', releaseEvent(second));
  await cloud.call('repoint', releaseEvent(first));
  assert.equal(locations(cloud).length, 6);
  assert.ok(
    locations(cloud).every((place) => place.startsWith(`${cloud.folder}/releases/${second}/tables/`)),
  );
  assert.deepEqual(cloud.aws.archived, [], 'Glue keeps a limited number of old versions');
  assert.equal(cloud.aws.tables.size, 12);
});

const releaseOf = async ({ folder }: Cloud): Promise<string> =>
  JSON.parse(Buffer.from((await folderStore(folder).get('latest.json'))?.body ?? []).toString()).release;

test('after a withdrawal repoint uses the release before, and without one changes nothing', async (t) => {
  const cloud = await startCloud(t);
  const input = { countries: ['TCD'], levels: [0] };
  await execute(cloud, { run: '2026-11-24T05:00:00Z', ...input });
  const first = await releaseOf(cloud);
  cloud.api.setFaults(['changed@TCD']);
  await execute(cloud, { run: '2026-11-24T06:00:00Z', ...input });
  const second = await releaseOf(cloud);
  await cloud.call('repoint', {});
  const options = { reason: 'x', now: new Date(), publicUrl: null, announcer: null };
  const withdraw = (release: string) => withdrawRelease(folderStore(cloud.folder), release, options);
  await withdraw(second);
  await cloud.call('repoint', {});
  assert.ok(locations(cloud).every((place) => place.includes(`/${first}/`)));
  await withdraw(first);
  const calls = cloud.aws.calls.length;
  assert.deepEqual(await cloud.call('repoint', {}), { release: null });
  assert.equal(cloud.aws.calls.length, calls);
});
