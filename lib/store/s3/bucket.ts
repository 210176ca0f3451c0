// Runs operations on a prefix of a bucket: within a time limit, and with errors that say what to do.
import type { S3Client } from '@aws-sdk/client-s3';
import type { ProxyEnv } from '../../environment/proxy-variables.ts';
import type { Visibility } from '../headers.ts';
import { s3StoreError } from './errors.ts';

export interface Bucket {
  readonly client: S3Client;
  readonly bucket: string;
  /** The prefix of all keys: empty, or with a slash at its end. */
  readonly keyPrefix: string;
  readonly visibility: Visibility;
  /** Milliseconds for one operation with all its attempts. */
  readonly timeout: number;
  readonly proxyEnv: ProxyEnv;
  /** Aborts operations; they reject with its reason. */
  readonly signal: AbortSignal | undefined;
}

/** An operation by its name in S3, and its key or prefix. */
export interface S3Operation {
  readonly operation: string;
  readonly key: string;
}

/** Bucket and key under their names in S3's requests. */
export function bucketAndKey({ bucket, keyPrefix }: Bucket, key: string): { Bucket: string; Key: string } {
  return { Bucket: bucket, Key: keyPrefix + key };
}

/**
 * Runs `work` within the bucket's time limit.
 * @throws {StoreError} if S3 refuses or cannot be reached; the signal's reason
 */
export async function runOperation<T>(
  { bucket, keyPrefix, timeout, proxyEnv, signal }: Bucket,
  { operation, key }: S3Operation,
  work: (limit: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const limit = AbortSignal.timeout(timeout);
  const abortSignal = signal ? AbortSignal.any([limit, signal]) : limit;
  try {
    return await work({ abortSignal });
  } catch (error) {
    signal?.throwIfAborted();
    const context = { location: `s3://${bucket}/${keyPrefix}${key}`, bucket, operation, timeout, proxyEnv };
    throw s3StoreError(key, { ...context, isTimedOut: limit.aborted }, error);
  }
}

/** Removes the quotes that S3 puts around an etag. */
export function withoutQuotes(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '');
}
