// Deletes an object with all its versions, because withdrawn data must not stay readable. It deletes the oldest version
// first: otherwise an older version would become the current one for a moment.
import {
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
} from '@aws-sdk/client-s3';
import { type Bucket, bucketAndKey, runOperation } from './bucket.ts';
import { statusOf } from './errors.ts';

/** Deletes an object; with `versioned` (see `isVersioned`), all its versions. */
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

/** True if the bucket keeps versions, or did so earlier. */
export function isVersioned(bucket: Bucket): Promise<boolean> {
  return runOperation(bucket, { operation: 'GetBucketVersioning', key: '' }, async (limit) => {
    const command = new GetBucketVersioningCommand({ Bucket: bucket.bucket });
    const { Status } = await bucket.client.send(command, limit).catch((error) => {
      // Some S3-compatible servers have no versioning.
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
  let markers: { KeyMarker?: string; VersionIdMarker?: string } | null = {};
  while (markers) {
    const command: ListObjectVersionsCommand = new ListObjectVersionsCommand({ Bucket, Prefix, ...markers });
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
    markers = nextPage(page, Prefix);
  }
  return found.sort((a, b) => b.time - a.time).map(({ id }) => id);
}

/** The markers of the next page; null if there is none, or if it starts at another key with the same beginning. */
function nextPage(
  { IsTruncated, NextKeyMarker, NextVersionIdMarker }: ListObjectVersionsCommandOutput,
  key: string,
): { KeyMarker?: string; VersionIdMarker?: string } | null {
  if (!IsTruncated || NextKeyMarker !== key) return null;
  return { KeyMarker: key, ...(NextVersionIdMarker && { VersionIdMarker: NextVersionIdMarker }) };
}
