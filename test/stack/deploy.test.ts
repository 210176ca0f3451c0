// Deploys the real stack, checks its outputs, changes it and removes it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
} from '@aws-sdk/client-cloudformation';
import {
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  DescribeStateMachineCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import {
  clientOptions,
  deployStack,
  readOutputs,
  relaxBucketPolicy,
  STACK,
  tryRemove,
} from './deploy-stack.ts';
import { type Aws, startMinistack } from './start-ministack.ts';

const s3Client = (aws: Aws) => new S3Client({ ...clientOptions(aws), forcePathStyle: true });

test('the stack can be deployed and removed, and its bucket stays', async (t) => {
  const aws = await startMinistack(t);
  const stack = await deployStack(aws, { concurrency: '3', countries: 'HTI' });
  assert.match(
    stack.text,
    /stage test in account 000000000000, region us-east-1; default parameters, no infra\/stages\/test.yml/,
  );
  t.diagnostic(`deployed in ${stack.seconds.toFixed(1)} s`);
  const { BucketName: Bucket = '', StateMachineArn: stateMachineArn = '', ...others } = stack.outputs;
  assert.equal(others.EventBusName, STACK);
  assert.match(others.TopicArn ?? '', /^arn:aws:sns:us-east-1:\d+:dtm-exporter-test-releases$/);
  assert.equal(others.DatabaseName, 'dtm_test');
  assert.equal(others.DistributionUrl, undefined);

  const sfn = new SFNClient(clientOptions(aws));
  const { definition = '' } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  const { Fetch, Plan } = JSON.parse(definition).States;
  assert.strictEqual(Fetch.MaxConcurrency, 3);
  assert.match(Plan.Parameters.FunctionName, /:function:dtm-exporter-test-plan$/);
  const versioning = await s3Client(aws).send(new GetBucketVersioningCommand({ Bucket }));
  assert.equal(versioning.Status, 'Enabled');

  await s3Client(aws).send(
    new PutObjectCommand({ Bucket, Key: 'latest.json', Body: '{}', IfNoneMatch: '*' }),
  );
  await assert.rejects(
    tryRemove(aws),
    /Cannot remove stack "dtm-exporter-test".*deletion protection is enabled/s,
  );
  await stack.remove();
  assert.equal(await readOutputs(aws), null);
  await assert.doesNotReject(s3Client(aws).send(new HeadBucketCommand({ Bucket })));
  await assert.rejects(
    sfn.send(new DescribeStateMachineCommand({ stateMachineArn })),
    /StateMachineDoesNotExist/,
  );
});

test('a stack keeps its visibility: a change is refused before anything is deployed', async (t) => {
  const aws = await startMinistack(t);
  const licence = 'CC BY 4.0';
  const closed = await deployStack(aws);
  const before = await readChanges(aws, closed.name);
  await assert.rejects(deployStack(aws, { visibility: 'public' }), /licence is blank/);
  await assert.rejects(
    deployStack(aws, { visibility: 'public', licence, allowRemoval: 'Distribution' }),
    /visibility: the stack dtm-exporter-test is private and stays so, got public; deploy another stage/,
  );
  assert.deepEqual(await readChanges(aws, closed.name), before);

  const open = await deployStack(aws, { visibility: 'public', licence }, { stage: 'open' });
  assert.match(open.outputs.DistributionUrl ?? '', /^https:\/\/\w+\.cloudfront\.net\/$/);
  await assert.rejects(
    deployStack(aws, {}, { stage: 'open' }),
    /visibility: the stack dtm-exporter-open is public and stays so, got private.*Distribution .*would be removed/,
  );

  // Two stages of one account share nothing.
  const shared = Object.values(open.outputs).filter((value) => Object.values(closed.outputs).includes(value));
  assert.deepEqual(shared, []);

  const Bucket = open.outputs.BucketName ?? '';
  const removed = await relaxBucketPolicy(aws, Bucket);
  assert.deepEqual(removed, ['TlsOnly', 'ReleasesAreCreatedOnce', 'PointersMoveByCompareAndSwap']);
  const { Policy = '' } = await s3Client(aws).send(new GetBucketPolicyCommand({ Bucket }));
  const remaining = JSON.parse(Policy).Statement.map(({ Sid }: { Sid: string }) => Sid);
  assert.deepEqual(remaining, ['CloudFrontReads', 'CloudFrontLearnsWhatIsNotThere']);
});

test('a redeploy takes its parameters from the file of the stage, and forgets nothing that users hold', async (t) => {
  const aws = await startMinistack(t);
  const stageFile = 'visibility: public\nlicence: CC BY 4.0\nalarmEmail: ops@example.org\ncountries: HTI\n';
  const { text, outputs, name } = await deployStack(aws, {}, { stageFile });
  assert.match(text, /parameters of infra\/stages\/test.yml/);
  const again = await deployStack(aws, { countries: 'TCD' }, { stageFile });
  assert.deepEqual(again.outputs, outputs);

  const before = await readChanges(aws, name);
  const parameters = { visibility: 'public', licence: 'CC BY 4.0' };
  await assert.rejects(
    deployStack(aws, parameters),
    /AlarmMail \(AWS::SNS::Subscription\) would be removed\..*--param allowRemoval=AlarmMail/,
  );
  assert.deepEqual(await readChanges(aws, name), before);
  assert.equal(await hasResource(aws, name, 'AlarmMail'), true);
  await deployStack(aws, { ...parameters, allowRemoval: 'AlarmMail' });
  assert.equal(await hasResource(aws, name, 'AlarmMail'), false);
});

test('a deployment during a run is refused, unless it is allowed', async (t) => {
  const aws = await startMinistack(t);
  const { outputs } = await deployStack(aws);
  const { StateMachineArn: stateMachineArn = '' } = outputs;
  const sfn = new SFNClient(clientOptions(aws));
  // A state that waits stands for a run that takes its time. The server waits a hundredth of it.
  const waiting = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 86_400, End: true } } };
  await sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: JSON.stringify(waiting) }));
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, name: 'a-run' }));
  await assert.rejects(deployStack(aws, { memory: '2048' }), /a run is under way \(a-run\)/);
  await deployStack(aws, { memory: '2048', whileRunning: 'yes' });
  await sfn.send(new StopExecutionCommand({ executionArn }));
  await deployStack(aws, { memory: '1024' });
});

async function hasResource(aws: Aws, StackName: string, name: string): Promise<boolean> {
  const client = new CloudFormationClient(clientOptions(aws));
  const { StackResources = [] } = await client.send(new DescribeStackResourcesCommand({ StackName }));
  return StackResources.some(({ LogicalResourceId }) => LogicalResourceId === name);
}

/** The newest of what CloudFormation did to a stack. */
async function readChanges(aws: Aws, StackName: string): Promise<string[]> {
  const client = new CloudFormationClient(clientOptions(aws));
  const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName }));
  return StackEvents.map(
    ({ LogicalResourceId, ResourceStatus, EventId }) => `${LogicalResourceId} ${ResourceStatus} ${EventId}`,
  );
}

test('a new account, which may reserve no concurrency, gets the stack with the defaults only', async (t) => {
  const aws = await startMinistack(t, { smallAccount: true });
  await assert.rejects(
    deployStack(aws, { reserveConcurrency: 'on' }),
    /FetchLambdaFunction.*decreases account's UnreservedConcurrentExecution below its minimum value of \[10\]/s,
  );
  const { outputs } = await deployStack(aws);
  assert.ok(outputs.BucketName);
});
