// A bucket, looked at by the independent checker: its objects are fetched by the SDK's own client, not by our store.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { type CheckOptions, checkDataset } from '../checker.ts';
import { temporaryFolder } from '../setting.ts';

/** Where a dataset lies; `prefix` is empty, or ends in a slash. */
interface Place {
  readonly client: S3Client;
  readonly bucket: string;
  readonly prefix?: string;
}

/** What the checker says is wrong with the dataset in a bucket; nothing if it is whole. */
export async function bucketProblems(
  t: TestContext,
  { client, bucket: Bucket, prefix: Prefix = '' }: Place,
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
