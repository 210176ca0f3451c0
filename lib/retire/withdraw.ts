// Taking a release back. `withdrawn.json` is the decision: created once, and from then on the release counts as gone
import type { ReleaseEntry } from '../release/release-list.ts';
// whatever happens. The rest follows in an order that misleads nobody: the list says it, the pointer moves, the data
// files go, the feed says it. Each step looks for what is left to do, so a withdrawal that was killed anywhere is
// finished by the next one.

import { type Announcer, announceWithdrawal } from '../catalogue/announce.ts';
import { writeFeed } from '../catalogue/feed.ts';
import { CHART_SCRIPT, pageFiles } from '../catalogue/page/asset-references.ts';
import { type PageOptions, writePage } from '../catalogue/page/write.ts';
import { movePointer, pointerTo, readCurrent, readReleaseManifest } from '../catalogue/pointer.ts';
import { addToList, readReleases, updateReleaseEntry } from '../catalogue/release-list.ts';
import { readWithdrawal } from '../catalogue/repair/survey.ts';
import { jsonBytes, sha256 } from '../release/digest.ts';
import {
  ASSETS_FOLDER,
  CLAIM,
  LATEST,
  MANIFEST,
  PAGE,
  releaseFolder,
  releaseKey,
  WITHDRAWN,
} from '../release/layout.ts';
import { DamagedFileError, type Pointer, readManifest, readPointer } from '../release/manifest.ts';
import { type Store, StoreConflictError } from '../store/store.ts';
import { deleteObjects, isExpiringSoon } from './deletion.ts';

/** How a withdrawal ended; what is said of an earlier one is what was said then. */
export interface WithdrawalResult {
  readonly release: string;
  readonly reason: string;
  readonly date: string;
  /** It had been withdrawn before. */
  readonly already: boolean;
  /** How many files were deleted now. */
  readonly removed: number;
  /** The current release from now on, null if none is left. */
  readonly current: string | null;
}

export interface WithdrawOptions {
  readonly reason: string;
  readonly now: Date;
  /** Where readers reach the prefix, for the feed's links. */
  readonly publicUrl: string | null;
  readonly announcer: Announcer | null;
}

/** How often the pointer is read again because another run moved it. */
const MAX_ATTEMPTS = 20;

/** The record that stays. */
const RECORD_FILES = [CLAIM, MANIFEST, WITHDRAWN];

/**
 * Withdraws a release, or finishes a withdrawal; null if no such release was ever published.
 * @throws {DamagedFileError} if what the list, the pointer or the record say cannot be read; {StoreError}
 */
export async function withdrawRelease(
  store: Store,
  release: string,
  { reason, now, publicUrl, announcer }: WithdrawOptions,
): Promise<WithdrawalResult | null> {
  if (!(await isPublished(store, release))) return null;
  await store.checkPreconditions();
  const { said, already } = await createWithdrawal(store, release, { reason, date: now.toISOString() });
  await updateReleaseEntry(store, release, (entry) =>
    entry.status === 'withdrawn' ? null : { ...entry, status: 'withdrawn', withdrawn: said },
  );
  const current = await repointIfGone(store, now);
  const files = await store.list(releaseFolder(release));
  const removable = files.filter(
    ({ key }) => !RECORD_FILES.some((path) => key === releaseKey(release, path)),
  );
  await deleteObjects(store, removable);
  await store.sync(releaseFolder(release));
  const manifest = await readReleaseManifest(store, release);
  await writeFeed(store, { identity: manifest, publicUrl });
  await rewritePage(store, { identity: manifest, publicUrl });
  await announceWithdrawal({ store, publicUrl, announcer }, manifest);
  return { release, ...said, already, removed: removable.length, current };
}

/** Makes the page anew, and removes the pictures that it does not name: they may hold figures of the release. */
async function rewritePage(store: Store, options: PageOptions): Promise<void> {
  await writePage(store, options);
  const page = await store.get(PAGE);
  const named = new Set(page ? pageFiles(page.body) : []);
  const pictures = (await store.list(ASSETS_FOLDER)).filter(({ key }) => CHART_SCRIPT.test(key));
  await deleteObjects(
    store,
    pictures.filter(({ key }) => !named.has(key)),
  );
}

/** Whether the release is listed; one that the pointer names and a killed run did not list is listed now. */
async function isPublished(store: Store, release: string): Promise<boolean> {
  const listed = await readReleases(store);
  if (listed.some((entry) => entry.release === release)) return true;
  const { manifest, pointer } = await readCurrent(store);
  if (!manifest || !pointer || pointer.release !== release) return false;
  await addToList(store, manifest, pointer);
  return true;
}

type Withdrawal = Pick<WithdrawalResult, 'reason' | 'date'>;

/** Creates `withdrawn.json`, or reads the one that is there. */
async function createWithdrawal(
  store: Store,
  release: string,
  withdrawal: Withdrawal,
): Promise<{ said: Withdrawal; already: boolean }> {
  const key = releaseKey(release, WITHDRAWN);
  try {
    await store.put(key, jsonBytes(withdrawal), 'absent');
    await store.sync(key);
    return { said: withdrawal, already: false };
  } catch (error) {
    if (!(error instanceof StoreConflictError)) throw error;
  }
  const earlier = await readWithdrawal(store, release);
  if (!earlier) throw new DamagedFileError(key, 'it was there and is gone');
  return { said: earlier, already: true };
}

/**
 * Moves the pointer to the newest release that remains, or to none, if the one that it names is gone; returns the
 * current release. It looks again after every move: its target may have been withdrawn or pruned meanwhile.
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

/** A release that is not listed yet was just published. */
async function isGone(
  store: Store,
  { release, listed, now }: { release: string; listed: readonly ReleaseEntry[]; now: Date },
): Promise<boolean> {
  const entry = listed.find((one) => one.release === release);
  if (entry && isExpiringSoon(entry, now)) return true;
  return (await store.head(releaseKey(release, WITHDRAWN))) !== null;
}

/** The pointer to the newest release that is neither withdrawn nor about to expire, and whose manifest is its own. */
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
