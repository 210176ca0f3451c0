// A folder of downloaded releases: what it may hold already, and how one more is put on record. What is damaged there, by
import { claimOf } from '../release/manifest.ts';
// a loss of power or otherwise, is no reason to refuse: it is written anew. The manifest comes after all files, the list
// and the claim after the manifest (a manifest without a claim is a part, which prune leaves alone), the pointer last.

import { pointerTo, readCurrent } from '../catalogue/pointer.ts';
import { addToList, readReleases } from '../catalogue/release-list.ts';
import { jsonBytes } from '../release/digest.ts';
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
import { type Claim, type Manifest, nullIfDamaged, readClaim, readManifest } from '../release/manifest.ts';
import { identityDifference } from '../release/terms.ts';
import type { Store } from '../store/store.ts';
import { DownloadError, type FoundRelease } from './find-release.ts';

/**
 * A folder that is published into, or holds another dataset or another release of this id, is left alone.
 * @throws {DownloadError} that says so; {StoreError}
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

/** A release is told from another one of its id by its claim, of which the manifest has a copy. */
async function holdsOtherRelease(target: Store, manifest: Manifest): Promise<boolean> {
  const { release } = manifest;
  const local = (await readLocalManifest(target, release))?.manifest;
  const claims = [local && claimOf(local), await readLocalClaim(target, release)].filter(
    (one) => one != null,
  );
  return claims.length > 0 && !claims.some((claim) => isSame(claim, claimOf(manifest)));
}

const isSame = (one: Claim, other: Claim): boolean => Buffer.from(jsonBytes(one)).equals(jsonBytes(other));

/** The manifest that lies there with its bytes; null if there is none that can be read. */
async function readLocalManifest(
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

async function readLocalClaim(target: Store, release: string): Promise<Claim | null> {
  const key = releaseKey(release, CLAIM);
  const found = await target.get(key);
  return found && nullIfDamaged(Promise.resolve().then(() => readClaim(key, found.body)));
}

/** The manifest of the current release or, where that cannot be read, of any other. */
async function readLocalIdentity(target: Store): Promise<Manifest | null> {
  const current = await nullIfDamaged(readCurrent(target));
  if (current?.manifest) return current.manifest;
  for (const release of await listReleaseIds(target)) {
    const local = await readLocalManifest(target, release);
    if (local) return local.manifest;
  }
  return null;
}

const listReleaseIds = async (target: Store): Promise<string[]> =>
  (await target.listFolders(RELEASES_FOLDER)).filter((name) => RELEASE_ID.test(name));

/** Writes what says that the files are there: the manifest and, if all of them are, list, claim and pointer. */
export async function recordDownload(
  target: Store,
  offer: FoundRelease,
  { whole }: { whole: boolean },
): Promise<void> {
  const { manifest, manifestBytes, pointer } = offer;
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

/** Lists what was downloaded before, if there is no list that can be read: whoever prunes goes by it. */
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
