// Withdraws a release. `withdrawn.json` is the decision: it is created once, and from then on the release counts as
// gone. The other steps follow in a safe order: update the list, move the pointer, delete the data files, empty the
// caches, write feed and page. Each step checks what is left to do, so the next withdrawal finishes one that was killed.
import { type Announcer, announceWithdrawal } from '../catalogue/announce.ts';
import { writeFeed } from '../catalogue/feed.ts';
import { writePage } from '../catalogue/page/write.ts';
import { movePointer, pointerTo, readCurrent, readReleaseManifest } from '../catalogue/pointer.ts';
import { addToList, readReleases, updateReleaseEntry } from '../catalogue/release-list.ts';
import { readWithdrawal } from '../catalogue/repair/survey.ts';
import { jsonBytes, sha256 } from '../release/digest.ts';
import { CLAIM, LATEST, MANIFEST, releaseFolder, releaseKey, WITHDRAWN } from '../release/layout.ts';
import { DamagedFileError, type Pointer, readManifest, readPointer } from '../release/manifest.ts';
import type { ReleaseEntry } from '../release/release-list.ts';
import { type Store, StoreConflictError } from '../store/store.ts';
import { deleteObjects, isExpiringSoon } from './deletion.ts';
import { type Edge, forgetPaths, PICTURE_PATHS, releasePaths } from './edge.ts';
import { deleteUnnamedPictures } from './page-files.ts';

/** Result of a withdrawal. If the release was withdrawn before, `reason` and `date` are those of the first withdrawal. */
export interface WithdrawalResult {
  readonly release: string;
  readonly reason: string;
  readonly date: string;
  /** Whether the release had been withdrawn before. */
  readonly already: boolean;
  /** Number of files that this withdrawal deleted. */
  readonly removed: number;
  /** The current release after the withdrawal; null if none is left. */
  readonly current: string | null;
  /** What failed and is left to do, with its reason: the caches. The same withdrawal repeats it. */
  readonly unfinished: readonly string[];
}

export interface WithdrawOptions {
  readonly reason: string;
  readonly now: Date;
  /** The URL of the prefix for readers, for the links of the feed. */
  readonly publicUrl: string | null;
  readonly announcer: Announcer | null;
  /** The shared caches that must forget the release. */
  readonly edge?: Edge | null | undefined;
}

/** Attempts to move the pointer. Another run may move it during each. */
const MAX_ATTEMPTS = 20;

/** The files of a withdrawn release that stay. */
const RECORD_FILES = [CLAIM, MANIFEST, WITHDRAWN];

/**
 * Withdraws a release, or finishes an earlier withdrawal. Null if the release was never published.
 * @throws {DamagedFileError} if list, pointer, manifest or `withdrawn.json` is damaged; {StoreError}
 */
export async function withdrawRelease(
  store: Store,
  release: string,
  { reason, now, publicUrl, announcer, edge }: WithdrawOptions,
): Promise<WithdrawalResult | null> {
  if (!(await isPublished(store, release))) return null;
  await store.checkPreconditions();
  const { withdrawal, already } = await createWithdrawal(store, release, { reason, date: now.toISOString() });
  await updateReleaseEntry(store, release, (entry) =>
    entry.status === 'withdrawn' ? null : { ...entry, status: 'withdrawn', withdrawn: withdrawal },
  );
  const current = await repointIfGone(store, now);
  const files = await store.list(releaseFolder(release));
  const removable = files.filter(
    ({ key }) => !RECORD_FILES.some((path) => key === releaseKey(release, path)),
  );
  await deleteObjects(store, removable);
  await store.sync(releaseFolder(release));
  // The caches come before feed and page, so that a failure there cannot keep the figures at the edge.
  const left = await forgetPaths(edge, releasePaths([release]));
  const manifest = await readReleaseManifest(store, release);
  await writeFeed(store, { identity: manifest, publicUrl });
  await writePage(store, { identity: manifest, publicUrl });
  // Chart scripts that the page does not name any more may hold figures of the release.
  await deleteUnnamedPictures(store);
  const unfinished = [...left, ...(await forgetPaths(edge, [PICTURE_PATHS]))];
  await announceWithdrawal({ store, publicUrl, announcer }, manifest);
  return { release, ...withdrawal, already, removed: removable.length, current, unfinished };
}

/** Whether the release is listed. Adds the current release to the list if a killed run did not list it. */
async function isPublished(store: Store, release: string): Promise<boolean> {
  const listed = await readReleases(store);
  if (listed.some((entry) => entry.release === release)) return true;
  const { manifest, pointer } = await readCurrent(store);
  if (!manifest || !pointer || pointer.release !== release) return false;
  await addToList(store, manifest, pointer);
  return true;
}

type Withdrawal = Pick<WithdrawalResult, 'reason' | 'date'>;

/** Creates `withdrawn.json`, or reads the existing one. */
async function createWithdrawal(
  store: Store,
  release: string,
  withdrawal: Withdrawal,
): Promise<{ withdrawal: Withdrawal; already: boolean }> {
  const key = releaseKey(release, WITHDRAWN);
  try {
    await store.put(key, jsonBytes(withdrawal), 'absent');
    await store.sync(key);
    return { withdrawal, already: false };
  } catch (error) {
    if (!(error instanceof StoreConflictError)) throw error;
  }
  const earlier = await readWithdrawal(store, release);
  if (!earlier) throw new DamagedFileError(key, 'it was there and is gone');
  return { withdrawal: earlier, already: true };
}

/**
 * If the current release is gone, moves the pointer to the newest remaining release, or to none. Returns the current
 * release. It checks again after every move, because the new release may have been withdrawn or pruned meanwhile.
 */
async function repointIfGone(store: Store, now: Date): Promise<string | null> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const found = await store.get(LATEST);
    const pointer = found && readPointer(LATEST, found.body);
    if (!found || !pointer || pointer.release === null) return null;
    const listed = await readReleases(store);
    if (!(await isGone(store, { release: pointer.release, listed, now }))) return pointer.release;
    const to = (await findReplacement(store, listed, now)) ?? emptyPointer(pointer, now);
    await movePointer(store, { etag: found.etag, pointer, manifest: null }, to);
  }
  throw new StoreConflictError(LATEST, 'to be moved by one run at a time');
}

/** Whether a release is withdrawn or about to expire. A release that is not listed yet was just published. */
async function isGone(
  store: Store,
  { release, listed, now }: { release: string; listed: readonly ReleaseEntry[]; now: Date },
): Promise<boolean> {
  const entry = listed.find((one) => one.release === release);
  if (entry && isExpiringSoon(entry, now)) return true;
  return (await store.head(releaseKey(release, WITHDRAWN))) !== null;
}

/** The pointer to the newest release that is not gone and whose manifest has the listed SHA-256. */
async function findReplacement(
  store: Store,
  listed: readonly ReleaseEntry[],
  now: Date,
): Promise<Pointer | null> {
  for (const { release, manifest_sha256, published_at } of listed) {
    if (await isGone(store, { release, listed, now })) continue;
    const found = await store.get(releaseKey(release, MANIFEST));
    if (!found || sha256(found.body) !== manifest_sha256) continue;
    const manifest = readManifest(releaseKey(release, MANIFEST), found.body);
    return { ...pointerTo(manifest, found.body, now), published_at };
  }
  return null;
}

const emptyPointer = ({ schema_version }: Pointer, now: Date): Pointer => ({
  release: null,
  manifest: null,
  manifest_sha256: null,
  published_at: now.toISOString(),
  schema_version,
  rows: {},
});
