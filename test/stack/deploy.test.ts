// The stack deploys for real, says where everything is, can be changed, and goes.
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
import { clientOptions, deployStack, outputsOf, relaxBucketPolicy, STACK } from './deploy-stack.ts';
import { type Aws, startMinistack } from './start-ministack.ts';

const s3Of = (aws: Aws) => new S3Client({ ...clientOptions(aws), forcePathStyle: true });

test('the stack deploys, and goes again; the bucket stays with what was published', async (t) => {
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
  const versioning = await s3Of(aws).send(new GetBucketVersioningCommand({ Bucket }));
  assert.equal(versioning.Status, 'Enabled');

  await s3Of(aws).send(new PutObjectCommand({ Bucket, Key: 'latest.json', Body: '{}', IfNoneMatch: '*' }));
  await stack.remove();
  assert.equal(await outputsOf(aws), null);
  await assert.doesNotReject(s3Of(aws).send(new HeadBucketCommand({ Bucket })));
  await assert.rejects(
    sfn.send(new DescribeStateMachineCommand({ stateMachineArn })),
    /StateMachineDoesNotExist/,
  );
});

test('a private stack becomes a public one with a licence, and is refused without', async (t) => {
  const aws = await startMinistack(t, { auth: true });
  const first = await deployStack(aws);
  assert.equal(first.outputs.DistributionUrl, undefined);
  await assert.rejects(deployStack(aws, { visibility: 'public' }), /licence is blank/);
  const { outputs } = await deployStack(aws, { visibility: 'public', licence: 'CC BY 4.0' });
  assert.match(outputs.DistributionUrl ?? '', /^https:\/\/\w+\.cloudfront\.net\/$/);
  assert.equal(outputs.BucketName, first.outputs.BucketName);

  const Bucket = outputs.BucketName ?? '';
  const denied = await relaxBucketPolicy(aws, Bucket);
  assert.deepEqual(denied, ['TlsOnly', 'ReleasesAreCreatedOnce', 'PointersMoveByCompareAndSwap']);
  const { Policy = '' } = await s3Of(aws).send(new GetBucketPolicyCommand({ Bucket }));
  const left = JSON.parse(Policy).Statement.map(({ Sid }: { Sid: string }) => Sid);
  assert.deepEqual(left, ['CloudFrontReads', 'CloudFrontLearnsWhatIsNotThere']);
});
