// A prefix of a bucket, and how anything is asked of it: within a time limit, and refused in words that say what to do.
import type { S3Client } from '@aws-sdk/client-s3';
import type { ProxyEnv } from '../../environment/proxy-variables.ts';
import type { Visibility } from '../headers.ts';
import { s3StoreError } from './errors.ts';

export interface Bucket {
  readonly client: S3Client;
  readonly bucket: string;
  /** What every key begins with there: nothing, or a prefix that ends in a slash. */
  readonly keyPrefix: string;
  readonly visibility: Visibility;
  /** Milliseconds that an operation may take with all its tries. */
  readonly timeout: number;
  readonly proxyEnv: ProxyEnv;
}

/** What is asked of S3, by its name there, and of which key or prefix. */
export interface S3Operation {
  readonly operation: string;
  readonly key: string;
}

/** Bucket and key as S3's requests name them. */
export function bucketAndKey({ bucket, keyPrefix }: Bucket, key: string): { Bucket: string; Key: string } {
  return { Bucket: bucket, Key: keyPrefix + key };
}

/** Works within the bucket's time limit. @throws {StoreError} if S3 refuses, or cannot be reached */
export async function runOperation<T>(
  { bucket, keyPrefix, timeout, proxyEnv }: Bucket,
  { operation, key }: S3Operation,
  work: (limit: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const abortSignal = AbortSignal.timeout(timeout);
  try {
    return await work({ abortSignal });
  } catch (error) {
    const context = { location: `s3://${bucket}/${keyPrefix}${key}`, bucket, operation, timeout, proxyEnv };
    throw s3StoreError(key, { ...context, isTimedOut: abortSignal.aborted }, error);
  }
}

/** An etag as this store gives it: without the quotes that S3 puts round it. */
export function withoutQuotes(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '');
}
