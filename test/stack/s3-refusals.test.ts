// Errors of a bucket, its credentials or the network are reported in one line with what to do, before the first API request.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { s3Store } from '../../lib/store/s3/s3-store.ts';
import { runInThisProcess } from '../setting.ts';
import { freePort } from '../start-server.ts';
import { clientConfig, createBucket, sdkClient } from './buckets.ts';
import { startMinistack } from './start-ministack.ts';
import { startVersitygw } from './start-versitygw.ts';
import { createUser } from './users.ts';

const ministack = await startMinistack({ after }, { auth: true });
const versitygw = await startVersitygw({ after });
const bucket = await createBucket(sdkClient(ministack));
await sdkClient(ministack).send(new PutObjectCommand({ Bucket: bucket, Key: 'd/status.json', Body: '{}' }));

/** Runs `export --sample` into a bucket. It must fail with one line on stderr that matches and contains no secret. */
async function refused(
  env: Record<string, string>,
  message: RegExp,
  exit = 2,
  location = `s3://${bucket}/d`,
) {
  const result = await runInThisProcess(['export', '--sample', '--to', location], { env });
  assert.equal(result.exit, exit, result.stderr);
  assert.equal(result.stdout, '');
  assert.equal(result.stderr.trimEnd().split('\n').length, 1, result.stderr);
  assert.match(result.stderr.trimEnd(), message);
  for (const name of ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'])
    if ((env[name]?.length ?? 0) > 4) assert.ok(!result.stderr.includes(env[name] as string), result.stderr);
}

test('a missing bucket is an error that names it', async () => {
  const message =
    /^dtm-exporter: --to s3:\/\/no-such-bucket\/d: s3:\/\/no-such-bucket\/d\/latest\.json: there is no bucket no-such-bucket; create it, or correct the address$/;
  await refused(ministack.environment, message, 2, 's3://no-such-bucket/d');
  const { exit, stderr } = await runInThisProcess(['status', 's3://no-such-bucket'], {
    env: ministack.environment,
  });
  assert.equal(exit, 1);
  assert.match(stderr, /there is no bucket no-such-bucket/);
});

test('missing credentials or a missing region are errors that name the variables', async () => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, ...withoutCredentials } = ministack.environment;
  await refused(withoutCredentials, /no AWS credentials were found; set AWS_PROFILE, or AWS_ACCESS_KEY_ID/);
  const { AWS_REGION, AWS_DEFAULT_REGION, ...withoutRegion } = ministack.environment;
  await refused(withoutRegion, /no AWS region is set; set AWS_REGION$/);
});

test('an unknown access key or a wrong secret key is an error that says which', async () => {
  const AWS_ACCESS_KEY_ID = 'AKIAIOSFODNN7EXAMPLE';
  await refused({ ...ministack.environment, AWS_ACCESS_KEY_ID }, /the access key is not known there; renew/);
  const user = await createUser(ministack, 'forgetful', []);
  const AWS_SECRET_ACCESS_KEY = 'another-secret';
  await refused(
    { ...user, AWS_SECRET_ACCESS_KEY },
    /the secret key does not belong to the access key; renew/,
  );
  if (versitygw === null) return;
  await refused({ ...versitygw.environment, AWS_ACCESS_KEY_ID }, /S3 refused \(XAdminUserNotFound: .*\)$/);
  await refused({ ...versitygw.environment, AWS_SECRET_ACCESS_KEY }, /the secret key does not belong/);
});

test('an S3 access error names the missing permission: read, write, list or delete', async () => {
  const arn = `arn:aws:s3:::${bucket}`;
  const userWithoutRights = await createUser(ministack, 'nobody', []);
  await refused(
    userWithoutRights,
    /access denied; let the credentials in use do s3:GetObject and s3:ListBucket, or choose others/,
  );
  const reader = await createUser(ministack, 'reader', [
    { Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: [arn, `${arn}/*`] },
  ]);
  await refused(reader, /access denied; let the credentials in use do s3:PutObject/, 1);
  const writer = await createUser(ministack, 'writer', [
    { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: `${arn}/*` },
  ]);
  const credentials = {
    accessKeyId: writer.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: writer.AWS_SECRET_ACCESS_KEY ?? '',
  };
  const store = s3Store(`s3://${bucket}/d`, { client: { ...clientConfig(ministack.endpoint), credentials } });
  await store.put('x', new Uint8Array(1), 'absent');
  await assert.rejects(store.list(''), /\/d\/: access denied; let the credentials in use do s3:ListBucket,/);
  await assert.rejects(store.listFolders('runs/'), /\/d\/runs\/: access denied; .* do s3:ListBucket,/);
  await assert.rejects(store.delete('x'), /access denied; .* do s3:GetBucketVersioning,/);
});

test('an unreachable S3 server is an error that names what to check', async () => {
  const AWS_ENDPOINT_URL = `http://127.0.0.1:${await freePort()}`;
  const message =
    /S3 cannot be reached \(ECONNREFUSED\); check the network, AWS_REGION and AWS_ENDPOINT_URL$/;
  await refused({ ...ministack.environment, AWS_ENDPOINT_URL }, message, 1);
});

// ministack ignores the region.
if (versitygw !== null)
  test('a wrong region is an error that names the region of the bucket', async () => {
    const AWS_REGION = 'eu-central-1';
    await refused(
      { ...versitygw.environment, AWS_REGION },
      /the bucket lies in us-east-1; set AWS_REGION to its region/,
    );
  });
