// A prefix of a bucket as a store. It relies on S3's guarantees: strong consistency, `If-None-Match` and `If-Match` on
// writes, listings in the order of UTF-8. As in a folder, names that begin with a dot are never listed.
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import type { ProxyEnv } from '../../environment/proxy-variables.ts';
import type { Visibility } from '../headers.ts';
import { checkKey, checkPrefix, compareKeys } from '../key.ts';
import { probePreconditions } from '../preconditions.ts';
import { type ByteRange, type ObjectMetadata, type Store, type StoredObject, StoreError } from '../store.ts';
import { parseS3Address } from './address.ts';
import { type Bucket, bucketAndKey, runOperation, withoutQuotes } from './bucket.ts';
import { s3Client } from './client.ts';
import { deleteObject, isVersioned } from './delete.ts';
import { isMissing, statusOf } from './errors.ts';
import { putObject } from './put.ts';
import { checkHead, checkListing, readBody, UnexpectedResponseError } from './response.ts';

export interface S3Options {
  /** Who may cache the objects, for `Cache-Control`. @default 'private' */
  readonly visibility?: Visibility;
  /** Attempts for a request with a retryable failure. @default 6 */
  readonly maxAttempts?: number;
  /** Milliseconds for one operation with all its attempts. @default 600_000 */
  readonly timeout?: number;
  /** The proxies for S3. @default none */
  readonly proxyEnv?: ProxyEnv;
  /** Aborts operations, also between their attempts; they reject with its reason. A write may have been done. */
  readonly signal?: AbortSignal;
  /** Options for the SDK, beside those that it finds in the environment. */
  readonly client?: S3ClientConfig;
}

/** Attempts to read an object whose body is cut off. */
const MAX_BODY_READS = 3;

/** Opens the store at `s3://bucket/prefix`. @throws {StoreError} if the address is not valid */
export function s3Store(address: string, options: S3Options = {}): Store {
  const { visibility = 'private', maxAttempts = 6, timeout = 600_000, proxyEnv = {}, signal } = options;
  const client = s3Client(maxAttempts, proxyEnv, options.client);
  const bucket = { ...parseS3Address(address), client, visibility, timeout, proxyEnv, signal };
  let versioned: boolean | undefined;
  const checked = async <T>(
    key: string,
    check: (key: string) => void,
    work: () => Promise<T>,
  ): Promise<T> => {
    check(key);
    return work();
  };
  let preconditionCheck: Promise<void> | undefined;
  const store: Store = {
    location: address,
    get: (key, range) => checked(key, checkKey, () => getObject(bucket, key, { range })),
    getIfChanged: (key, etag, range) =>
      checked(key, checkKey, () => getObjectIfChanged(bucket, { key, etag, range })),
    head: (key) => checked(key, checkKey, () => headObject(bucket, key)),
    put: (key, body, precondition) =>
      checked(key, checkKey, () => putObject(bucket, key, body, precondition)),
    list: (prefix) => checked(prefix, checkPrefix, () => list(bucket, prefix)),
    listFolders: (prefix) => checked(prefix, checkPrefix, () => listFolders(bucket, prefix)),
    delete: (key) =>
      checked(key, checkKey, async () => {
        versioned ??= await isVersioned(bucket);
        await deleteObject(bucket, key, versioned);
      }),
    sync: async () => {},
    checkPreconditions: () => {
      // After a failure the next call tests again.
      preconditionCheck ??= probePreconditions(store).catch((error) => {
        preconditionCheck = undefined;
        throw error;
      });
      return preconditionCheck;
    },
  };
  return store;
}

/** Reads an object; `unchanged` if it still has this etag. S3 answers 304 then, which the SDK throws. */
async function getObjectIfChanged(
  bucket: Bucket,
  { key, etag, range }: { key: string; etag: string; range: ByteRange | undefined },
): Promise<StoredObject | 'unchanged' | null> {
  if (etag === '') return getObject(bucket, key, { range });
  try {
    const found = await getObject(bucket, key, { range, unless: etag });
    // Some servers that are similar to S3 ignore the condition.
    return found?.etag === etag ? 'unchanged' : found;
  } catch (error) {
    if (error instanceof StoreError && statusOf(error.cause) === 304) return 'unchanged';
    throw error;
  }
}

/** Reads an object, again if its body is cut off; null if there is no object. `unless`: the etag that is not needed. */
function getObject(
  bucket: Bucket,
  key: string,
  { range, unless }: { range: ByteRange | undefined; unless?: string },
): Promise<StoredObject | null> {
  return runOperation(bucket, { operation: 'GetObject', key }, async (limit) => {
    const command = new GetObjectCommand({
      ...bucketAndKey(bucket, key),
      ...(range && { Range: rangeOf(range) }),
      ...(unless !== undefined && { IfNoneMatch: `"${unless}"` }),
    });
    for (let read = 1; ; read++) {
      const output = await nullIfMissing(bucket.client.send(command, limit), range);
      if (output === null) return null;
      try {
        return { body: await readBody(key, output, range), etag: withoutQuotes(output.ETag) };
      } catch (error) {
        const isPermanent = error instanceof UnexpectedResponseError || error instanceof RangeError;
        if (isPermanent || read === MAX_BODY_READS || limit.abortSignal.aborted) throw error;
      }
    }
  });
}

function headObject(bucket: Bucket, key: string): Promise<ObjectMetadata | null> {
  return runOperation(bucket, { operation: 'HeadObject', key }, async (limit) => {
    const head = await nullIfMissing(
      bucket.client.send(new HeadObjectCommand(bucketAndKey(bucket, key)), limit),
    );
    if (head === null) return null;
    checkHead(key, head);
    return metadataOf(key, { Size: head.ContentLength, ETag: head.ETag, LastModified: head.LastModified });
  });
}

/** Resolves to null if there is no object. @throws {RangeError} if the object has no bytes in the range */
async function nullIfMissing<T>(response: Promise<T>, range?: ByteRange): Promise<T | null> {
  try {
    return await response;
  } catch (error) {
    if (statusOf(error) === 416) throw rangeError(range);
    if (isMissing(error)) return null;
    throw error;
  }
}

function rangeOf(range: ByteRange): string {
  const { start, end } = range;
  const isValid = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end;
  if (!isValid) throw rangeError(range);
  return `bytes=${start}-${end}`;
}

const rangeError = (range?: ByteRange): RangeError =>
  new RangeError(`has no bytes ${range?.start}-${range?.end}`);

async function list(bucket: Bucket, prefix: string): Promise<ObjectMetadata[]> {
  const objects: ObjectMetadata[] = [];
  for await (const { Contents = [] } of pages(bucket, prefix)) {
    for (const object of Contents) {
      const key = object.Key?.slice(bucket.keyPrefix.length) ?? '';
      if (isListed(key.slice(prefix.length))) objects.push(metadataOf(key, object));
    }
  }
  return objects.sort((a, b) => compareKeys(a.key, b.key));
}

async function listFolders(bucket: Bucket, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { CommonPrefixes = [] } of pages(bucket, prefix, '/')) {
    for (const { Prefix = '' } of CommonPrefixes) {
      const name = Prefix.slice(bucket.keyPrefix.length + prefix.length, -1);
      if (isListed(name)) names.push(name);
    }
  }
  return names.sort(compareKeys);
}

/** Yields the pages of a listing. It requests a page only after the caller has used the one before. */
async function* pages(
  bucket: Bucket,
  prefix: string,
  delimiter?: string,
): AsyncGenerator<ListObjectsV2CommandOutput> {
  let token: string | undefined;
  do {
    const command: ListObjectsV2Command = new ListObjectsV2Command({
      Bucket: bucket.bucket,
      Prefix: bucket.keyPrefix + prefix,
      ...(delimiter && { Delimiter: delimiter }),
      ...(token && { ContinuationToken: token }),
    });
    const page: ListObjectsV2CommandOutput = await runOperation(
      bucket,
      { operation: 'ListObjectsV2', key: prefix },
      async (limit) => checkListing(await bucket.client.send(command, limit)),
    );
    yield page;
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token);
}

/** True if a listing shows the path: no name begins with a dot, and none is empty (S3's console creates `folder/`). */
function isListed(path: string): boolean {
  return path.split('/').every((name) => name !== '' && !name.startsWith('.'));
}

function metadataOf(
  key: string,
  {
    Size,
    ETag,
    LastModified,
  }: { Size?: number | undefined; ETag?: string | undefined; LastModified?: Date | undefined },
): ObjectMetadata {
  return { key, bytes: Size ?? 0, etag: withoutQuotes(ETag), modified: LastModified ?? new Date(0) };
}
