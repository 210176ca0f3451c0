// Writes each object with one PutObject, up to S3's limit of 5 GB. S3 then checks and keeps the SHA-256 of the whole
// object; a multipart upload has no such hash. If the response to a write is lost, the SDK sends it again and S3 then
// reports a conflict with our own object. We compare the SHA-256 to tell our write from another writer's.
import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { HeadObjectCommand, PutObjectCommand, type PutObjectCommandInput } from '@aws-sdk/client-s3';
import { headersFor } from '../headers.ts';
import { type Precondition, StoreConflictError } from '../store.ts';
import { type Bucket, bucketAndKey, runOperation, withoutQuotes } from './bucket.ts';
import { attemptsOf, errorNameOf, isMissing, statusOf } from './errors.ts';
import { NOT_S3_MESSAGE, UnexpectedResponseError } from './response.ts';

/** S3's error codes, with 409, while another write to the same key is in progress. The SDK does not retry them. */
const CONFLICT_IN_PROGRESS = ['ConditionalRequestConflict', 'OperationAborted'];

/** Attempts for such a write. */
const MAX_ATTEMPTS = 10;

/** The longest wait before such an attempt, in milliseconds. */
const MAX_WAIT = 2_000;

/**
 * Writes an object if its precondition holds, and returns the new etag.
 * @throws {StoreConflictError} if it does not hold
 */
export function putObject(
  bucket: Bucket,
  key: string,
  body: Uint8Array,
  precondition: Precondition,
): Promise<string> {
  return runOperation(bucket, { operation: 'PutObject', key }, async (limit) => {
    const input = inputOf(bucket, key, body, precondition);
    let mayBeOwnWrite = false;
    for (let attempt = 1; ; attempt++) {
      try {
        const { ETag } = await bucket.client.send(new PutObjectCommand(input), limit);
        if (ETag === undefined) throw new UnexpectedResponseError(NOT_S3_MESSAGE);
        return withoutQuotes(ETag);
      } catch (error) {
        // If the SDK sent the request more than once, an earlier attempt may have written the object.
        mayBeOwnWrite ||= attemptsOf(error) > 1;
        if (isPreconditionFailed(error, precondition))
          return await etagOfOwnWrite(bucket, key, { precondition, input, mayBeOwnWrite });
        if (!CONFLICT_IN_PROGRESS.includes(errorNameOf(error)) || attempt === MAX_ATTEMPTS) throw error;
        await setTimeout(Math.random() * Math.min(MAX_WAIT, 50 * 2 ** attempt));
      }
    }
  });
}

function inputOf(
  bucket: Bucket,
  key: string,
  body: Uint8Array,
  precondition: Precondition,
): PutObjectCommandInput {
  const { contentType, cacheControl, contentDisposition } = headersFor(key, bucket.visibility);
  return {
    ...bucketAndKey(bucket, key),
    Body: body,
    ChecksumSHA256: createHash('sha256').update(body).digest('base64'),
    ContentType: contentType,
    CacheControl: cacheControl,
    ...(contentDisposition && { ContentDisposition: contentDisposition }),
    ...(precondition === 'absent' && { IfNoneMatch: '*' }),
    ...(typeof precondition === 'object' && { IfMatch: `"${precondition.etag}"` }),
  };
}

/** True if the precondition does not hold. S3 answers 404 if `If-Match` finds no object. */
function isPreconditionFailed(error: unknown, precondition: Precondition): boolean {
  if (precondition === 'anything') return false;
  return statusOf(error) === 412 || isMissing(error);
}

/**
 * The stored object's etag if this write may have made it and the bytes are the same.
 * @throws {StoreConflictError} if not
 */
async function etagOfOwnWrite(
  bucket: Bucket,
  key: string,
  {
    precondition,
    input,
    mayBeOwnWrite,
  }: { precondition: Precondition; input: PutObjectCommandInput; mayBeOwnWrite: boolean },
): Promise<string> {
  const stored = mayBeOwnWrite ? await checksumOf(bucket, key) : null;
  if (stored && stored.sha256 === input.ChecksumSHA256) return stored.etag;
  throw new StoreConflictError(
    key,
    typeof precondition === 'object' ? `version ${precondition.etag}` : 'nothing there',
  );
}

/** An object's SHA-256 in base64, as S3 keeps it, and its etag; null if there is no object. */
async function checksumOf(
  bucket: Bucket,
  key: string,
): Promise<{ sha256: string | undefined; etag: string } | null> {
  return runOperation(bucket, { operation: 'HeadObject', key }, async (limit) => {
    const command = new HeadObjectCommand({ ...bucketAndKey(bucket, key), ChecksumMode: 'ENABLED' });
    const head = await bucket.client.send(command, limit).catch((error) => {
      if (isMissing(error)) return null;
      throw error;
    });
    return head && { sha256: head.ChecksumSHA256, etag: withoutQuotes(head.ETag) };
  });
}
