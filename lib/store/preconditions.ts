// The promises of a bucket, tried before anything relies on them: older servers and gateways take `If-None-Match` and
// `If-Match` for any other header, and then of two runs at once the later one overwrites the earlier. The object that is
// tried on lies among the runs, where no reader looks and a bucket's rule lets it expire; it is removed where that is
// allowed.
import { randomUUID } from 'node:crypto';
import { type Precondition, type Store, StoreConflictError, StoreError } from './store.ts';

/** No object's: the hash of nothing at all. */
const NO_ETAG = 'd41d8cd98f00b204e9800998ecf8427e';

/**
 * Creates an object and tries what has to fail: to create it again, and to swap it from a version that it never had.
 * @throws {StoreError} that names the place and the promise that it does not keep
 */
export async function probePreconditions(store: Pick<Store, 'location' | 'put' | 'delete'>): Promise<void> {
  const key = `runs/promises/${randomUUID()}`;
  const unsupportedError = (what: string, cause?: unknown): StoreError =>
    new StoreError(
      key,
      `${store.location} does not honour ${what}: two runs at once could overwrite each other; use a store which does`,
      { cause },
    );
  const mustFail = async (body: string, expect: Precondition, what: string): Promise<void> => {
    try {
      await store.put(key, Buffer.from(body), expect);
    } catch (error) {
      if (error instanceof StoreConflictError) return;
      throw isNotImplemented(error) ? unsupportedError(what, error) : error;
    }
    throw unsupportedError(what);
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

/** Whether a server answered that it does not know a header: HTTP 501. */
function isNotImplemented(error: unknown): boolean {
  const cause = error instanceof StoreError ? error.cause : null;
  const metadata = cause instanceof Error && '$metadata' in cause ? cause.$metadata : null;
  return (metadata as { httpStatusCode?: number } | null)?.httpStatusCode === 501;
}

/** Who may not delete leaves it to expire. */
function ignoreStoreError(error: unknown): void {
  if (!(error instanceof StoreError)) throw error;
}
