// What is wrong with a bucket, its credentials or the way to it is one line that says what to do, before the API is asked.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { s3Store } from '../../lib/store/s3/s3-store.ts';
import { runInThisProcess } from '../setting.ts';
import { clientConfig, newBucket, plainClient } from './buckets.ts';
import { startMinistack } from './start-ministack.ts';
import { freePort } from './start-server.ts';
import { startVersitygw } from './start-versitygw.ts';
import { userOf } from './users.ts';

const ministack = await startMinistack({ after }, { auth: true });
const versitygw = await startVersitygw({ after });
const bucket = await newBucket(plainClient(ministack));
await plainClient(ministack).send(new PutObjectCommand({ Bucket: bucket, Key: 'd/status.json', Body: '{}' }));

/** Runs `export --sample` into a bucket: nothing may be asked, and the one line must say this and hold no secret. */
async function refused(env: Record<string, string>, says: RegExp, exit = 2, place = `s3://${bucket}/d`) {
  const ran = await runInThisProcess(['export', '--sample', '--to', place], { env });
  assert.equal(ran.exit, exit, ran.stderr);
  assert.equal(ran.stdout, '');
  assert.equal(ran.stderr.trimEnd().split('\n').length, 1, ran.stderr);
  assert.match(ran.stderr.trimEnd(), says);
  for (const name of ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'])
    if ((env[name]?.length ?? 0) > 4) assert.ok(!ran.stderr.includes(env[name] as string), ran.stderr);
}

test('a bucket that is not there', async () => {
  const says =
    /^dtm-exporter: --to s3:\/\/no-such-bucket\/d: s3:\/\/no-such-bucket\/d\/latest\.json: there is no bucket no-such-bucket; create it, or correct the address$/;
  await refused(ministack.environment, says, 2, 's3://no-such-bucket/d');
  const { exit, stderr } = await runInThisProcess(['status', 's3://no-such-bucket'], {
    env: ministack.environment,
  });
  assert.equal(exit, 1);
  assert.match(stderr, /there is no bucket no-such-bucket/);
});

test('no credentials, and no region', async () => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, ...none } = ministack.environment;
  await refused(none, /no AWS credentials were found; set AWS_PROFILE, or AWS_ACCESS_KEY_ID/);
  const { AWS_REGION, AWS_DEFAULT_REGION, ...nowhere } = ministack.environment;
  await refused(nowhere, /no AWS region is set; set AWS_REGION$/);
});

test('credentials that are not known, or whose secret is another one', async () => {
  const AWS_ACCESS_KEY_ID = 'AKIAIOSFODNN7EXAMPLE';
  await refused({ ...ministack.environment, AWS_ACCESS_KEY_ID }, /the access key is not known there; renew/);
  const user = await userOf(ministack, 'forgetful', []);
  const AWS_SECRET_ACCESS_KEY = 'another-secret';
  await refused(
    { ...user, AWS_SECRET_ACCESS_KEY },
    /the secret key does not belong to the access key; renew/,
  );
  if (versitygw === null) return;
  await refused({ ...versitygw.environment, AWS_ACCESS_KEY_ID }, /S3 refused \(XAdminUserNotFound: .*\)$/);
  await refused({ ...versitygw.environment, AWS_SECRET_ACCESS_KEY }, /the secret key does not belong/);
});

test('credentials that may not read, write, list or delete are told which permission is missing', async () => {
  const arn = `arn:aws:s3:::${bucket}`;
  const nobody = await userOf(ministack, 'nobody', []);
  await refused(
    nobody,
    /access denied; let the credentials in use do s3:GetObject and s3:ListBucket, or choose others/,
  );
  const reader = await userOf(ministack, 'reader', [
    { Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: [arn, `${arn}/*`] },
  ]);
  await refused(reader, /access denied; let the credentials in use do s3:PutObject/, 1);
  const writer = await userOf(ministack, 'writer', [
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

test('a server that is not there', async () => {
  const AWS_ENDPOINT_URL = `http://127.0.0.1:${await freePort()}`;
  const says = /S3 cannot be reached \(ECONNREFUSED\); check the network, AWS_REGION and AWS_ENDPOINT_URL$/;
  await refused({ ...ministack.environment, AWS_ENDPOINT_URL }, says, 1);
});

// ministack does not mind the region.
if (versitygw !== null)
  test('another region than the bucket lies in', async () => {
    const AWS_REGION = 'eu-central-1';
    await refused(
      { ...versitygw.environment, AWS_REGION },
      /the bucket lies in us-east-1; set AWS_REGION to its region/,
    );
  });
