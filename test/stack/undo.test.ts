// An operator's shell takes a release of a deployed, public stack back with `--stack`: subscribers, tables, feed and caches
// follow. The operator is a user with the permissions that docs/aws-operate.md lists. The subtests run in order.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  CloudFrontClient,
  GetInvalidationCommand,
  ListInvalidationsCommand,
} from '@aws-sdk/client-cloudfront';
import {
  EventBridgeClient,
  ListRulesCommand,
  PutEventsCommand,
  PutRuleCommand,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge';
import { DeleteTableCommand, GetTablesCommand, GlueClient } from '@aws-sdk/client-glue';
import type { DtmEvent } from '../../lib/catalogue/announce.ts';
import { MAIN, runInChildProcess, simulator } from '../setting.ts';
import { clientOptions, STACK } from './deploy-stack.ts';
import { createQueue, receiveMessages, routeEvents, subscribe } from './queues.ts';
import { execute, readLog, scheduledInput, startStack, waitForTable } from './start-stack.ts';
import { createUser } from './users.ts';

test('a release of a deployed stack is taken back from a shell, and its tables are pointed again', async (t) => {
  const world = await simulator(t);
  const runningStack = await startStack(t, {
    ...{ apiUrl: world.url, countries: 'TCD', visibility: 'public', licence: 'CC BY 4.0' },
  });
  const { aws, stack, store, sqs, sns, bridge } = runningStack;
  const { outputs } = stack;
  const operator = await createUser(aws, 'operator', permissions(outputs));
  const command = (args: string[], env = operator) => runInChildProcess(args, { env });
  const readText = async (key: string) => Buffer.from((await store.get(key))?.body ?? []).toString();
  const current = async (): Promise<string> => JSON.parse(await readText('latest.json')).release;
  const run = async (hour: number): Promise<string> => {
    const input = await scheduledInput(runningStack, `2026-11-24T0${hour}:00:00Z`);
    const { output } = await execute(runningStack, input);
    assert.equal(output.outcome, 'published', JSON.stringify(output));
    return current();
  };
  const first = await run(5);
  world.setFaults(['changed@TCD']);
  const second = await run(6);
  await waitForTable(runningStack, 'operations', second);

  await t.test('--stack names a stack that is not there, or that the user may not read', async () => {
    const unknown = await command(['status', '--stack', 'dtm-exporter-other']);
    assert.equal(unknown.exit, 2, unknown.stderr);
    assert.match(
      unknown.stderr,
      /^dtm-exporter: --stack dtm-exporter-other: expected a deployed stack, found none in us-east-1 .* its name is dtm-exporter-<stage>/,
    );
    const stranger = await createUser(aws, 'stranger', []);
    const refused = await command(['withdraw', '--stack', STACK, second, '--reason', 'x'], stranger);
    assert.equal(refused.exit, 2, refused.stderr);
    assert.match(
      refused.stderr,
      /it cannot be read in us-east-1 \(AccessDenied.*allow cloudformation:DescribeStacks\n$/,
    );
    assert.equal(refused.stderr.trim().split('\n').length, 1);
    assert.equal(await current(), second);
  });

  await t.test('status and verify read the bucket of the stack', async () => {
    const status = await command(['status', '--stack', STACK, '--json']);
    assert.equal(status.exit, 0, status.stderr);
    assert.equal(JSON.parse(status.stdout).release, second);
    assert.match((await command(['verify', '--stack', STACK])).stdout, /^Release .* is whole/);
  });

  await t.test('serve shows the dataset of the stack on this machine', async () => {
    const args = [MAIN, 'serve', '--stack', STACK, '--port', '0'];
    const env = { PATH: process.env.PATH ?? '', ...operator };
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => child.kill('SIGKILL'));
    const [line] = await once(child.stdout, 'data');
    const [, url = ''] = /^Serving s3:\/\/\S+ \(public\) at (\S+)/.exec(String(line)) ?? [];
    const pointer = (await (await fetch(`${url}latest.json`)).json()) as { release: string };
    assert.equal(pointer.release, second);
    child.kill('SIGINT');
    assert.deepEqual(await once(child, 'close'), [0, null]);
  });

  await t.test(
    'withdraw tells topic and bus, moves the tables on, keeps links and empties caches',
    async () => {
      const [onTopic, onBus] = [await createQueue(sqs, 'topic'), await createQueue(sqs, 'bus')];
      const type = ['dtm.release.withdrawn'];
      await subscribe(sns, { topicArn: outputs.TopicArn ?? '', queue: onTopic }, { type });
      await routeEvents(bridge, { bus: outputs.EventBusName ?? '', queue: onBus }, type);
      const withdrawn = await command(['withdraw', second, '--stack', STACK, '--reason', 'counted twice']);
      assert.deepEqual([withdrawn.exit, withdrawn.stderr], [0, '']);
      assert.ok(withdrawn.stdout.includes(`current    ${first}\n`), withdrawn.stdout);
      assert.equal(await current(), first);
      const events = [...(await receiveMessages(sqs, onTopic)), ...(await receiveMessages(sqs, onBus))];
      const seen = events.map((event) => (event.detail ?? event) as DtmEvent);
      assert.deepEqual(
        seen.map(({ id, source, data }) => [id, source, data.reason]),
        Array(2).fill([`withdrawn/${second}`, outputs.DistributionUrl, 'counted twice']),
      );
      for (const table of ['admin0', 'operations']) await waitForTable(runningStack, table, first);
      const feed = await readText('feed.xml');
      assert.ok(feed.includes(`href="${outputs.DistributionUrl}releases/${first}/manifest.json"`), feed);
      assert.deepEqual(await invalidations(), [['/assets/picture-*'], [`/releases/${second}/*`]]);
    },
  );

  /** The paths of all invalidations, sorted. */
  async function invalidations(): Promise<string[][]> {
    const client = new CloudFrontClient(clientOptions(aws));
    const request = { DistributionId: outputs.DistributionId ?? '' };
    const { InvalidationList } = await client.send(new ListInvalidationsCommand(request));
    const all = (InvalidationList?.Items ?? []).map(async ({ Id = '' }) => {
      const { Invalidation } = await client.send(new GetInvalidationCommand({ ...request, Id }));
      return Invalidation?.InvalidationBatch?.Paths?.Items ?? [];
    });
    return (await Promise.all(all)).sort();
  }

  const glue = new GlueClient(clientOptions(aws));
  const DatabaseName = outputs.DatabaseName ?? '';
  const countTables = async () => (await glue.send(new GetTablesCommand({ DatabaseName }))).TableList?.length;
  /** Waits until all tables and views are there. */
  const waitForTables = async () => {
    for (let attempt = 0; attempt < 100 && (await countTables()) !== 12; attempt++)
      await new Promise((done) => setTimeout(done, 200));
    assert.equal(await countTables(), 12);
  };
  const deleteTable = (Name: string) => glue.send(new DeleteTableCommand({ DatabaseName, Name }));

  await t.test('repoint makes the tables and views of the current release again', async () => {
    await deleteTable('admin1');
    await deleteTable('latest_snapshots');
    const repointed = await command(['repoint', '--stack', STACK]);
    assert.deepEqual([repointed.exit, repointed.stderr], [0, '']);
    assert.equal(repointed.stdout, `The tables of ${DatabaseName} have release ${first}\n`);
    assert.equal(await countTables(), 12);
  });

  await t.test(
    'the end of a deployment of this stack fills its database, that of another does not',
    async () => {
      const events = new EventBridgeClient(clientOptions(aws));
      const { Rules = [] } = await events.send(new ListRulesCommand({ EventBusName: 'default' }));
      const rule = Rules.find(({ Name = '' }) => Name.includes('-Deployed-'));
      const EventPattern = rule?.EventPattern ?? '';
      const client = new CloudFormationClient(clientOptions(aws));
      const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: STACK }));
      const id = Stacks?.[0]?.StackId ?? '';
      const matches = async (stackId: string, status: string) => {
        const Event = JSON.stringify(statusChange(stackId, status));
        return (await events.send(new TestEventPatternCommand({ Event, EventPattern }))).Result;
      };
      const short = id.split('/').slice(0, 2).join('/');
      assert.match(short, new RegExp(`:stack/${STACK}$`));
      for (const status of ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'])
        assert.deepEqual([await matches(id, status), await matches(short, status)], [true, true]);
      assert.equal(await matches(id, 'UPDATE_IN_PROGRESS'), false);
      assert.equal(await matches(id.replace(STACK, `${STACK}-other`), 'UPDATE_COMPLETE'), false);

      // Nobody but AWS may send this event, and ministack does not: so the rule gets a source that the test may use.
      const pattern = EventPattern.replace('aws.cloudformation', 'tests');
      await events.send(new PutRuleCommand({ Name: rule?.Name, EventPattern: pattern }));
      await deleteTable('operation_freshness');
      const { 'detail-type': DetailType, detail } = statusChange(id, 'UPDATE_COMPLETE');
      const entry = { Source: 'tests', DetailType, Detail: JSON.stringify(detail) };
      await events.send(new PutEventsCommand({ Entries: [entry] }));
      await waitForTables();
    },
  );

  await t.test(
    'publish deletes a chart of withdrawn figures with its own role, and empties its caches',
    async () => {
      const orphan = 'assets/picture-TCD-0123456789abcdef.js';
      await store.put(orphan, Buffer.from('withdrawn figures'), 'absent');
      const before = (await invalidations()).length;
      world.setFaults(['changed@TCD', 'new-round@TCD']);
      await run(7);
      assert.equal(await store.head(orphan), null);
      assert.equal((await invalidations()).length, before + 1);
      const lines = await readLog(runningStack, 'publish');
      assert.deepEqual(
        lines.filter((line) => line.includes('left to finish')),
        [],
      );
    },
  );

  await t.test('prune removes releases of the stack and empties their caches', async () => {
    const rule = ['--keep-newest', '1', '--keep-monthly', '0', '--apply'];
    const pruned = await command(['prune', '--stack', STACK, ...rule]);
    assert.deepEqual([pruned.exit, pruned.stderr], [0, '']);
    assert.ok((await invalidations()).some(([path]) => path === `/releases/${first}/*`));
    assert.match((await command(['verify', '--stack', STACK])).stdout, /is whole/);
  });
});

/** An event of CloudFormation, as AWS documents it. */
const statusChange = (stackId: string, status: string) => ({
  version: '0',
  source: 'aws.cloudformation',
  account: '111122223333',
  id: '12345678-1234-1234-1234-111122223333',
  region: 'us-east-1',
  'detail-type': 'CloudFormation Stack Status Change',
  time: '2026-11-24T05:00:00Z',
  resources: [stackId],
  detail: {
    'stack-id': stackId,
    'status-details': { status, 'status-reason': '' },
    'client-request-token': '',
  },
});

/** The permissions of an operator who takes releases back. */
function permissions(outputs: Readonly<Record<string, string>>): Record<string, unknown>[] {
  const bucket = `arn:aws:s3:::${outputs.BucketName}`;
  const allow = (Action: string[], Resource: string | string[]) => ({ Effect: 'Allow', Action, Resource });
  const account = outputs.TopicArn?.split(':')[4] ?? '';
  const glue = `arn:aws:glue:us-east-1:${account}`;
  return [
    allow(
      ['cloudformation:DescribeStacks'],
      `arn:aws:cloudformation:us-east-1:${account}:stack/dtm-exporter-*`,
    ),
    allow(['s3:ListBucket', 's3:ListBucketVersions', 's3:GetBucketVersioning'], bucket),
    allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion'], `${bucket}/*`),
    allow(['sns:Publish'], outputs.TopicArn ?? ''),
    allow(['events:PutEvents'], `arn:aws:events:us-east-1:${account}:event-bus/${outputs.EventBusName}`),
    allow(
      ['cloudfront:CreateInvalidation'],
      `arn:aws:cloudfront::${account}:distribution/${outputs.DistributionId}`,
    ),
    allow(
      ['glue:CreateTable', 'glue:UpdateTable'],
      [
        `${glue}:catalog`,
        `${glue}:database/${outputs.DatabaseName}`,
        `${glue}:table/${outputs.DatabaseName}/*`,
      ],
    ),
  ];
}
