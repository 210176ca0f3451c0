// Creates buckets for tests, and SDK clients to check the store's work without the code under test.
import {
  CreateBucketCommand,
  PutBucketVersioningCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import type { Aws } from './start-ministack.ts';

let created = 0;

/** Client configuration for a server of the tests. */
export const clientConfig = (endpoint: string): S3ClientConfig => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** An SDK client without our configuration. */
export const sdkClient = ({ endpoint }: Pick<Aws, 'endpoint'>): S3Client =>
  new S3Client({ ...clientConfig(endpoint), forcePathStyle: true });

/** Creates an empty bucket, with versioning if `versions`, and returns its name. */
export async function createBucket(client: S3Client, { versions = false } = {}): Promise<string> {
  const Bucket = `bucket-${process.pid}-${++created}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  if (versions) await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  return Bucket;
}
