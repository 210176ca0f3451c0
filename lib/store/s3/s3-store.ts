// A prefix of a bucket as a store. What S3 promises is what the store does: strong consistency, `If-None-Match` and
// `If-Match` on a write, listings in the order of UTF-8. As in a folder, names that begin with a dot are never listed.
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
import type { ByteRange, ObjectMetadata, Store } from '../store.ts';
import { parseS3Address } from './address.ts';
import { type Bucket, bucketAndKey, runOperation, withoutQuotes } from './bucket.ts';
import { s3Client } from './client.ts';
import { deleteObject, isVersioned } from './delete.ts';
import { isMissing, statusOf } from './errors.ts';
import { putObject } from './put.ts';
import { checkHead, checkListing, readBody, UnexpectedResponseError } from './response.ts';

export interface S3Options {
  /** Whom `Cache-Control` lets keep what is published; default private. */
  readonly visibility?: Visibility;
  /** How often a request is sent that S3 may answer better the next time; default 6. */
  readonly maxAttempts?: number;
  /** Milliseconds that an operation may take with all its tries; default 10 minutes. */
  readonly timeout?: number;
  /** The proxies through which S3 is reached; default none. */
  readonly proxyEnv?: ProxyEnv;
  /** What the SDK is told besides what it finds in the environment. */
  readonly client?: S3ClientConfig;
}

/** How often an object is asked for whose bytes stop coming. */
const MAX_BODY_READS = 3;

/** The store at `s3://bucket/prefix`. @throws {StoreError} if that is no such address */
export function s3Store(address: string, options: S3Options = {}): Store {
  const { visibility = 'private', maxAttempts = 6, timeout = 600_000, proxyEnv = {} } = options;
  const client = s3Client(maxAttempts, proxyEnv, options.client);
  const bucket = { ...parseS3Address(address), client, visibility, timeout, proxyEnv };
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
    get: (key, range) => checked(key, checkKey, () => getObject(bucket, key, range)),
    head: (key) => checked(key, checkKey, () => headObject(bucket, key)),
    put: (key, body, expect) => checked(key, checkKey, () => putObject(bucket, key, body, expect)),
    list: (prefix) => checked(prefix, checkPrefix, () => list(bucket, prefix)),
    listFolders: (prefix) => checked(prefix, checkPrefix, () => listFolders(bucket, prefix)),
    delete: (key) =>
      checked(key, checkKey, async () => {
        versioned ??= await isVersioned(bucket);
        await deleteObject(bucket, key, versioned);
      }),
    sync: async () => {},
    checkPreconditions: () => {
      // What could not be tried is tried again.
      preconditionCheck ??= probePreconditions(store).catch((error) => {
        preconditionCheck = undefined;
        throw error;
      });
      return preconditionCheck;
    },
  };
  return store;
}

/** Asks for an object, again if its bytes stop coming in the middle; null if there is none. */
function getObject(
  bucket: Bucket,
  key: string,
  range?: ByteRange,
): Promise<{ body: Uint8Array; etag: string } | null> {
  return runOperation(bucket, { operation: 'GetObject', key }, async (limit) => {
    const command = new GetObjectCommand({
      ...bucketAndKey(bucket, key),
      ...(range && { Range: rangeOf(range) }),
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
    return entryOf(key, { Size: head.ContentLength, ETag: head.ETag, LastModified: head.LastModified });
  });
}

/** Resolves to null if there is no such object. @throws {RangeError} if it has no such bytes */
async function nullIfMissing<T>(answer: Promise<T>, range?: ByteRange): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (statusOf(error) === 416) throw noBytes(range);
    if (isMissing(error)) return null;
    throw error;
  }
}

function rangeOf(range: ByteRange): string {
  const { start, end } = range;
  const sound = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end;
  if (!sound) throw noBytes(range);
  return `bytes=${start}-${end}`;
}

const noBytes = (range?: ByteRange): RangeError =>
  new RangeError(`has no bytes ${range?.start}-${range?.end}`);

async function list(bucket: Bucket, prefix: string): Promise<ObjectMetadata[]> {
  const entries: ObjectMetadata[] = [];
  for await (const { Contents = [] } of pages(bucket, prefix)) {
    for (const object of Contents) {
      const key = object.Key?.slice(bucket.keyPrefix.length) ?? '';
      if (isListed(key.slice(prefix.length))) entries.push(entryOf(key, object));
    }
  }
  return entries.sort((a, b) => compareKeys(a.key, b.key));
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

/** Every page of a listing, asked for when the one before was used. */
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

/** Says whether a path is listed: not below a dotted name, and no console's `folder/` of no name. */
function isListed(path: string): boolean {
  return path.split('/').every((name) => name !== '' && !name.startsWith('.'));
}

function entryOf(
  key: string,
  {
    Size,
    ETag,
    LastModified,
  }: { Size?: number | undefined; ETag?: string | undefined; LastModified?: Date | undefined },
): ObjectMetadata {
  return { key, bytes: Size ?? 0, etag: withoutQuotes(ETag), modified: LastModified ?? new Date(0) };
}
