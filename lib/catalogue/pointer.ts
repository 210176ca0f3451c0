// Reads the current release and moves the pointer `latest.json`. The move is a compare-and-swap from the version that the
// run has read, so of two concurrent runs one notices that it lost.
import { jsonBytes, sha256 } from '../release/digest.ts';
import { LATEST, MANIFEST, releaseKey } from '../release/layout.ts';
import {
  DamagedFileError,
  type Manifest,
  type Pointer,
  readManifest,
  readPointer,
} from '../release/manifest.ts';
import { quoteTruncated } from '../release/manifest-problems.ts';
import { type Store, StoreConflictError, type StoredObject } from '../store/store.ts';
import { getAtMost, getAtMostIfChanged } from './bounded-read.ts';

/**
 * The current release. `etag` is the version of the pointer that was read. The next write must match it. Null if there
 * is no pointer.
 */
export interface CurrentState {
  readonly etag: string | null;
  readonly pointer: Pointer | null;
  readonly manifest: Manifest | null;
}

/** Limits in bytes. The pointer and manifest of all countries are about a thousand times smaller. */
const MAX_POINTER_BYTES = 1 << 20;
const MAX_MANIFEST_BYTES = 1 << 26;

/**
 * Reads the pointer and the manifest that it names.
 * @throws {DamagedFileError} if one of them is too large or invalid, or if the manifest is missing or has another hash
 */
export async function readCurrent(store: Store): Promise<CurrentState> {
  return readPointed(store, await getAtMost(store, LATEST, MAX_POINTER_BYTES));
}

async function readPointed(store: Store, found: StoredObject | null): Promise<CurrentState> {
  if (!found) return { etag: null, pointer: null, manifest: null };
  const pointer = readPointer(LATEST, found.body);
  const manifest = pointer.manifest === null ? null : await readPointedManifest(store, pointer);
  return { etag: found.etag, pointer, manifest };
}

/**
 * As `readCurrent`, but `unchanged` if the pointer still has this etag (null: of no pointer). Then it is one request.
 * @throws {DamagedFileError} as `readCurrent`
 */
export async function readCurrentIfChanged(
  store: Store,
  etag: string | null,
): Promise<CurrentState | 'unchanged'> {
  const bounds = { key: LATEST, maxBytes: MAX_POINTER_BYTES };
  const found = await getAtMostIfChanged(store, { ...bounds, etag: etag ?? '' });
  return found === 'unchanged' ? found : readPointed(store, found);
}

/** The id of the current release; null if there is none. @throws {DamagedFileError} if the pointer is damaged */
export async function readCurrentId(store: Store): Promise<string | null> {
  const found = await getAtMost(store, LATEST, MAX_POINTER_BYTES);
  return found && readPointer(LATEST, found.body).release;
}

async function readPointedManifest(store: Store, pointer: Pointer): Promise<Manifest> {
  const key = releaseKey(pointer.release ?? '', MANIFEST);
  if (pointer.manifest !== key)
    throw new DamagedFileError(LATEST, `manifest: expected ${key}, found ${pointer.manifest}`);
  const found = await getAtMost(store, key, MAX_MANIFEST_BYTES);
  if (!found) throw new DamagedFileError(key, `${LATEST} names it, but it is missing`);
  const hash = sha256(found.body);
  if (hash !== pointer.manifest_sha256)
    throw new DamagedFileError(key, `${LATEST} expects SHA-256 ${pointer.manifest_sha256}, found ${hash}`);
  const manifest = readManifest(key, found.body);
  if (manifest.release !== pointer.release)
    throw new DamagedFileError(
      key,
      `release: expected ${pointer.release}, found ${quoteTruncated(manifest.release)}`,
    );
  return manifest;
}

/** The manifest of a release. It stays after the data files are removed. @throws {DamagedFileError} */
export async function readReleaseManifest(store: Store, release: string): Promise<Manifest> {
  const key = releaseKey(release, MANIFEST);
  const found = await store.get(key);
  if (!found) throw new DamagedFileError(key, 'missing');
  return readManifest(key, found.body);
}

/** The pointer to a release whose manifest has these bytes. */
export function pointerTo(manifest: Manifest, bytes: Uint8Array, publishedAt: Date): Pointer {
  return {
    release: manifest.release,
    manifest: releaseKey(manifest.release, MANIFEST),
    manifest_sha256: sha256(bytes),
    published_at: publishedAt.toISOString(),
    schema_version: manifest.schema_version,
    rows: levelRows(manifest),
  };
}

/** Rows by level table. */
export function levelRows({ tables }: Manifest): Record<string, number> {
  const levels = tables.filter(({ name }) => name.startsWith('admin'));
  return Object.fromEntries(levels.map(({ name, rows }) => [name, rows]));
}

/** It is unknown whether the pointer moved: the write failed, and the read after it failed too. */
export class UnknownOutcomeError extends Error {
  override readonly name = 'UnknownOutcomeError';
}

/**
 * Moves the pointer. Returns false if another run moved it after `before` was read. The manifest is synced to disk before
 * the move. If the write fails, the pointer is read again, because the write may have succeeded; the stored pointer
 * decides.
 * @throws {UnknownOutcomeError} if this read fails, too; what the store threw, if the pointer did not move
 */
export async function movePointer(store: Store, before: CurrentState, next: Pointer): Promise<boolean> {
  if (next.manifest !== null) await store.sync(next.manifest);
  const bytes = jsonBytes(next);
  try {
    await store.put(LATEST, bytes, before.etag === null ? 'absent' : { etag: before.etag });
    return true;
  } catch (error) {
    const found = await store.get(LATEST).catch((cause: unknown) => {
      throw new UnknownOutcomeError(unknownOutcomeMessage(next, error, cause), { cause });
    });
    if (found && Buffer.from(bytes).equals(found.body)) return true;
    if (error instanceof StoreConflictError) return false;
    throw error;
  }
}

const unknownOutcomeMessage = ({ release }: Pointer, ...causes: unknown[]): string =>
  `whether release ${release} was published is not known, since ${LATEST} could neither be written for certain nor read again (${causes.map((cause) => (cause instanceof Error ? cause.message : String(cause))).join('; ')}): run again, which finds out`;
