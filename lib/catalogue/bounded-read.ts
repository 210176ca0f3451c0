// Reads files up to an expected size, so that a file from another machine cannot fill the memory.
import { releaseKey } from '../release/layout.ts';
import { DamagedFileError, type ManifestFile } from '../release/manifest.ts';
import { type Store, StoreError } from '../store/store.ts';

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
  const found = await getUpTo(store, key, maxBytes);
  if (found && found.body.length > maxBytes)
    throw new DamagedFileError(key, `expected at most ${maxBytes} bytes, found more`);
  return found;
}

/** The bytes from offset 0 to `end`, inclusive. */
async function getUpTo(store: Store, key: string, end: number): ReturnType<Store['get']> {
  try {
    return await store.get(key, { start: 0, end });
  } catch (error) {
    // No range is valid for an empty file.
    const isRangeInvalid = error instanceof StoreError && error.cause instanceof RangeError;
    const head = isRangeInvalid ? await store.head(key) : null;
    if (head?.bytes === 0) return { body: new Uint8Array(), etag: head.etag };
    throw error;
  }
}
