// How JSON files are written and bytes are named: both must be the same every time, or equal content would look new.
import { createHash } from 'node:crypto';

/** SHA-256 of bytes or of a text's UTF-8 bytes, in lower-case hexadecimal. */
export const sha256 = (content: Uint8Array | string): string =>
  createHash('sha256').update(content).digest('hex');

/** A JSON file's bytes: two spaces, one line feed at the end, keys in the order given. */
export const jsonBytes = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);

/** Reads JSON written by `jsonBytes`. @throws {SyntaxError} if it is not JSON */
export const parseJson = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString('utf8'));
