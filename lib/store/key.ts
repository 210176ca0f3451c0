// What a key may be. One that passes lies inside its store on every system, and names one object in a bucket. Everything
// that reads or writes checks it here first, and nowhere else.
import { StoreError } from './store.ts';

/** Bytes of UTF-8: what S3 takes for a key, and what file systems take for one name. */
const MAX_KEY = 1024;
const MAX_NAME = 255;

/**
 * Says whether `key` is relative and `/`-separated, without empty, dotted (`.`, `..`, `.git`) or unportable names:
 * no control character, backslash or colon, no dot or space at a name's end, well-formed Unicode.
 */
export function isKey(key: string): boolean {
  return key.isWellFormed() && Buffer.byteLength(key) <= MAX_KEY && key.split('/').every(isName);
}

/** Says whether `name` may stand between two slashes of a key. */
function isName(name: string): boolean {
  return /^[^./\\:\p{Cc}][^/\\:\p{Cc}]*(?<![. ])$/u.test(name) && Buffer.byteLength(name) <= MAX_NAME;
}

/** Passes a key, or throws a StoreError that says what a key is. */
export function checkKey(key: string): void {
  if (isKey(key)) return;
  const shown = JSON.stringify(key.length > 80 ? `${key.slice(0, 80)}...` : key);
  throw new StoreError(
    key,
    `${shown} cannot be a stored file's name: use relative names without dots at their ends, \\, : or control characters`,
  );
}

/** Passes what `list` and `folders` take: nothing, or a key and a slash. */
export function checkPrefix(prefix: string): void {
  if (prefix === '') return;
  if (!prefix.endsWith('/')) throw new StoreError(prefix, `${JSON.stringify(prefix)}: a prefix ends in /`);
  checkKey(prefix.slice(0, -1));
}

/** Says whether a key is of a run's own files: answers as received, and what is made of them. */
export const isRunKey = (key: string): boolean => key.startsWith('runs/');

/** Orders keys by their UTF-8 bytes, as S3 does. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
