// Checks keys. A valid key stays inside its store on every system and names exactly one object in a bucket. Every store
// operation checks its key here first.
import { StoreError } from './store.ts';

/** Limits in bytes of UTF-8: S3's for a key, and file systems' for one name. */
const MAX_KEY = 1024;
const MAX_NAME = 255;

/**
 * True if `key` is relative, separated by `/`, and has no empty, dotted (`.`, `..`, `.git`) or unportable name.
 * A portable name has no control character, backslash or colon, no dot or space at its end, and is well-formed Unicode.
 */
export function isKey(key: string): boolean {
  return key.isWellFormed() && Buffer.byteLength(key) <= MAX_KEY && key.split('/').every(isName);
}

/** True if `name` is allowed between two slashes of a key. */
function isName(name: string): boolean {
  return /^[^./\\:\p{Cc}][^/\\:\p{Cc}]*(?<![. ])$/u.test(name) && Buffer.byteLength(name) <= MAX_NAME;
}

/** @throws {StoreError} if the key is not valid; the message says which names are allowed */
export function checkKey(key: string): void {
  if (isKey(key)) return;
  const shown = JSON.stringify(key.length > 80 ? `${key.slice(0, 80)}...` : key);
  throw new StoreError(
    key,
    `${shown} cannot be a stored file's name: use relative names without dots at their ends, \\, : or control characters`,
  );
}

/** @throws {StoreError} if the prefix of `list` or `listFolders` is neither empty nor a key and a slash */
export function checkPrefix(prefix: string): void {
  if (prefix === '') return;
  if (!prefix.endsWith('/')) throw new StoreError(prefix, `${JSON.stringify(prefix)}: a prefix ends in /`);
  checkKey(prefix.slice(0, -1));
}

/** True if the key is a working file of a run: a plan, an API answer, staged columns or a report. */
export const isRunKey = (key: string): boolean => key.startsWith('runs/');

/** Orders keys by their UTF-8 bytes, as S3 does. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
