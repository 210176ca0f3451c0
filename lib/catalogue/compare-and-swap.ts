// Changing what many may change: it is read, made anew and swapped, and who loses a race reads again.
import { jsonBytes } from '../release/digest.ts';
import { type Store, StoreConflictError } from '../store/store.ts';

const MAX_ATTEMPTS = 20;

/**
 * Reads an object, makes it anew and swaps it, until no other writer came between. What else `make` reads it reads after
 * the object's version is known, so whoever changed that meanwhile makes this write fail, or comes after; null leaves the
 * object as it is.
 * @throws {StoreConflictError} if others were quicker 20 times; {StoreError}; what `make` throws
 */
export async function compareAndSwap(
  store: Store,
  key: string,
  update: (found: Uint8Array | null) => Uint8Array | null | Promise<Uint8Array | null>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const found = await store.get(key);
    const updated = await update(found?.body ?? null);
    if (updated === null || (found && Buffer.from(updated).equals(found.body))) return;
    try {
      await store.put(key, updated, found ? { etag: found.etag } : 'absent');
      return;
    } catch (error) {
      if (!(error instanceof StoreConflictError) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** Changes a JSON file in the same way; `change` returns null to leave it. @throws as `swap`, and what `read` throws */
export const updateJson = <T>(
  store: Store,
  key: string,
  { read, empty, change }: { read: (bytes: Uint8Array) => T; empty: T; change: (value: T) => T | null },
): Promise<void> =>
  compareAndSwap(store, key, (found) => {
    const changed = change(found ? read(found) : empty);
    return changed && jsonBytes(changed);
  });
