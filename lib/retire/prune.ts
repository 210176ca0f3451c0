// Removing what the retention rule lets go. Planning changes nothing. Applying writes each `expires_at` into
import { hasExpired } from '../release/release-list.ts';
// `releases.json` before it looks where the pointer is and deletes, so that a withdrawal at the same time either finds
// the release expired or has moved the pointer to it already.

import { writeFeed } from '../catalogue/feed.ts';
import { writePage } from '../catalogue/page/write.ts';
import { readCurrentId, readReleaseManifest } from '../catalogue/pointer.ts';
import { refuseDamagedPrefix } from '../catalogue/prefix.ts';
import { readReleases, updateReleaseEntry } from '../catalogue/release-list.ts';
import { CHANGES_FOLDER, CLAIM, MANIFEST, releaseFolder, releaseKey, WITHDRAWN } from '../release/layout.ts';
import type { ObjectMetadata, Store } from '../store/store.ts';
import { deleteObjects, totalBytes } from './deletion.ts';
import { findOldAssets, findOldRuns, findUnpublishedReleases, type Orphan } from './orphans.ts';
import { type RetentionRule, retainedReleases } from './retention.ts';

const MS_PER_DAY = 24 * 60 * 60 * 1000;

export interface PruneOptions extends RetentionRule {
  /** Days between saying in `releases.json` that a release goes and removing its files. */
  readonly notice: number;
  /** Days for which a run's answers and staged files are kept. */
  readonly keepRuns: number;
  readonly now: Date;
}

/** Files that go together; `name` is a release's or a run's id. */
export interface Removal {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
}

/** A published release that the rule lets go, and when. */
export type ExpiringRelease = Removal & { readonly expires_at: string };

export interface PruneResult {
  /** Releases whose time is over. */
  readonly releases: readonly ExpiringRelease[];
  /** Releases whose time is set but not over: nothing of them goes yet. */
  readonly announced: readonly ExpiringRelease[];
  /** Releases whose time was set, and that the rule keeps now. */
  readonly reprieved: readonly string[];
  /** Releases that no pointer ever named. */
  readonly unpublished: readonly Removal[];
  readonly runs: readonly Removal[];
  /** Files of the page that it does not name any more. */
  readonly assets: readonly Removal[];
}

/** What would go, and nothing is changed. @throws {DamagedFileError} if the list or the pointer is; {StoreError} */
export async function planPrune(store: Store, options: PruneOptions): Promise<PruneResult> {
  const { now, notice, keepRuns: days } = options;
  const currentId = await readCurrentId(store);
  const listed = await readReleases(store);
  if (listed.length > 0) await refuseDamagedPrefix(store);
  const kept = retainedReleases(listed, options, now).add(currentId ?? '');
  const expiring: ExpiringRelease[] = [];
  for (const { release, status, expires_at } of listed) {
    if (status === 'withdrawn' || kept.has(release)) continue;
    const expiresAt = expires_at ?? new Date(now.getTime() + notice * MS_PER_DAY).toISOString();
    expiring.push({
      ...toRemoval({ name: release, objects: await listDataFiles(store, release) }),
      expires_at: expiresAt,
    });
  }
  const isOver = ({ expires_at }: ExpiringRelease): boolean => hasExpired(expires_at, now);
  return {
    releases: expiring.filter((one) => isOver(one) && one.files > 0),
    announced: expiring.filter((one) => !isOver(one)),
    reprieved: listed
      .filter(({ release, expires_at }) => expires_at !== null && kept.has(release))
      .map(({ release }) => release),
    unpublished: (await findUnpublishedReleases(store, { listed, pointed: currentId, now })).map(toRemoval),
    runs: (await findOldRuns(store, { days, now })).map(toRemoval),
    assets: (await listOldAssets(store, now)).map(toRemoval),
  };
}

/**
 * Plans, and does it; returns what went. One that was killed is finished by the next.
 * @throws as `planPrune`
 */
export async function prune(
  store: Store,
  { publicUrl, ...options }: PruneOptions & { publicUrl: string | null },
): Promise<PruneResult> {
  const { now, keepRuns: days } = options;
  const plan = await planPrune(store, options);
  // Where nothing lies nothing is made.
  if ((await store.listFolders('')).length > 0) await store.checkPreconditions();
  const setExpiry = async (release: string, expires_at: string | null): Promise<void> =>
    updateReleaseEntry(store, release, (entry) =>
      entry.status === 'withdrawn' || entry.expires_at === expires_at ? null : { ...entry, expires_at },
    );
  for (const { name, expires_at } of [...plan.releases, ...plan.announced]) await setExpiry(name, expires_at);
  for (const release of plan.reprieved) await setExpiry(release, null);
  // Only now: from here on nobody moves the pointer to what goes.
  const currentId = await readCurrentId(store);
  if (currentId !== null) await setExpiry(currentId, null);
  const releases = plan.releases.filter(({ name }) => name !== currentId);
  for (const { name } of releases) await deleteObjects(store, await listDataFiles(store, name));
  const listed = await readReleases(store);
  const [unpublished, runs] = [
    await findUnpublishedReleases(store, { listed, pointed: currentId, now }),
    await findOldRuns(store, { days, now }),
  ];
  for (const one of [...unpublished, ...runs]) await deleteObjects(store, one.objects);
  if (listed[0]) {
    const identity = await readReleaseManifest(store, listed[0].release);
    await writeFeed(store, { identity, publicUrl });
    await writePage(store, { identity, publicUrl });
  }
  const assets = await listOldAssets(store, now);
  for (const { objects } of assets) await deleteObjects(store, objects);
  return {
    ...plan,
    releases,
    unpublished: unpublished.map(toRemoval),
    runs: runs.map(toRemoval),
    assets: assets.map(toRemoval),
  };
}

const listOldAssets = async (store: Store, now: Date): Promise<Orphan[]> => {
  const found = await findOldAssets(store, now);
  return found ? [found] : [];
};

/** What of a published release may go: all but its record and what it changed. */
async function listDataFiles(store: Store, release: string): Promise<ObjectMetadata[]> {
  const record = [CLAIM, MANIFEST, WITHDRAWN].map((path) => releaseKey(release, path));
  const changes = releaseKey(release, CHANGES_FOLDER);
  const entries = await store.list(releaseFolder(release));
  return entries.filter(({ key }) => !record.includes(key) && !key.startsWith(changes));
}

const toRemoval = ({ name, objects }: Orphan): Removal => ({
  name,
  files: objects.length,
  bytes: totalBytes(objects),
});
