// Reads files up to an expected size, so that a file from another machine cannot fill the memory.
import { releaseKey } from '../release/layout.ts';
import { DamagedFileError, type ManifestFile } from '../release/manifest.ts';
import { type ByteRange, type Store, type StoredObject, StoreError } from '../store/store.ts';

/** A listed file's bytes; null if it is missing. Of a file that is too long, one byte more than listed is returned. */
export async function readListedFile(
  store: Store,
  release: string,
  { path, bytes }: Pick<ManifestFile, 'path' | 'bytes'>,
): Promise<Uint8Array | null> {
  return (await getUpTo(store, releaseKey(release, path), bytes))?.body ?? null;
}

/** An object's bytes and etag; null if it does not exist. @throws {DamagedFileError} if it has more than `maxBytes` */
export async function getAtMost(store: Store, key: string, maxBytes: number): ReturnType<Store['get']> {
  return checkLength(await getUpTo(store, key, maxBytes), key, maxBytes);
}

/** As `getAtMost`, but `unchanged` if the object still has this etag. @throws {DamagedFileError} */
export async function getAtMostIfChanged(
  store: Store,
  { key, etag, maxBytes }: { key: string; etag: string; maxBytes: number },
): ReturnType<Store['getIfChanged']> {
  const get = (range: ByteRange) => store.getIfChanged(key, etag, range);
  const found = await withoutRangeIfEmpty({ store, key, range: { start: 0, end: maxBytes } }, get);
  return found === 'unchanged' ? found : checkLength(found, key, maxBytes);
}

/** @throws {DamagedFileError} if the object has more than `maxBytes` */
function checkLength(found: StoredObject | null, key: string, maxBytes: number): StoredObject | null {
  if (found && found.body.length > maxBytes)
    throw new DamagedFileError(key, `expected at most ${maxBytes} bytes, found more`);
  return found;
}

/** The bytes from offset 0 to `end`, inclusive. */
function getUpTo(store: Store, key: string, end: number): ReturnType<Store['get']> {
  return withoutRangeIfEmpty({ store, key, range: { start: 0, end } }, (range) => store.get(key, range));
}

/** Reads a range from offset 0. No range is valid for an empty file, which therefore is returned without one. */
async function withoutRangeIfEmpty<T>(
  { store, key, range }: { store: Store; key: string; range: ByteRange },
  get: (range: ByteRange) => Promise<T>,
): Promise<T | StoredObject> {
  try {
    return await get(range);
  } catch (error) {
    const isRangeInvalid = error instanceof StoreError && error.cause instanceof RangeError;
    const head = isRangeInvalid ? await store.head(key) : null;
    if (head?.bytes === 0) return { body: new Uint8Array(), etag: head.etag };
    throw error;
  }
}
