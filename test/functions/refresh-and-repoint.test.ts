// What comes from the bus: requests that start runs, and news of releases that the catalogue follows.
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

/** A batch as the queue hands it over. */
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

test('a request starts a run of its own id, once however often it is delivered', async (t) => {
  const there = await startCloud(t);
  const asked = request({ countries: ['HTI', 'AFG'], levels: [1], accept_drop: true, reason: 'IOM said so' });
  assert.deepEqual(await there.call('refresh', batchOf(asked, asked)), { batchItemFailures: [] });
  assert.deepEqual(await there.call('refresh', batchOf(asked)), { batchItemFailures: [] });
  const run = `2026-11-24T05-00-00Z-${createHash('sha256').update(ID).digest('hex').slice(0, 8)}`;
  const input = { run, countries: ['HTI', 'AFG'], levels: [1], accept_drop: true };
  assert.deepEqual([...there.aws.executions], [[run, input]]);
  assert.equal(there.aws.calls.filter((call) => call === 'StartExecution').length, 3);
  const said = there.lines.map(({ message, reason, request: id }) => [message, reason, id]);
  assert.deepEqual(said[0], ['started', 'IOM said so', ID]);
  assert.equal(said[1]?.[0], 'already started');
});

test('the run that a request starts is one that the state machine takes', async (t) => {
  const there = await startCloud(t);
  await there.call('refresh', batchOf(request({ countries: ['TCD'], levels: [0], reason: 'x' })));
  const [input] = [...there.aws.executions.values()];
  const { result } = await execute(there, input ?? {});
  assert.equal(result?.outcome, 'published');
});

test('bad requests alone fail, each with its reason in the log', async (t) => {
  const there = await startCloud(t);
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
  const answer = await there.call('refresh', batchOf(good, ...bodies.map(([body]) => body)));
  const failed = bodies.map((_, at) => ({ itemIdentifier: `message-${at + 1}` }));
  assert.deepEqual(answer, { batchItemFailures: failed });
  assert.equal(there.aws.executions.size, 1);
  const said = there.lines.filter(({ level }) => level === 'ERROR');
  assert.equal(said.length, bodies.length);
  for (const [at, [, words]] of bodies.entries()) {
    assert.match(String(said[at]?.message), words);
    assert.deepEqual([said[at]?.error_name, said[at]?.message_id], ['EventError', `message-${at + 1}`]);
  }
});

test('the published schema of a request takes what the function takes, and refuses what it refuses', () => {
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
  let taken = 0;
  fc.assert(
    fc.property(detail, (given) => {
      const asked = JSON.parse(JSON.stringify(given));
      const isTaken = refreshRequest.is(request(asked));
      assert.equal(findSchemaProblems('refresh', asked).length === 0, isTaken, JSON.stringify(asked));
      if (isTaken) taken++;
    }),
    { numRuns: 1000 },
  );
  assert.ok(taken > 10, String(taken));
});

test('a request that could not be started stays in the queue', async (t) => {
  const there = await startCloud(t);
  there.aws.refused.set('StartExecution', 'StateMachineDeleting');
  const answer = await there.call('refresh', batchOf(request({ reason: 'x' })));
  assert.deepEqual(answer, { batchItemFailures: [{ itemIdentifier: 'message-0' }] });
  assert.match(JSON.stringify(there.lines), /StateMachineDeleting/);
});

/** What EventBridge says of a release, whatever it is. */
const news = (release: string): Partial<EventBridgeEvent<string, unknown>> => ({
  'detail-type': 'dtm.release.published',
  detail: { type: 'dtm.release.published', data: { release } },
});

const locations = ({ aws }: Cloud) =>
  [...aws.tables.values()].flatMap(({ StorageDescriptor }) => {
    const { Location } = StorageDescriptor as { Location?: string };
    return Location ? [Location] : [];
  });

test('the catalogue has the tables and views of the current release, whatever the event says', async (t) => {
  const there = await startCloud(t);
  const input = { countries: ['TCD'], levels: [0] };
  await execute(there, { run: '2026-11-24T05:00:00Z', ...input });
  assert.deepEqual(await there.call('repoint', news('2020-01-01.1')), { release: await releaseOf(there) });
  const first = await releaseOf(there);
  assert.equal(there.aws.tables.size, 12);
  assert.deepEqual(locations(there).at(-1), `${there.folder}/releases/${first}/tables/operations/`);
  there.api.setFaults(['changed@TCD']);
  await execute(there, { run: '2026-11-24T06:00:00Z', ...input });
  const second = await releaseOf(there);
  assert.notEqual(second, first);
  // The older event comes late.
  await there.call('repoint', news(second));
  await there.call('repoint', news(first));
  assert.equal(locations(there).length, 6);
  assert.ok(
    locations(there).every((place) => place.startsWith(`${there.folder}/releases/${second}/tables/`)),
  );
  assert.equal(there.aws.tables.size, 12);
});

const releaseOf = async ({ folder }: Cloud): Promise<string> =>
  JSON.parse(Buffer.from((await folderStore(folder).get('latest.json'))?.body ?? []).toString()).release;

test('after a withdrawal the catalogue goes back; with nothing left it stays where nothing is', async (t) => {
  const there = await startCloud(t);
  const input = { countries: ['TCD'], levels: [0] };
  await execute(there, { run: '2026-11-24T05:00:00Z', ...input });
  const first = await releaseOf(there);
  there.api.setFaults(['changed@TCD']);
  await execute(there, { run: '2026-11-24T06:00:00Z', ...input });
  const second = await releaseOf(there);
  await there.call('repoint', {});
  const how = { reason: 'x', now: new Date(), publicUrl: null, announcer: null };
  const withdraw = (release: string) => withdrawRelease(folderStore(there.folder), release, how);
  await withdraw(second);
  await there.call('repoint', {});
  assert.ok(locations(there).every((place) => place.includes(`/${first}/`)));
  await withdraw(first);
  const calls = there.aws.calls.length;
  assert.deepEqual(await there.call('repoint', {}), { release: null });
  assert.equal(there.aws.calls.length, calls);
});
