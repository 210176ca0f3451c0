// Parses `s3://bucket/prefix`.
import { isKey } from '../key.ts';
import { StoreError } from '../store.ts';

/** A bucket and the prefix of its keys: empty, or with a slash at its end. */
export interface S3Address {
  readonly bucket: string;
  readonly keyPrefix: string;
}

/** S3: 3 to 63 of lower-case letters, digits, dots and hyphens, with a letter or digit at both ends. */
const BUCKET = /^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** True if the location begins with `s3://`. */
export function isS3(location: string): boolean {
  return /^s3:\/\//i.test(location);
}

/** Splits an `s3://` address. @throws {StoreError} that names the invalid part */
export function parseS3Address(location: string): S3Address {
  const [bucket = '', ...rest] = location.replace(/^s3:\/\//i, '').split('/');
  const prefix = rest.join('/').replace(/(?<=[^/])\/$/, '');
  if (!BUCKET.test(bucket))
    throw new StoreError(
      '',
      `${location}: ${JSON.stringify(bucket)} is no bucket's name: write s3://bucket or s3://bucket/prefix, ` +
        'the bucket in 3 to 63 lower-case letters, digits, dots and hyphens',
    );
  if (prefix !== '' && !isKey(prefix))
    throw new StoreError(
      '',
      `${location}: ${JSON.stringify(prefix)} cannot be a prefix: use names between single slashes, without dots at ` +
        'their ends, \\, : or control characters',
    );
  return { bucket, keyPrefix: prefix === '' ? '' : `${prefix}/` };
}
