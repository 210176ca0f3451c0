// The current release and how it becomes another: `latest.json` moves by compare-and-swap from the state that its
// mover has seen, so of two runs at once one sees that it lost.
import { type Store, StoreConflictError } from '../store/store.ts';
import { jsonBytes, sha256 } from './digest.ts';
import { LATEST, MANIFEST, releaseKey } from './layout.ts';
import { DamagedFileError, type Manifest, type Pointer, readManifest, readPointer } from './manifest.ts';

/** What the prefix publishes now; `etag` is what the pointer's next mover must have seen, null where there is none. */
export interface Current {
  readonly etag: string | null;
  readonly pointer: Pointer | null;
  readonly manifest: Manifest | null;
}

/**
 * Reads the pointer and the manifest that it names.
 * @throws {DamagedFileError} if either is missing, of another shape, or not the one that the pointer means
 */
export async function readCurrent(store: Store): Promise<Current> {
  const found = await store.get(LATEST);
  if (!found) return { etag: null, pointer: null, manifest: null };
  const pointer = readPointer(LATEST, found.body);
  const manifest = pointer.manifest === null ? null : await pointedManifest(store, pointer);
  return { etag: found.etag, pointer, manifest };
}

async function pointedManifest(store: Store, pointer: Pointer): Promise<Manifest> {
  const key = releaseKey(pointer.release ?? '', MANIFEST);
  if (pointer.manifest !== key)
    throw new DamagedFileError(LATEST, `manifest: expected ${key}, found ${pointer.manifest}`);
  const found = await store.get(key);
  if (!found) throw new DamagedFileError(key, `${LATEST} names it, but it is missing`);
  const hash = sha256(found.body);
  if (hash !== pointer.manifest_sha256)
    throw new DamagedFileError(key, `${LATEST} expects SHA-256 ${pointer.manifest_sha256}, found ${hash}`);
  return readManifest(key, found.body);
}

/** The pointer to a release whose manifest has these bytes. */
export function pointerTo(manifest: Manifest, bytes: Uint8Array, publishedAt: Date): Pointer {
  const rows = manifest.tables.filter(({ name }) => name.startsWith('admin'));
  return {
    release: manifest.release,
    manifest: releaseKey(manifest.release, MANIFEST),
    manifest_sha256: sha256(bytes),
    published_at: publishedAt.toISOString(),
    schema_version: manifest.schema_version,
    rows: Object.fromEntries(rows.map((table) => [table.name, table.rows])),
  };
}

/** Moves the pointer, or returns false if another run moved it since `from` was read. */
export async function movePointer(store: Store, from: Current, to: Pointer): Promise<boolean> {
  try {
    await store.put(LATEST, jsonBytes(to), from.etag === null ? 'absent' : { etag: from.etag });
    return true;
  } catch (error) {
    if (error instanceof StoreConflictError) return false;
    throw error;
  }
}
