// Whether a prefix without a pointer is new, or damaged: a restore or a copy that is not complete, a file that was deleted.
// A new one may be published into; in a damaged one a release would hide those that are there.

import {
  CLAIM,
  LATEST,
  MANIFEST,
  planKey,
  RELEASE_ID,
  RELEASES,
  RELEASES_FOLDER,
  releaseKey,
} from '../release/layout.ts';
import { DamagedFileError, nullIfDamaged, readClaim } from '../release/manifest.ts';
import type { Store } from '../store/store.ts';
import { readReleases } from './release-list.ts';

/** What mends a file that is made from the releases. */
export const REPAIR_HINT = '`dtm-exporter repair DEST` says what is wrong and mends it';

/** What to do where such a file is missing. */
export const RESTORE_HINT = `wait until a restore or copy is complete, then ${REPAIR_HINT}`;

/** @throws {DamagedFileError} if the pointer is missing though releases are there */
export async function refuseDamagedPrefix(store: Store): Promise<void> {
  if (await store.head(LATEST)) return;
  const evidence = await findEvidence(store);
  // Another run may have published its first release between the two looks.
  if (evidence === null || (await store.head(LATEST))) return;
  throw new DamagedFileError(
    LATEST,
    `it is missing, though ${evidence}: this prefix is not new; ${RESTORE_HINT}`,
  );
}

/** What says that releases were published where there is no pointer; null if nothing does. */
async function findEvidence(store: Store): Promise<string | null> {
  const listed = await nullIfDamaged(readReleases(store));
  if (listed === null) return `${RELEASES} is there, and damaged`;
  if (listed[0]) return `${RELEASES} lists ${listed[0].release}`;
  const folders = (await store.listFolders(RELEASES_FOLDER)).filter((name) => RELEASE_ID.test(name));
  for (const release of folders)
    if (await isPublished(store, release)) return `there is a release ${release}`;
  return null;
}

/** A whole release, unless it is a first one whose run was stopped before it could move the pointer. */
async function isPublished(store: Store, release: string): Promise<boolean> {
  if (!(await store.head(releaseKey(release, MANIFEST)))) return false;
  const key = releaseKey(release, CLAIM);
  const found = await store.get(key);
  if (!found) return true;
  const { run, supersedes } = readClaim(key, found.body);
  return supersedes !== null || !(await store.head(planKey(run)));
}

/** Why nothing can be read from a place without a pointer, in a sentence; a web address is asked for its list alone. */
export async function nothingPublishedMessage(store: Store): Promise<string> {
  const isThere = (key: string): Promise<boolean> =>
    store.head(key).then(
      (entry) => entry !== null,
      () => false,
    );
  return !(await isThere(LATEST)) && (await isThere(RELEASES))
    ? `${store.location}: ${LATEST} is missing, though ${RELEASES} is there: ${RESTORE_HINT}`
    : `${store.location}: no release is published here`;
}
