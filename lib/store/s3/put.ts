// One PutObject a write, whatever its size (S3 takes 5 GB): the SHA-256 that S3 then checks and keeps is that of the
// whole object, which a multipart upload's is not. A write whose answer was lost is sent again, and meets itself: that
// it is there already is told from somebody else's write by that SHA-256.
import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { HeadObjectCommand, PutObjectCommand, type PutObjectCommandInput } from '@aws-sdk/client-s3';
import { headersFor } from '../headers.ts';
import { type Precondition, StoreConflictError } from '../store.ts';
import { type Bucket, bucketAndKey, runOperation, withoutQuotes } from './bucket.ts';
import { attemptsOf, errorNameOf, isMissing, statusOf } from './errors.ts';
import { NOT_S3_MESSAGE, UnexpectedResponseError } from './response.ts';

/** What S3 answers, with 409, to a write while another one to the same key is under way; the SDK leaves it to us. */
const CONFLICT_IN_PROGRESS = ['ConditionalRequestConflict', 'OperationAborted'];

/** How often such a write is sent. */
const MAX_ATTEMPTS = 10;

/** The longest wait before such a try, in milliseconds. */
const MAX_WAIT = 2_000;

/** Writes an object if what is there is what was expected, and returns its etag. @throws {StoreConflictError} if not */
export function putObject(
  bucket: Bucket,
  key: string,
  body: Uint8Array,
  expect: Precondition,
): Promise<string> {
  return runOperation(bucket, { operation: 'PutObject', key }, async (limit) => {
    const input = inputOf(bucket, key, body, expect);
    let mayBeOwnWrite = false;
    for (let attempt = 1; ; attempt++) {
      try {
        const { ETag } = await bucket.client.send(new PutObjectCommand(input), limit);
        if (ETag === undefined) throw new UnexpectedResponseError(NOT_S3_MESSAGE);
        return withoutQuotes(ETag);
      } catch (error) {
        // A request that the SDK sent again may have been carried out the first time.
        mayBeOwnWrite ||= attemptsOf(error) > 1;
        if (isPreconditionFailed(error, expect))
          return await etagOfOwnWrite(bucket, key, { expect, input, unsure: mayBeOwnWrite });
        if (!CONFLICT_IN_PROGRESS.includes(errorNameOf(error)) || attempt === MAX_ATTEMPTS) throw error;
        await setTimeout(Math.random() * Math.min(MAX_WAIT, 50 * 2 ** attempt));
      }
    }
  });
}

function inputOf(bucket: Bucket, key: string, body: Uint8Array, expect: Precondition): PutObjectCommandInput {
  const { contentType, cacheControl, contentDisposition } = headersFor(key, bucket.visibility);
  return {
    ...bucketAndKey(bucket, key),
    Body: body,
    ChecksumSHA256: createHash('sha256').update(body).digest('base64'),
    ContentType: contentType,
    CacheControl: cacheControl,
    ...(contentDisposition && { ContentDisposition: contentDisposition }),
    ...(expect === 'absent' && { IfNoneMatch: '*' }),
    ...(typeof expect === 'object' && { IfMatch: `"${expect.etag}"` }),
  };
}

/** Says whether something else was there than expected; S3 answers 404 where `If-Match` finds nothing. */
function isPreconditionFailed(error: unknown, expect: Precondition): boolean {
  if (expect === 'anything') return false;
  return statusOf(error) === 412 || isMissing(error);
}

/** The etag of what is there if it may be this very write, with the same bytes; else the conflict. */
async function etagOfOwnWrite(
  bucket: Bucket,
  key: string,
  { expect, input, unsure }: { expect: Precondition; input: PutObjectCommandInput; unsure: boolean },
): Promise<string> {
  const stored = unsure ? await checksumOf(bucket, key) : null;
  if (stored && stored.sha256 === input.ChecksumSHA256) return stored.etag;
  throw new StoreConflictError(key, typeof expect === 'object' ? `version ${expect.etag}` : 'nothing there');
}

/** The SHA-256 in base64 that S3 keeps of an object, and its etag; null if there is no object. */
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
