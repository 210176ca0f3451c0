// What is accepted of a manifest that somebody else wrote, and how much is read of what it lists: only paths of the
// layout, each once, and no more bytes than it says.
import { type Store, StoreError } from '../store/store.ts';
import { isReleasePath, MANIFEST, RELEASE_ID, releaseKey } from './layout.ts';
import { type Claim, DamagedFileError, type Manifest, type ManifestFile } from './manifest.ts';

/** More than any path of the layout has: what is shown of a longer one. */
const SHOWN = 120;

/** How many problems are told of one list. */
const TOLD = 20;

/** Why a manifest cannot be that of this release, in words; nothing that it lists may be read while there are any. */
export function listProblems({ release, files }: Manifest, expected: string): string[] {
  const problems =
    release === expected && RELEASE_ID.test(release)
      ? []
      : [`${MANIFEST}: expected release ${expected}, it says ${shown(release)}`];
  const seen = new Set<string>();
  for (const { path, bytes, sha256 } of files) {
    if (!isReleasePath(path))
      problems.push(`${MANIFEST}: lists ${shown(path)}, which is no path of a release`);
    else if (seen.has(path)) problems.push(`${MANIFEST}: lists ${path} twice`);
    else if (!Number.isSafeInteger(bytes) || bytes < 1)
      problems.push(`${MANIFEST}: lists ${path} with ${bytes} bytes`);
    else if (!/^[0-9a-f]{64}$/.test(sha256))
      problems.push(`${MANIFEST}: lists ${path} with the SHA-256 ${shown(sha256)}`);
    seen.add(path);
  }
  const more = problems.length - TOLD;
  return more > 0 ? [...problems.slice(0, TOLD), `${MANIFEST}: lists ${more} more that are wrong`] : problems;
}

/** Anybody's text, short enough for a line. */
export const shown = (text: string): string =>
  JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text);

/** A release's claim, which says nothing that its manifest does not say too. */
export const claimOf = ({ run, created_at, supersedes, generator }: Manifest): Claim => ({
  run,
  created_at,
  supersedes,
  generator,
});

/** A listed file's bytes, at most one more than its entry says, which shows that it is too long; null if missing. */
export async function readListed(
  store: Store,
  release: string,
  { path, bytes }: Pick<ManifestFile, 'path' | 'bytes'>,
): Promise<Uint8Array | null> {
  return (await getUpTo(store, releaseKey(release, path), bytes))?.body ?? null;
}

/** An object's bytes and etag, or null if there is none. @throws {DamagedFileError} if it is larger than `most` bytes */
export async function getAtMost(store: Store, key: string, most: number): ReturnType<Store['get']> {
  const found = await getUpTo(store, key, most);
  if (found && found.body.length > most)
    throw new DamagedFileError(key, `expected at most ${most} bytes, found more`);
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
