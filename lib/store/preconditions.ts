// Tests whether a bucket honours conditional writes, before a run relies on them. Older servers and gateways ignore
// `If-None-Match` and `If-Match`. There the later of two concurrent runs would overwrite the earlier. The test object
// lies below `runs/`, where readers do not look. It is deleted after the test; without permission to delete, it
// expires.
import { randomUUID } from 'node:crypto';
import { type Precondition, type Store, StoreConflictError, StoreError } from './store.ts';

/** An etag that no object has: the MD5 of zero bytes. */
const NO_ETAG = 'd41d8cd98f00b204e9800998ecf8427e';

/**
 * Creates an object, then tries two writes that must fail: to create it again, and to replace a version that it never
 * had.
 * @throws {StoreError} if such a write succeeds; the message names the location and the kind of write
 */
export async function probePreconditions(store: Pick<Store, 'location' | 'put' | 'delete'>): Promise<void> {
  const key = `runs/promises/${randomUUID()}`;
  const unsupportedError = (feature: string, cause?: unknown): StoreError =>
    new StoreError(
      key,
      `${store.location} does not honour ${feature}: two runs at once could overwrite each other; use a store which does`,
      { cause },
    );
  const mustFail = async (body: string, precondition: Precondition, feature: string): Promise<void> => {
    try {
      await store.put(key, Buffer.from(body), precondition);
    } catch (error) {
      if (error instanceof StoreConflictError) return;
      throw isNotImplemented(error) ? unsupportedError(feature, error) : error;
    }
    throw unsupportedError(feature);
  };
  const [create, swap] = ['create-only writes (If-None-Match)', 'compare-and-swap writes (If-Match)'];
  try {
    await store.put(key, Buffer.from('first'), 'absent').catch((error) => {
      throw isNotImplemented(error) ? unsupportedError(create, error) : error;
    });
    await mustFail('second', 'absent', create);
    await mustFail('third', { etag: NO_ETAG }, swap);
  } finally {
    await store.delete(key).catch(ignoreStoreError);
  }
}

/** True if the server answered that it does not support a header: HTTP 501. */
function isNotImplemented(error: unknown): boolean {
  const cause = error instanceof StoreError ? error.cause : null;
  const metadata = cause instanceof Error && '$metadata' in cause ? cause.$metadata : null;
  return (metadata as { httpStatusCode?: number } | null)?.httpStatusCode === 501;
}

/** Without permission to delete, the test object stays until it expires. */
function ignoreStoreError(error: unknown): void {
  if (!(error instanceof StoreError)) throw error;
}
