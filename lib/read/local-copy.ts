// A folder of downloaded releases: checks and reads what it holds, and records one more release. Damaged files in the folder are
// written again; they never stop a download. The order is: files, manifest, list, claim, pointer. A manifest without a
// claim marks a partial download, which `prune` does not remove.

import { readListedFile } from '../catalogue/bounded-read.ts';
import { pointerTo, readCurrent } from '../catalogue/pointer.ts';
import { addToList, readReleases } from '../catalogue/release-list.ts';
import { jsonBytes, sha256 } from '../release/digest.ts';
import {
  CLAIM,
  LATEST,
  MANIFEST,
  RELEASE_ID,
  RELEASES,
  RELEASES_FOLDER,
  RUNS_FOLDER,
  releaseFolder,
  releaseKey,
  WITHDRAWN,
} from '../release/layout.ts';
import {
  type Claim,
  claimOf,
  type Manifest,
  type ManifestFile,
  nullIfDamaged,
  readClaim,
  readManifest,
} from '../release/manifest.ts';
import { identityDifference } from '../release/terms.ts';
import type { Store } from '../store/store.ts';
import { DownloadError, type FoundRelease } from './find-release.ts';

/**
 * Checks that a release can be downloaded into a folder.
 * @throws {DownloadError} if `export` publishes into it, or it holds another dataset or another release of this id;
 * {StoreError}
 */
export async function checkDownloadFolder(target: Store, { manifest }: FoundRelease): Promise<void> {
  const { release } = manifest;
  const refuse = (why: string): never => {
    throw new DownloadError(`${target.location}: ${why}; download into another folder`);
  };
  if ((await target.listFolders('')).includes(RUNS_FOLDER.slice(0, -1)))
    refuse('is published into by export');
  if (await target.head(releaseKey(release, WITHDRAWN))) refuse(`holds release ${release} as withdrawn`);
  if (await holdsOtherRelease(target, manifest)) refuse(`holds another release ${release}`);
  const local = await readLocalIdentity(target);
  const difference = local && identityDifference(local, manifest);
  if (difference) refuse(`holds another dataset (${difference.split(';')[0]})`);
}

/** Whether the folder holds another release of the same id: its claim, or the copy of it in its manifest, differs. */
async function holdsOtherRelease(target: Store, manifest: Manifest): Promise<boolean> {
  const { release } = manifest;
  const local = (await readLocalManifest(target, release))?.manifest;
  const claims = [local && claimOf(local), await readLocalClaim(target, release)].filter(
    (one) => one != null,
  );
  return claims.length > 0 && !claims.some((claim) => isSame(claim, claimOf(manifest)));
}

const isSame = (claim: Claim, other: Claim): boolean =>
  Buffer.from(jsonBytes(claim)).equals(jsonBytes(other));

/** Reads a manifest in the folder, with its bytes. Null if it is missing or damaged. */
export async function readLocalManifest(
  target: Store,
  release: string,
): Promise<{ manifest: Manifest; bytes: Uint8Array } | null> {
  const key = releaseKey(release, MANIFEST);
  const found = await target.get(key);
  return (
    found &&
    nullIfDamaged(
      Promise.resolve().then(() => ({ manifest: readManifest(key, found.body), bytes: found.body })),
    )
  );
}

/** Reads a file of a release in the folder. Null if it is missing, or its size or SHA-256 is not the listed one. */
export async function readIntactFile(
  target: Store,
  release: string,
  entry: Pick<ManifestFile, 'path' | 'bytes' | 'sha256'>,
): Promise<Uint8Array | null> {
  const body = await readListedFile(target, release, entry);
  return body?.length === entry.bytes && sha256(body) === entry.sha256 ? body : null;
}

async function readLocalClaim(target: Store, release: string): Promise<Claim | null> {
  const key = releaseKey(release, CLAIM);
  const found = await target.get(key);
  return found && nullIfDamaged(Promise.resolve().then(() => readClaim(key, found.body)));
}

/** Reads the manifest of the current release or, if that is damaged, of any other. */
async function readLocalIdentity(target: Store): Promise<Manifest | null> {
  const current = await nullIfDamaged(readCurrent(target));
  if (current?.manifest) return current.manifest;
  for (const release of await listReleaseIds(target)) {
    const local = await readLocalManifest(target, release);
    if (local) return local.manifest;
  }
  return null;
}

/** Lists the ids of all releases in the folder, whole or not. */
export const listReleaseIds = async (target: Store): Promise<string[]> =>
  (await target.listFolders(RELEASES_FOLDER)).filter((name) => RELEASE_ID.test(name));

/** Records a download: writes the manifest and, for a whole release, the list, the claim and the pointer. */
export async function recordDownload(
  target: Store,
  { manifest, manifestBytes, pointer }: FoundRelease,
  { whole }: { whole: boolean },
): Promise<void> {
  const { release } = manifest;
  await target.sync(releaseFolder(release));
  await target.put(releaseKey(release, MANIFEST), manifestBytes, 'anything');
  if (whole) {
    await listEarlierDownloads(target, release);
    await addToList(target, manifest, pointer);
    await target.put(releaseKey(release, CLAIM), jsonBytes(claimOf(manifest)), 'anything');
  }
  await target.sync(releaseKey(release, MANIFEST));
  if (!whole) return;
  await target.put(LATEST, jsonBytes(pointer), 'anything');
  await target.sync(LATEST);
}

/** Lists the releases downloaded before if the list is missing or damaged: `prune` needs it. */
async function listEarlierDownloads(target: Store, except: string): Promise<void> {
  const listed = await nullIfDamaged(readReleases(target));
  if (listed && listed.length > 0) return;
  if (listed === null) await target.delete(RELEASES);
  for (const release of await listReleaseIds(target)) {
    const local = release === except ? null : await readLocalManifest(target, release);
    const claim = local && (await readLocalClaim(target, release));
    if (!local || !claim || (await target.head(releaseKey(release, WITHDRAWN)))) continue;
    await addToList(
      target,
      local.manifest,
      pointerTo(local.manifest, local.bytes, new Date(local.manifest.created_at)),
    );
  }
}
