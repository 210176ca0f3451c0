// Tells whether a prefix without a pointer is new or damaged, for example by an incomplete restore or a deleted file. A
// new prefix may be published into. In a damaged one, a new release would hide the existing ones.
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

/** End of a message: how to repair a file that is built from the releases. */
export const REPAIR_HINT = '`dtm-exporter repair DEST` says what is wrong and mends it';

/** End of a message: what to do if such a file is missing. */
export const RESTORE_HINT = `wait until a restore or copy is complete, then ${REPAIR_HINT}`;

/** Checks that a prefix without a pointer is new. @throws {DamagedFileError} if it has releases */
export async function checkPrefixState(store: Store): Promise<void> {
  if (await store.head(LATEST)) return;
  const evidence = await findEvidence(store);
  // Another run may have published the first release between the two checks.
  if (evidence === null || (await store.head(LATEST))) return;
  throw new DamagedFileError(
    LATEST,
    `it is missing, though ${evidence}: this prefix is not new; ${RESTORE_HINT}`,
  );
}

/** A sign that releases were published into a prefix without a pointer, as part of a message; null if there is none. */
async function findEvidence(store: Store): Promise<string | null> {
  const listed = await nullIfDamaged(readReleases(store));
  if (listed === null) return `${RELEASES} is there, and damaged`;
  if (listed[0]) return `${RELEASES} lists ${listed[0].release}`;
  const folders = (await store.listFolders(RELEASES_FOLDER)).filter((name) => RELEASE_ID.test(name));
  for (const release of folders)
    if (await isPublished(store, release)) return `there is a release ${release}`;
  return null;
}

/**
 * True for a release with a manifest. False for a first release if its run stopped before it moved the pointer: its plan
 * is still there.
 */
async function isPublished(store: Store, release: string): Promise<boolean> {
  if (!(await store.head(releaseKey(release, MANIFEST)))) return false;
  const key = releaseKey(release, CLAIM);
  const found = await store.get(key);
  if (!found) return true;
  const { run, supersedes } = readClaim(key, found.body);
  return supersedes !== null || !(await store.head(planKey(run)));
}

/** The message for a location without a pointer. It requests single files only, because a web server lists none. */
export async function nothingPublishedMessage(store: Store): Promise<string> {
  const exists = (key: string): Promise<boolean> =>
    store.head(key).then(
      (head) => head !== null,
      () => false,
    );
  return !(await exists(LATEST)) && (await exists(RELEASES))
    ? `${store.location}: ${LATEST} is missing, though ${RELEASES} is there: ${RESTORE_HINT}`
    : `${store.location}: no release is published here${isFile(store.location) ? `; give the address of the folder that has ${LATEST}` : ''}`;
}

/** True for the address of a file, such as that of the page in a browser. */
const isFile = (location: string): boolean => /\/[^/]+\.(html|json)$/.test(location);
