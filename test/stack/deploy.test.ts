// Deploys the real stack, checks its outputs, changes it and removes it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { DescribeStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { clientOptions, deployStack, readOutputs, relaxBucketPolicy, STACK } from './deploy-stack.ts';
import { type Aws, startMinistack } from './start-ministack.ts';

const s3Client = (aws: Aws) => new S3Client({ ...clientOptions(aws), forcePathStyle: true });

test('the stack can be deployed and removed, and its bucket stays', async (t) => {
  const aws = await startMinistack(t);
  const stack = await deployStack(aws, { concurrency: '3', countries: 'HTI' });
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
  await stack.remove();
  assert.equal(await readOutputs(aws), null);
  await assert.doesNotReject(s3Client(aws).send(new HeadBucketCommand({ Bucket })));
  await assert.rejects(
    sfn.send(new DescribeStateMachineCommand({ stateMachineArn })),
    /StateMachineDoesNotExist/,
  );
});

test('a private stack becomes public only with a licence', async (t) => {
  const aws = await startMinistack(t, { auth: true });
  const privateStack = await deployStack(aws);
  assert.equal(privateStack.outputs.DistributionUrl, undefined);
  await assert.rejects(deployStack(aws, { visibility: 'public' }), /licence is blank/);
  const { outputs } = await deployStack(aws, { visibility: 'public', licence: 'CC BY 4.0' });
  assert.match(outputs.DistributionUrl ?? '', /^https:\/\/\w+\.cloudfront\.net\/$/);
  assert.equal(outputs.BucketName, privateStack.outputs.BucketName);

  const Bucket = outputs.BucketName ?? '';
  const removed = await relaxBucketPolicy(aws, Bucket);
  assert.deepEqual(removed, ['TlsOnly', 'ReleasesAreCreatedOnce', 'PointersMoveByCompareAndSwap']);
  const { Policy = '' } = await s3Client(aws).send(new GetBucketPolicyCommand({ Bucket }));
  const remaining = JSON.parse(Policy).Statement.map(({ Sid }: { Sid: string }) => Sid);
  assert.deepEqual(remaining, ['CloudFrontReads', 'CloudFrontLearnsWhatIsNotThere']);
});

test('a new account, which may reserve no concurrency, gets the stack with the defaults only', async (t) => {
  const aws = await startMinistack(t, { smallAccount: true });
  await assert.rejects(
    deployStack(aws, { reserveConcurrency: 'on' }),
    /FetchLambdaFunction.*decreases account's UnreservedConcurrentExecution below its minimum value of \[10\]/s,
  );
  const { outputs } = await deployStack(aws);
  assert.ok(outputs.BucketName);
});
