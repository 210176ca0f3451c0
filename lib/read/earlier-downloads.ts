// Files that earlier downloads in the folder have already. A country whose rows did not change has the same bytes in
// the next release, so its files need not be fetched again. Manifests are only hints here: a partial download does not
// have all listed files, and a file may be damaged since. So every file is read and hashed before it is taken.
import { compareReleases, releaseKey } from '../release/layout.ts';
import type { ManifestFile } from '../release/manifest.ts';
import { findManifestProblems } from '../release/manifest-problems.ts';
import { type Store, StoreError } from '../store/store.ts';
import { listReleaseIds, readIntactFile, readLocalManifest } from './local-copy.ts';

/** Releases to look at, newest first: each takes some milliseconds, and nearly all files are in the newest. */
const MAX_RELEASES = 30;

/** Where earlier downloads may have a file, by its SHA-256. The newest release comes first. */
export type EarlierFiles = ReadonlyMap<string, readonly EarlierFile[]>;

interface EarlierFile {
  readonly release: string;
  readonly path: string;
}

/** Finds the wanted files in the manifests of all other releases in the folder. Skips manifests that it cannot read. */
export async function findEarlierFiles(
  target: Store,
  { release, files }: { release: string; files: readonly ManifestFile[] },
): Promise<EarlierFiles> {
  const wanted = new Set(files.map(({ sha256 }) => sha256));
  const found = new Map<string, EarlierFile[]>();
  const others = (await listReleaseIds(target)).filter((id) => id !== release);
  for (const other of others.sort((a, b) => compareReleases(b, a)).slice(0, MAX_RELEASES))
    for (const { path, sha256 } of await listedFiles(target, other))
      if (wanted.has(sha256)) found.set(sha256, [...(found.get(sha256) ?? []), { release: other, path }]);
  return found;
}

/** The files that a release's manifest lists; none if the manifest is missing, damaged or not of this release. */
async function listedFiles(target: Store, release: string): Promise<readonly ManifestFile[]> {
  const local = await nullIfUnreadable(readLocalManifest(target, release));
  return local && findManifestProblems(local.manifest, release).length === 0 ? local.manifest.files : [];
}

/** Takes a file from an earlier download, and says whether one has it with the right bytes. */
export async function takeEarlierFile(
  target: Store,
  { release, entry, earlier }: { release: string; entry: ManifestFile; earlier: EarlierFiles },
): Promise<boolean> {
  for (const found of earlier.get(entry.sha256) ?? []) {
    const body = await nullIfUnreadable(
      readIntactFile(target, found.release, { ...entry, path: found.path }),
    );
    if (body === null) continue;
    const sameAs = releaseKey(found.release, found.path);
    await target.put(releaseKey(release, entry.path), body, 'anything', sameAs);
    return true;
  }
  return false;
}

/** Resolves to null if the store cannot read: the file is fetched then. */
async function nullIfUnreadable<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof StoreError) return null;
    throw error;
  }
}
