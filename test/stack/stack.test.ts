// Runs the deployed stack as its schedule does, with the functions' own roles. The subtests run in order, like days: later ones need
// the releases of earlier ones.
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
import { waitFor } from '../wait-for.ts';
import { sdkClient } from './buckets.ts';
import { checkBucket } from './check-bucket.ts';
import { readOutputs, STACK } from './deploy-stack.ts';
import { createQueue, receiveMessages, routeEvents, subscribe } from './queues.ts';
import {
  countExecutions,
  execute,
  nextExecution,
  readLog,
  readMetric,
  scheduledInput,
  startStack,
  waitForAllEnds,
  waitForTable,
} from './start-stack.ts';
import { callIam } from './users.ts';

test('the deployed stack publishes on its schedule, announces releases, and keeps to its roles', async (t) => {
  const world = await simulator(t);
  const runningStack = await startStack(t, {
    apiUrl: world.url,
    countries: THREE_COUNTRIES.join(','),
    concurrency: '3',
    maxFailed: '50',
  });
  const { aws, stack, store, sqs, sns, bridge } = runningStack;
  t.diagnostic(`deployed in ${stack.seconds.toFixed(1)} s`);
  const bucket = stack.outputs.BucketName ?? '';
  const [chadQueue, all] = [await createQueue(sqs, 'chad'), await createQueue(sqs, 'all')];
  const filter = { type: ['dtm.release.published'], changed_countries: ['TCD'] };
  await subscribe(sns, { topicArn: stack.outputs.TopicArn ?? '', queue: chadQueue }, filter);
  const bus = stack.outputs.EventBusName ?? '';
  await routeEvents(bridge, { bus, queue: all }, ['dtm.release.published', 'dtm.release.failed']);
  const runScheduled = async (hour: number) => {
    const result = await execute(
      runningStack,
      await scheduledInput(runningStack, `2026-11-24T0${hour}:00:00Z`),
    );
    t.diagnostic(`run of ${hour}:00: ${result.status} in ${result.seconds.toFixed(1)} s`);
    return result;
  };
  const readCurrentManifest = async (): Promise<Manifest> => (await readCurrent(store)).manifest as Manifest;
  const receivedEvents = async () => {
    const events = [await receiveMessages(sqs, chadQueue), await receiveMessages(sqs, all)];
    return events.map((list) => list.map((message) => (message.detail ?? message) as DtmEvent));
  };

  await t.test('the first scheduled run publishes a release whose SHA-256 S3 has stored', async () => {
    const { status, output } = await runScheduled(5);
    assert.deepEqual([status, output.outcome], ['SUCCEEDED', 'published']);
    assert.deepEqual((await verifyRelease(store)).problems, []);
    const { release, run, files } = await readCurrentManifest();
    assert.equal(run, '2026-11-24T05-00-00Z');
    const client = sdkClient(aws);
    for (const { path, sha256 } of files) {
      const request = {
        Bucket: bucket,
        Key: `releases/${release}/${path}`,
        ChecksumMode: 'ENABLED' as const,
      };
      const head = await client.send(new HeadObjectCommand(request));
      assert.equal(Buffer.from(head.ChecksumSHA256 ?? '', 'base64').toString('hex'), sha256, path);
      assert.equal(head.CacheControl, 'private, max-age=31536000, immutable', path);
    }
    const pointer = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'latest.json' }));
    assert.deepEqual([pointer.CacheControl, pointer.ContentType], ['private, no-cache', 'application/json']);
  });

  await t.test(
    'a release is announced once on topic and bus, and its tables are in the catalogue',
    async () => {
      const { release } = await readCurrentManifest();
      const [onTopic = [], onBus = []] = await receivedEvents();
      assert.deepEqual([onTopic.length, onBus.length], [1, 1]);
      assert.deepEqual(onTopic, onBus);
      assert.deepEqual(findSchemaProblems('event', onTopic[0]), []);
      assert.equal(onTopic[0]?.id, `published/${release}`);
      const location = `s3://${bucket}/releases/${release}/tables/admin1/`;
      assert.equal(await waitForTable(runningStack, 'admin1', release), location);
    },
  );

  await t.test('a second run is unchanged and announces nothing', async () => {
    const { status, output } = await runScheduled(6);
    assert.deepEqual([status, output.outcome], ['SUCCEEDED', 'unchanged']);
    assert.deepEqual(await receivedEvents(), [[], []]);
  });

  await t.test('an API that is down for the first two tries of the plan costs no run', async () => {
    const asked = world.requests.length;
    // Each try sends four requests.
    world.setFaults(['500@countries*8']);
    const { status, output } = await execute(runningStack, '{"run":"2026-11-24T06:10:00Z"}');
    assert.deepEqual([status, output.outcome], ['SUCCEEDED', 'unchanged']);
    assert.equal(world.requests.length - asked, 8 + 2 + 9);
    assert.deepEqual(await receivedEvents(), [[], []]);
    world.setFaults([]);
  });

  await t.test('of two executions at once one runs, and the other ends well without a request', async () => {
    const asked = world.requests.length;
    const runs = ['2026-11-24T06:20:00Z', '2026-11-24T06:21:00Z'];
    const both = await Promise.all(runs.map((run) => execute(runningStack, JSON.stringify({ run }))));
    assert.deepEqual(
      both.map(({ status, output }) => `${status} ${output.outcome ?? output.status}`).sort(),
      ['SUCCEEDED another run is under way', 'SUCCEEDED unchanged'],
    );
    assert.equal(world.requests.length - asked, 2 + 9);
    assert.deepEqual(await receivedEvents(), [[], []]);
  });

  await t.test('twenty refreshes at once are two runs at most, and none is lost', async () => {
    const Detail = (at: number) =>
      JSON.stringify({ countries: [THREE_COUNTRIES[at % 3]], levels: [0], reason: `refresh ${at}` });
    const entry = { EventBusName: bus, Source: 'tests', DetailType: 'dtm.refresh.requested' };
    const asked = world.requests.length;
    for (const batch of [0, 1]) {
      const Entries = Array.from({ length: 10 }, (_, at) => ({ ...entry, Detail: Detail(10 * batch + at) }));
      await bridge.send(new PutEventsCommand({ Entries }));
    }
    const requests = async () =>
      JSON.parse(String(Buffer.from((await store.get('runs/requests.json'))?.body ?? '{}')));
    await waitFor('the twenty requests to be seen, and answered', async () => {
      const { seen, next } = await requests();
      return seen?.length === 20 && next === null;
    });
    await waitForAllEnds(runningStack);
    const refreshes = (await store.listFolders('runs/')).filter((run) => /Z-[0-9a-f]{8}b*$/.test(run));
    const planned = await Promise.all(refreshes.map((run) => store.head(`runs/${run}/plan.json`)));
    const count = planned.filter((plan) => plan !== null).length;
    t.diagnostic(`twenty refreshes were ${count} runs`);
    assert.ok(count === 1 || count === 2, `${count} runs`);
    const units = world.requests.slice(asked).filter(({ endpoint }) => endpoint === 'admin0');
    assert.deepEqual([...new Set(units.map(({ country }) => country))].sort(), THREE_COUNTRIES);
  });

  await t.test('a changed country gives a second release and one message with its name', async () => {
    world.setFaults(['changed@TCD']);
    const { output } = await runScheduled(7);
    const [onTopic = []] = await receivedEvents();
    const { release, changes } = await readCurrentManifest();
    assert.deepEqual(
      onTopic.map(({ id, data }) => [id, data.changed_countries]),
      [[`published/${release}`, ['TCD']]],
    );
    assert.deepEqual([output.release, changes?.countries], [release, ['TCD']]);
    assert.ok(await waitForTable(runningStack, 'snapshots', release));
  });

  await t.test('a refresh of one country keeps the units of the others', async () => {
    world.setFaults(['changed@TCD', 'changed@SDN']);
    const before = await countExecutions(runningStack);
    const Detail = JSON.stringify({ countries: ['SDN'], reason: 'a new figure' });
    const entry = { EventBusName: bus, Source: 'tests', DetailType: 'dtm.refresh.requested', Detail };
    await bridge.send(new PutEventsCommand({ Entries: [entry] }));
    const { status, output } = await nextExecution(runningStack, before);
    assert.deepEqual([status, output.outcome], ['SUCCEEDED', 'published']);
    const { coverage, changes } = await readCurrentManifest();
    assert.deepEqual(changes?.countries, ['SDN']);
    const kept = coverage.units.filter((unit) => unit.status === 'kept').map(({ country }) => country);
    assert.deepEqual([...new Set(kept)].sort(), ['AFG', 'TCD']);
    assert.deepEqual((await receivedEvents())[0], [], 'Chad did not change');
  });

  await t.test('a country without an answer is carried', async () => {
    world.setFaults(['dead@AFG', 'changed@TCD', 'changed@SDN', 'new-round@TCD']);
    const { status, output } = await runScheduled(8);
    assert.deepEqual([status, output.outcome], ['SUCCEEDED', 'published']);
    const { coverage } = await readCurrentManifest();
    const carried = coverage.units.filter((unit) => unit.status === 'carried');
    assert.deepEqual([...new Set(carried.map(({ country }) => country))], ['AFG']);
    await receivedEvents();
  });

  await t.test('a run fails without permission to write releases, and the pointer stays', async () => {
    world.setFaults(['changed@TCD', 'changed@SDN', 'new-round@TCD', 'new-round@AFG']);
    const { release } = await readCurrentManifest();
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Action: 's3:PutObject', Resource: `arn:aws:s3:::${bucket}/releases/*` }],
    });
    const role = { RoleName: await roleOf(runningStack.aws.endpoint), PolicyName: 'denied', PolicyDocument };
    await callIam(aws.endpoint, { Action: 'PutRolePolicy', ...role });
    const { status, cause } = await runScheduled(9);
    assert.equal(status, 'FAILED');
    assert.match(cause, /releases\/\S+claim\.json/);
    assert.equal((await readCurrentManifest()).release, release);
    await callIam(aws.endpoint, {
      Action: 'DeleteRolePolicy',
      RoleName: role.RoleName,
      PolicyName: 'denied',
    });
    const { output } = await execute(
      runningStack,
      JSON.stringify({ run: '2026-11-24T09:00:00Z', resume: true }),
    );
    assert.equal(output.outcome, 'published', 'the same run continues after the permission is back');
  });

  // A line that a function writes late is in the log of its next invocation: the metric is read after another run.
  await t.test('the metric UnitsCarried counts the carried units of the one run that had some', async () => {
    const carried = await readMetric(runningStack, 'UnitsCarried');
    assert.deepEqual([...new Set(carried)].sort(), [0, 3]);
    assert.equal(carried.filter((count) => count === 3).length, 1);
  });

  await t.test('the independent checker finds no problem in the bucket of the stack', async (subtest) => {
    const { release } = await readCurrentManifest();
    const dataset = { client: sdkClient(aws), bucket };
    assert.deepEqual(await checkBucket(subtest, dataset, { published: [release] }), []);
  });

  await t.test('no log contains the API key, and removing the stack keeps the bucket', async () => {
    for (const name of ['plan', 'fetch', 'publish', 'refresh', 'repoint', 'notify']) {
      const lines = await readLog(runningStack, name);
      assert.ok(lines.length > 0, name);
      assert.ok(!lines.some((line) => line.includes('sample-key')), name);
    }
    await stack.remove();
    assert.equal(await readOutputs(aws), null);
    assert.deepEqual((await verifyRelease(store)).problems, [], 'the bucket stays');
  });
});

/** Name of the role of `publish`, which CloudFormation has chosen. */
async function roleOf(endpoint: string): Promise<string> {
  const roles = await callIam(endpoint, { Action: 'ListRoles' });
  const names = [...roles.matchAll(/<RoleName>([^<]+)<\/RoleName>/g)].map(([, name]) => name ?? '');
  const found = names.find((name) => name.startsWith(STACK) && name.includes('PublishRole'));
  if (!found) throw new Error(`no role of publish among ${names.join(', ')}`);
  return found;
}
