// The stack as it is deployed, run as its schedule runs it, its functions under their own roles. The steps follow one
// another as days would: the later ones stand on what the earlier ones published.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import type { DtmEvent } from '../../lib/catalogue/announce.ts';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import type { Manifest } from '../../lib/release/manifest.ts';
import { findSchemaProblems } from '../../lib/verify/json-schemas.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { simulator, THREE_COUNTRIES } from '../setting.ts';
import { plainClient } from './buckets.ts';
import { bucketProblems } from './check-bucket.ts';
import { outputsOf, STACK } from './deploy-stack.ts';
import { followBus, messages, newQueue, subscribe } from './queues.ts';
import {
  countExecutions,
  execute,
  logOf,
  metricsOf,
  nextExecution,
  runningStack,
  scheduledInput,
  tableAt,
} from './start-stack.ts';
import { iam } from './users.ts';

test('the deployed stack runs on its schedule, announces its releases, and refuses what it may not do', async (t) => {
  const world = await simulator(t);
  const running = await runningStack(t, {
    apiUrl: world.url,
    countries: THREE_COUNTRIES.join(','),
    concurrency: '3',
    maxFailed: '50',
  });
  const { aws, stack, store, sqs, sns, bridge } = running;
  t.diagnostic(`deployed in ${stack.seconds.toFixed(1)} s`);
  const bucket = stack.outputs.BucketName ?? '';
  const [chad, all] = [await newQueue(sqs, 'chad'), await newQueue(sqs, 'all')];
  const filter = { type: ['dtm.release.published'], changed_countries: ['TCD'] };
  await subscribe(sns, { topicArn: stack.outputs.TopicArn ?? '', queue: chad }, filter);
  const bus = stack.outputs.EventBusName ?? '';
  await followBus(bridge, { bus, queue: all }, ['dtm.release.published', 'dtm.release.failed']);
  const scheduled = async (hour: number) => {
    const ended = await execute(running, await scheduledInput(running, `2026-11-24T0${hour}:00:00Z`));
    t.diagnostic(`run of ${hour}:00: ${ended.status} in ${ended.seconds.toFixed(1)} s`);
    return ended;
  };
  const manifestNow = async (): Promise<Manifest> => (await readCurrent(store)).manifest as Manifest;
  const heard = async () => {
    const events = [await messages(sqs, chad), await messages(sqs, all)];
    return events.map((list) => list.map((message) => (message.detail ?? message) as DtmEvent));
  };

  await t.test('the first run publishes a release whose hashes S3 itself has stored', async () => {
    const { status, output } = await scheduled(5);
    assert.deepEqual([status, output.outcome], ['SUCCEEDED', 'published']);
    assert.deepEqual((await verifyRelease(store)).problems, []);
    const { release, run, files } = await manifestNow();
    assert.equal(run, '2026-11-24T05-00-00Z');
    const client = plainClient(aws);
    for (const { path, sha256 } of files) {
      const wanted = { Bucket: bucket, Key: `releases/${release}/${path}`, ChecksumMode: 'ENABLED' as const };
      const facts = await client.send(new HeadObjectCommand(wanted));
      assert.equal(Buffer.from(facts.ChecksumSHA256 ?? '', 'base64').toString('hex'), sha256, path);
      assert.equal(facts.CacheControl, 'private, max-age=31536000, immutable', path);
    }
    const pointer = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'latest.json' }));
    assert.deepEqual([pointer.CacheControl, pointer.ContentType], ['private, no-cache', 'application/json']);
  });

  await t.test('it is told once, on the topic and on the bus, and Athena has it', async () => {
    const { release } = await manifestNow();
    const [topic = [], followed = []] = await heard();
    assert.deepEqual([topic.length, followed.length], [1, 1]);
    assert.deepEqual(topic, followed);
    assert.deepEqual(findSchemaProblems('event', topic[0]), []);
    assert.equal(topic[0]?.id, `published/${release}`);
    const location = `s3://${bucket}/releases/${release}/tables/admin1/`;
    assert.equal(await tableAt(running, 'admin1', release), location);
  });

  await t.test('a second run says unchanged and tells nobody', async () => {
    const { status, output } = await scheduled(6);
    assert.deepEqual([status, output.outcome], ['SUCCEEDED', 'unchanged']);
    assert.deepEqual(await heard(), [[], []]);
  });

  await t.test('a changed country makes a second release with one message that names it', async () => {
    world.setFaults(['changed@TCD']);
    const { output } = await scheduled(7);
    const [topic = []] = await heard();
    const { release, changes } = await manifestNow();
    assert.deepEqual(
      topic.map(({ id, data }) => [id, data.changed_countries]),
      [[`published/${release}`, ['TCD']]],
    );
    assert.deepEqual([output.release, changes?.countries], [release, ['TCD']]);
    assert.ok(await tableAt(running, 'snapshots', release));
  });

  await t.test('a refresh of one country keeps the others', async () => {
    world.setFaults(['changed@TCD', 'changed@SDN']);
    const before = await countExecutions(running);
    const Detail = JSON.stringify({ countries: ['SDN'], reason: 'a new figure' });
    const entry = { EventBusName: bus, Source: 'tests', DetailType: 'dtm.refresh.requested', Detail };
    await bridge.send(new PutEventsCommand({ Entries: [entry] }));
    const { status, output } = await nextExecution(running, before);
    assert.deepEqual([status, output.outcome], ['SUCCEEDED', 'published']);
    const { coverage, changes } = await manifestNow();
    assert.deepEqual(changes?.countries, ['SDN']);
    const kept = coverage.units.filter((unit) => unit.status === 'kept').map(({ country }) => country);
    assert.deepEqual([...new Set(kept)].sort(), ['AFG', 'TCD']);
    assert.deepEqual((await heard())[0], [], 'Chad did not change');
  });

  await t.test('a country without an answer is carried and declared, and the metric says so', async () => {
    world.setFaults(['dead@AFG', 'changed@TCD', 'changed@SDN', 'new-round@TCD']);
    const { status, output } = await scheduled(8);
    assert.deepEqual([status, output.outcome], ['SUCCEEDED', 'published']);
    const { coverage } = await manifestNow();
    const carried = coverage.units.filter((unit) => unit.status === 'carried');
    assert.deepEqual([...new Set(carried.map(({ country }) => country))], ['AFG']);
    assert.equal((await metricsOf(running, 'UnitsCarried')).at(-1), 3);
    await heard();
  });

  await t.test('a function that may not write releases fails the run, and the pointer stays', async () => {
    world.setFaults(['changed@TCD', 'changed@SDN', 'new-round@TCD', 'new-round@AFG']);
    const { release } = await manifestNow();
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Action: 's3:PutObject', Resource: `arn:aws:s3:::${bucket}/releases/*` }],
    });
    const role = { RoleName: await roleOf(running.aws.endpoint), PolicyName: 'denied', PolicyDocument };
    await iam(aws.endpoint, { Action: 'PutRolePolicy', ...role });
    const { status, cause } = await scheduled(9);
    assert.equal(status, 'FAILED');
    assert.match(cause, /releases\/\S+claim\.json/);
    assert.equal((await manifestNow()).release, release);
    await iam(aws.endpoint, { Action: 'DeleteRolePolicy', RoleName: role.RoleName, PolicyName: 'denied' });
    const { output } = await execute(running, JSON.stringify({ run: '2026-11-24T09:00:00Z', resume: true }));
    assert.equal(output.outcome, 'published', 'the same run goes on once it may');
  });

  await t.test('a program that shares no code with ours finds the bucket whole', async (t2) => {
    const { release } = await manifestNow();
    const dataset = { client: plainClient(aws), bucket };
    assert.deepEqual(await bucketProblems(t2, dataset, { published: [release] }), []);
  });

  await t.test('the key is in no log, and the stack goes', async () => {
    for (const name of ['plan', 'fetch', 'publish', 'refresh', 'repoint']) {
      const lines = await logOf(running, name);
      assert.ok(lines.length > 0, name);
      assert.ok(!lines.some((line) => line.includes('sample-key')), name);
    }
    await stack.remove();
    assert.equal(await outputsOf(aws), null);
    assert.deepEqual((await verifyRelease(store)).problems, [], 'the bucket stays');
  });
});

/** The role of `publish`, which CloudFormation has named. */
async function roleOf(endpoint: string): Promise<string> {
  const roles = await iam(endpoint, { Action: 'ListRoles' });
  const names = [...roles.matchAll(/<RoleName>([^<]+)<\/RoleName>/g)].map(([, name]) => name ?? '');
  const found = names.find((name) => name.startsWith(STACK) && name.includes('PublishRole'));
  if (!found) throw new Error(`no role of publish among ${names.join(', ')}`);
  return found;
}
