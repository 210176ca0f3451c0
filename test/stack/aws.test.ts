// Tests lib/aws against ministack: keys, topics, executions and the catalogue.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CreateEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { CreateDatabaseCommand, GetTablesCommand, GlueClient } from '@aws-sdk/client-glue';
import { CreateStateMachineCommand, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createGlueCatalogue, pointCatalogue } from '../../lib/aws/catalogue.ts';
import { createExecutions } from '../../lib/aws/execution.ts';
import { createParameterKeys } from '../../lib/aws/key.ts';
import { createBusAnnouncer, createTopicAnnouncer } from '../../lib/aws/topics.ts';
import type { DtmEvent } from '../../lib/catalogue/announce.ts';
import { clientOptions } from './deploy-stack.ts';
import { createQueue, receiveMessages, routeEvents, subscribe } from './queues.ts';
import { startMinistack } from './start-ministack.ts';

const config = clientOptions(await startMinistack({ after }));
const sqs = new SQSClient(config);

const published = (release: string, countries: string[]) =>
  ({
    specversion: '1.0',
    id: `published/${release}`,
    source: 's3://bucket/prefix',
    type: 'dtm.release.published',
    time: '2026-11-24T05:00:00.000Z',
    datacontenttype: 'application/json',
    data: { release, schema_version: '1.0.0', changed_countries: countries },
  }) as unknown as DtmEvent;

test('keys are cached by read and read again by renew', async () => {
  const ssm = new SSMClient(config);
  const write = (name: string, value: string, type: 'SecureString' | 'String' = 'SecureString') =>
    ssm.send(new PutParameterCommand({ Name: name, Value: value, Type: type, Overwrite: true }));
  await write('/dtm/key', 'first ');
  await write('/dtm/other', 'second');
  const keys = createParameterKeys(ssm, { primary: '/dtm/key', secondary: '/dtm/other' });
  assert.deepEqual(await keys.read(), { primary: 'first', secondary: 'second' });
  await write('/dtm/key', 'third');
  assert.equal((await keys.read()).primary, 'first');
  assert.equal((await keys.renew()).primary, 'third');
  assert.equal((await keys.read()).primary, 'third');
});

test('a missing or unencrypted SSM parameter is an error with its name, and is read again', async () => {
  const ssm = new SSMClient(config);
  const keys = createParameterKeys(ssm, { primary: '/dtm/later', secondary: null });
  await assert.rejects(keys.read(), {
    name: 'ConfigurationError',
    message: /^the SSM parameter \/dtm\/later is not in region us-east-1: put the key.*--region us-east-1 /,
  });
  const parameter = { Name: '/dtm/later', Value: 'k', Overwrite: true };
  await ssm.send(new PutParameterCommand({ ...parameter, Type: 'String' }));
  await assert.rejects(keys.read(), { message: /^the SSM parameter \/dtm\/later is a String/ });
  await ssm.send(new PutParameterCommand({ ...parameter, Type: 'SecureString' }));
  assert.deepEqual(await keys.read(), { primary: 'k', secondary: null });
});

test('events reach a queue with a country filter on the topic, and a rule on the bus', async () => {
  const [sns, bridge] = [new SNSClient(config), new EventBridgeClient(config)];
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'releases' }));
  const [filtered, ruled] = [await createQueue(sqs, 'filtered'), await createQueue(sqs, 'ruled')];
  const policy = { type: ['dtm.release.published'], schema_major: ['1'], changed_countries: ['HTI'] };
  await subscribe(sns, { topicArn: TopicArn, queue: filtered }, policy);
  await bridge.send(new CreateEventBusCommand({ Name: 'releases' }));
  await routeEvents(bridge, { bus: 'releases', queue: ruled }, ['dtm.release.published']);
  const announcers = [createTopicAnnouncer(sns, TopicArn), createBusAnnouncer(bridge, 'releases')];
  const [haiti, chad] = [published('2026-11-24.1', ['AFG', 'HTI']), published('2026-11-24.2', ['TCD'])];
  for (const event of [haiti, chad]) for (const announcer of announcers) await announcer.announce(event);
  assert.deepEqual(await receiveMessages(sqs, filtered), [haiti]);
  const received = (await receiveMessages(sqs, ruled)).map((message) => [
    message['detail-type'],
    message.source,
    message.detail,
  ]);
  assert.deepEqual(
    received,
    [haiti, chad].map((event) => ['dtm.release.published', 's3://bucket/prefix', event]),
  );
});

test('an event above the size limit is an AnnouncementError', async () => {
  const sns = new SNSClient(config);
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'large' }));
  const large = published('2026-11-24.1', ['x'.repeat(256 * 1024)]);
  await assert.rejects(createTopicAnnouncer(sns, TopicArn).announce(large), {
    name: 'AnnouncementError',
    message: /^event published\/2026-11-24\.1: expected at most 245760 bytes, got 262/,
  });
});

test('a second execution with the same name is not started', async () => {
  const client = new SFNClient(config);
  const definition = JSON.stringify({ StartAt: 'Done', States: { Done: { Type: 'Succeed' } } });
  const machine = { name: 'm', definition, roleArn: 'arn:aws:iam::000000000000:role/r' };
  const { stateMachineArn = '' } = await client.send(new CreateStateMachineCommand(machine));
  const executions = createExecutions(client, stateMachineArn);
  assert.equal(await executions.start('2026-11-24T05-00-00Z-01234567', { run: 'x' }), 'started');
  const second = await executions.start('2026-11-24T05-00-00Z-01234567', { run: 'y' });
  const { executions: listed = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
  assert.deepEqual([second, listed.length], ['already started', 1]);
});

test('pointCatalogue creates the tables and points them to the next release', async () => {
  const client = new GlueClient(config);
  await client.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'dtm' } }));
  const tableLocations = async () => {
    const { TableList = [] } = await client.send(new GetTablesCommand({ DatabaseName: 'dtm' }));
    assert.equal(TableList.length, 12);
    return TableList.flatMap(({ StorageDescriptor }) => StorageDescriptor?.Location ?? []);
  };
  for (const release of ['2026-11-24.1', '2026-11-24.2']) {
    await pointCatalogue(createGlueCatalogue(client, 'dtm'), { release, api_version: 'v3' }, 's3://bucket');
    const locations = await tableLocations();
    assert.equal(locations.length, 6);
    assert.ok(locations.every((location) => location.startsWith(`s3://bucket/releases/${release}/tables/`)));
  }
});
