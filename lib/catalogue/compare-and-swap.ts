// Changes an object that several processes may write. It reads the object, builds the new body and writes it by
// compare-and-swap. After a conflict it reads again.
import { jsonBytes } from '../release/digest.ts';
import { type Store, StoreConflictError } from '../store/store.ts';

/** A conflict means that another process has just written the object. 20 in a row are not expected. */
const MAX_ATTEMPTS = 20;

/**
 * Replaces an object by what `update` makes of it. `update` runs after the etag is known: if another process changes the
 * object after that, this write fails and is tried again. If `update` returns null, the object stays as it is.
 * @throws {StoreConflictError} after 20 conflicts; {StoreError}; what `update` throws
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

/** Changes a JSON file. If `change` returns null, it stays. @throws as `compareAndSwap`, and what `read` throws */
export const updateJson = <T>(
  store: Store,
  key: string,
  { read, empty, change }: { read: (bytes: Uint8Array) => T; empty: T; change: (value: T) => T | null },
): Promise<void> =>
  compareAndSwap(store, key, (found) => {
    const changed = change(found ? read(found) : empty);
    return changed && jsonBytes(changed);
  });
