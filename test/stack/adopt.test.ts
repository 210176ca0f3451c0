// A dataset outlives its stack: the stack is removed, and deployed again onto the bucket that stayed.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import {
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  PutBucketLifecycleConfigurationCommand,
} from '@aws-sdk/client-s3';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { s3Store } from '../../lib/store/s3/s3-store.ts';
import { ROOT } from '../setting.ts';
import { clientConfig, createBucket, sdkClient } from './buckets.ts';
import { deployStack } from './deploy-stack.ts';
import { childEnvironment } from './python-environment.ts';
import { type Aws, startMinistack } from './start-ministack.ts';

const run = promisify(execFile);

/** Publishes the sample world into a bucket, from the command line. */
async function exportSample({ environment }: Aws, bucket: string): Promise<void> {
  const args = [join(ROOT, 'lib/cli/main.ts'), 'export', '--sample', '--to', `s3://${bucket}`];
  await run(process.execPath, [...args, '--countries', 'TCD'], { env: childEnvironment(environment) });
}

test('a removed stack is deployed again onto its bucket, and only with the visibility of the dataset', async (t) => {
  const aws = await startMinistack(t);
  const first = await deployStack(aws);
  const bucket = first.outputs.BucketName ?? '';
  await exportSample(aws, bucket);
  const store = s3Store(`s3://${bucket}`, { client: clientConfig(aws.endpoint) });
  const { pointer } = await readCurrent(store);
  assert.ok(pointer?.release);
  await first.remove();

  // The policy stays with the bucket. A stack that still uses it would look the same, so an operator removes it.
  const { Policy = '' } = await sdkClient(aws).send(new GetBucketPolicyCommand({ Bucket: bucket }));
  assert.match(Policy, /ReleasesAreCreatedOnce/);
  const open = { bucket, visibility: 'public', licence: 'CC BY 4.0' };
  await assert.rejects(deployStack(aws, open), (error: Error) => {
    assert.match(error.message, /expected no bucket policy.*aws s3api delete-bucket-policy --bucket/s);
    assert.match(
      error.message,
      /expected a public dataset, found a private one; a dataset keeps its visibility/,
    );
    return true;
  });
  await sdkClient(aws).send(new DeleteBucketPolicyCommand({ Bucket: bucket }));
  await assert.rejects(deployStack(aws, open), /expected a public dataset, found a private one/);

  // ministack's CloudFormation makes no lifecycle rules.
  await assert.rejects(deployStack(aws, { bucket }), /expected a lifecycle rule that expires runs/);
  await sdkClient(aws).send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket: bucket,
      LifecycleConfiguration: {
        Rules: [{ ID: 'runs', Status: 'Enabled', Filter: { Prefix: 'runs/' }, Expiration: { Days: 27 } }],
      },
    }),
  );
  const again = await deployStack(aws, { bucket });
  assert.equal(again.outputs.BucketName, bucket);
  assert.deepEqual((await readCurrent(store)).pointer, pointer);
  await deployStack(aws, { bucket, memory: '2048' });
  await assert.rejects(
    deployStack(aws),
    /Bucket would be replaced: \S+ becomes a new bucket\..*--param allowRemoval=Bucket/,
  );
  await again.remove();
  assert.deepEqual((await readCurrent(store)).pointer, pointer);
});

test('a bucket that cannot hold a dataset is refused with every reason', async (t) => {
  const aws = await startMinistack(t);
  await assert.rejects(
    deployStack(aws, { bucket: 'nobody-has-this' }),
    /bucket: expected an existing bucket of this account, got nobody-has-this/,
  );
  const bucket = await createBucket(sdkClient(aws));
  await assert.rejects(deployStack(aws, { bucket }), (error: Error) => {
    assert.match(error.message, new RegExp(`bucket ${bucket}: expected versioning Enabled, found none`));
    assert.match(error.message, /expected all public access blocked/);
    assert.match(error.message, /expected a lifecycle rule that expires runs\/ within 30 days, found none/);
    return true;
  });
});
