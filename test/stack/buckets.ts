// Buckets for the tests, and the SDK's client beside the store: what it says was not said by the code under test.
import {
  CreateBucketCommand,
  PutBucketVersioningCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import type { Aws } from './start-ministack.ts';

let made = 0;

/** How a store, or a client, finds a server of the tests. */
export const clientConfig = (endpoint: string): S3ClientConfig => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** A client of the SDK's own making. */
export const plainClient = ({ endpoint }: Pick<Aws, 'endpoint'>): S3Client =>
  new S3Client({ ...clientConfig(endpoint), forcePathStyle: true });

/** Makes an empty bucket, which keeps versions if asked to, and resolves to its name. */
export async function newBucket(client: S3Client, { versions = false } = {}): Promise<string> {
  const Bucket = `bucket-${process.pid}-${++made}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  if (versions) await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  return Bucket;
}
