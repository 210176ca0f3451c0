// Checks a bucket with the independent checker. Objects are read with the SDK's client and not with our store.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { type CheckOptions, checkDataset } from '../checker.ts';
import { temporaryFolder } from '../setting.ts';

/** Location of a dataset; `prefix` is empty or ends in a slash. */
interface BucketLocation {
  readonly client: S3Client;
  readonly bucket: string;
  readonly prefix?: string;
}

/** Problems that the checker finds in the dataset in a bucket; empty if it is whole. */
export async function checkBucket(
  t: TestContext,
  { client, bucket: Bucket, prefix: Prefix = '' }: BucketLocation,
  options: CheckOptions,
): Promise<readonly string[]> {
  const folder = await temporaryFolder(t);
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix }))
    for (const { Key = '' } of Contents) {
      const path = join(folder, Key.slice(Prefix.length));
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, (await Body?.transformToByteArray()) ?? '');
    }
  return (await checkDataset(folder, options)).problems;
}
