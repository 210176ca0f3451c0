// Hashes, and the bytes of JSON files. Equal content must give equal bytes, or it would look changed.
import { createHash } from 'node:crypto';

/** SHA-256 of bytes or of a text's UTF-8 bytes, in lower-case hexadecimal. */
export const sha256 = (content: Uint8Array | string): string =>
  createHash('sha256').update(content).digest('hex');

/** A JSON file's bytes: indented by two spaces, keys in their order in `value`, one line feed at the end. */
export const jsonBytes = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);

/** Reads JSON written by `jsonBytes`. @throws {SyntaxError} if it is not JSON */
export const parseJson = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString('utf8'));
