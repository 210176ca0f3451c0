// What is withdrawn has to be gone. A bucket that keeps versions keeps them of deleted objects too, so each of them is
// removed; the oldest first, so that no old one is ever the current one again.
import {
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
} from '@aws-sdk/client-s3';
import { type Bucket, bucketAndKey, runOperation } from './bucket.ts';
import { statusOf } from './errors.ts';

/** Removes an object in all its versions; `versioned` is what `keepsVersions` says. */
export async function deleteObject(bucket: Bucket, key: string, versioned: boolean): Promise<void> {
  const versions = versioned ? await versionsOf(bucket, key) : [undefined];
  for (const version of versions.reverse()) {
    const input = { ...bucketAndKey(bucket, key), ...(version !== undefined && { VersionId: version }) };
    const operation = version === undefined ? 'DeleteObject' : 'DeleteObjectVersion';
    await runOperation(bucket, { operation, key }, (limit) =>
      bucket.client.send(new DeleteObjectCommand(input), limit),
    );
  }
}

/** Says whether the bucket keeps versions, or once did. */
export function isVersioned(bucket: Bucket): Promise<boolean> {
  return runOperation(bucket, { operation: 'GetBucketVersioning', key: '' }, async (limit) => {
    const command = new GetBucketVersioningCommand({ Bucket: bucket.bucket });
    const { Status } = await bucket.client.send(command, limit).catch((error) => {
      // Servers that only speak a part of S3 know no versions.
      if (statusOf(error) === 501) return { Status: undefined };
      throw error;
    });
    return Status !== undefined;
  });
}

/** The ids of all versions and delete markers of an object, newest first. */
async function versionsOf(bucket: Bucket, key: string): Promise<(string | undefined)[]> {
  const { Bucket, Key: Prefix } = bucketAndKey(bucket, key);
  const found: { id: string | undefined; time: number }[] = [];
  let from: { KeyMarker?: string; VersionIdMarker?: string } | null = {};
  while (from) {
    const command: ListObjectVersionsCommand = new ListObjectVersionsCommand({ Bucket, Prefix, ...from });
    const page: ListObjectVersionsCommandOutput = await runOperation(
      bucket,
      { operation: 'ListObjectVersions', key },
      (limit) => bucket.client.send(command, limit),
    );
    for (const { Key, VersionId, LastModified, IsLatest } of [
      ...(page.Versions ?? []),
      ...(page.DeleteMarkers ?? []),
    ]) {
      if (Key === Prefix)
        found.push({ id: VersionId, time: IsLatest ? Number.POSITIVE_INFINITY : Number(LastModified) });
    }
    from = nextPage(page, Prefix);
  }
  return found.sort((a, b) => b.time - a.time).map(({ id }) => id);
}

/** Where the next page begins; null if there is none, or if it is about other keys that begin alike. */
function nextPage(
  { IsTruncated, NextKeyMarker, NextVersionIdMarker }: ListObjectVersionsCommandOutput,
  key: string,
): { KeyMarker?: string; VersionIdMarker?: string } | null {
  if (!IsTruncated || NextKeyMarker !== key) return null;
  return { KeyMarker: key, ...(NextVersionIdMarker && { VersionIdMarker: NextVersionIdMarker }) };
}
