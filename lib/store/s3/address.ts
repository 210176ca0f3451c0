// What `s3://bucket/prefix` means.
import { isKey } from '../key.ts';
import { StoreError } from '../store.ts';

/** A bucket, and what every key in it begins with: nothing, or a prefix that ends in a slash. */
export interface S3Address {
  readonly bucket: string;
  readonly keyPrefix: string;
}

/** S3: 3 to 63 of lower-case letters, digits, dots and hyphens, with a letter or digit at both ends. */
const BUCKET = /^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Says whether a place is written as one in S3. */
export function isS3(place: string): boolean {
  return /^s3:\/\//i.test(place);
}

/** The parts of an `s3://` address. @throws {StoreError} that says which part is none */
export function parseS3Address(place: string): S3Address {
  const [bucket = '', ...rest] = place.replace(/^s3:\/\//i, '').split('/');
  const prefix = rest.join('/').replace(/(?<=[^/])\/$/, '');
  if (!BUCKET.test(bucket))
    throw new StoreError(
      '',
      `${place}: ${JSON.stringify(bucket)} is no bucket's name: write s3://bucket or s3://bucket/prefix, ` +
        'the bucket in 3 to 63 lower-case letters, digits, dots and hyphens',
    );
  if (prefix !== '' && !isKey(prefix))
    throw new StoreError(
      '',
      `${place}: ${JSON.stringify(prefix)} cannot be a prefix: use names between single slashes, without dots at ` +
        'their ends, \\, : or control characters',
    );
  return { bucket, keyPrefix: prefix === '' ? '' : `${prefix}/` };
}
