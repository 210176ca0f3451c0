// Reads no more bytes than are expected, so that a file of somebody else's cannot fill the memory.

import { releaseKey } from '../release/layout.ts';
import { DamagedFileError, type ManifestFile } from '../release/manifest.ts';
import { type Store, StoreError } from '../store/store.ts';

/** A listed file's bytes, at most one more than its entry says, which shows that it is too long; null if missing. */
export async function readListedFile(
  store: Store,
  release: string,
  { path, bytes }: Pick<ManifestFile, 'path' | 'bytes'>,
): Promise<Uint8Array | null> {
  return (await getUpTo(store, releaseKey(release, path), bytes))?.body ?? null;
}

/** An object's bytes and etag, or null if there is none. @throws {DamagedFileError} if it is larger than `most` bytes */
export async function getAtMost(store: Store, key: string, maxBytes: number): ReturnType<Store['get']> {
  const found = await getUpTo(store, key, maxBytes);
  if (found && found.body.length > maxBytes)
    throw new DamagedFileError(key, `expected at most ${maxBytes} bytes, found more`);
  return found;
}

/** The bytes up to and with an offset. */
async function getUpTo(store: Store, key: string, end: number): ReturnType<Store['get']> {
  try {
    return await store.get(key, { start: 0, end });
  } catch (error) {
    // An empty file has no range at all.
    const isShort = error instanceof StoreError && error.cause instanceof RangeError;
    const entry = isShort ? await store.head(key) : null;
    if (entry?.bytes === 0) return { body: new Uint8Array(), etag: entry.etag };
    throw error;
  }
}
