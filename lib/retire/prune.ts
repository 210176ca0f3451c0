// Removes releases by the retention rule, and orphans. Planning changes nothing. `prune` writes `expires_at` into
// `releases.json`, then reads the pointer, then deletes. A withdrawal at the same time therefore sees the expiry in the
// list, or `prune` sees the pointer that it moved.
import { writeFeed } from '../catalogue/feed.ts';
import { writePage } from '../catalogue/page/write.ts';
import { readCurrentId, readReleaseManifest } from '../catalogue/pointer.ts';
import { checkPrefixState } from '../catalogue/prefix.ts';
import { readReleases, updateReleaseEntry } from '../catalogue/release-list.ts';
import {
  ASSETS_FOLDER,
  CHANGES_FOLDER,
  CHECKSUMS,
  CLAIM,
  MANIFEST,
  releaseFolder,
  releaseKey,
  WITHDRAWN,
} from '../release/layout.ts';
import { hasExpired } from '../release/release-list.ts';
import type { ObjectMetadata, Store } from '../store/store.ts';
import { deleteObjects, totalBytes } from './deletion.ts';
import { type Edge, forgetPaths, releasePaths } from './edge.ts';
import { findOldRuns, findUnpublishedReleases, type Orphan } from './orphans.ts';
import { deletePageFiles, findOldPageFiles } from './page-files.ts';
import { type RetentionRule, retainedReleases } from './retention.ts';

const MS_PER_DAY = 24 * 60 * 60 * 1000;

export interface PruneOptions extends RetentionRule {
  /** Days between the announcement of an expiry in `releases.json` and the deletion. */
  readonly notice: number;
  /** Days for which answers and staged files of a run are kept. */
  readonly keepRuns: number;
  readonly now: Date;
}

/** What `prune` needs to change files that readers see. */
interface ChangeOptions {
  /** The URL of the prefix for readers, for the links of the feed. */
  readonly publicUrl: string | null;
  /** The shared caches that must forget what is removed. */
  readonly edge?: Edge | null | undefined;
}

/** Files that are removed together. `name` is the id of a release or a run, or `assets/`. */
export interface Removal {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
}

/** A published release that the rule does not keep, and the time of its expiry. */
export type ExpiringRelease = Removal & { readonly expires_at: string };

export interface PruneResult {
  /** Expired releases: their data files are removed. */
  readonly releases: readonly ExpiringRelease[];
  /** Releases with an expiry in the future: nothing is removed yet. */
  readonly announced: readonly ExpiringRelease[];
  /** Releases that had an expiry, and that the rule now keeps. */
  readonly reprieved: readonly string[];
  /** Releases that no pointer ever named. */
  readonly unpublished: readonly Removal[];
  readonly runs: readonly Removal[];
  /** Page files that the page does not name any more. */
  readonly assets: readonly Removal[];
  /** What failed and is left to do, with its reason: the caches. The next prune repeats it. */
  readonly unfinished: readonly string[];
}

/** Lists what `prune` would remove. Changes nothing. @throws {DamagedFileError} if list or pointer is damaged; {StoreError} */
export async function planPrune(store: Store, options: PruneOptions): Promise<PruneResult> {
  const { now, notice, keepRuns: days } = options;
  const currentId = await readCurrentId(store);
  const listed = await readReleases(store);
  if (listed.length > 0) await checkPrefixState(store);
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
  const isExpired = ({ expires_at }: ExpiringRelease): boolean => hasExpired(expires_at, now);
  return {
    releases: expiring.filter((removal) => isExpired(removal) && removal.files > 0),
    announced: expiring.filter((removal) => !isExpired(removal)),
    reprieved: listed
      .filter(({ release, expires_at }) => expires_at !== null && kept.has(release))
      .map(({ release }) => release),
    unpublished: (await findUnpublishedReleases(store, { listed, currentId, now })).map(toRemoval),
    runs: (await findOldRuns(store, { days, now })).map(toRemoval),
    assets: toAssets(await findOldPageFiles(store, { listed, now })),
    unfinished: [],
  };
}

/**
 * Plans and removes; returns what was removed. If it is killed, the next prune finishes its work.
 * @throws as `planPrune`
 */
export async function prune(
  store: Store,
  { publicUrl, edge, ...options }: PruneOptions & ChangeOptions,
): Promise<PruneResult> {
  const { now, keepRuns: days } = options;
  const plan = await planPrune(store, options);
  // An empty store stays empty: the precondition check would create an object.
  if ((await store.listFolders('')).length > 0) await store.checkPreconditions();
  const setExpiry = async (release: string, expires_at: string | null): Promise<void> =>
    updateReleaseEntry(store, release, (entry) =>
      entry.status === 'withdrawn' || entry.expires_at === expires_at ? null : { ...entry, expires_at },
    );

  // Write every expiry into the list.
  for (const { name, expires_at } of [...plan.releases, ...plan.announced]) await setExpiry(name, expires_at);
  for (const release of plan.reprieved) await setExpiry(release, null);

  // Read the pointer now: after the expiry is written, no run moves it to these releases.
  const currentId = await readCurrentId(store);
  if (currentId !== null) await setExpiry(currentId, null);

  // Delete.
  const releases = plan.releases.filter(({ name }) => name !== currentId);
  const names = releases.map(({ name }) => name);
  const unfinished = [...(await deleteReleases(store, names, edge))];
  const listed = await readReleases(store);
  const [unpublished, runs] = [
    await findUnpublishedReleases(store, { listed, currentId, now }),
    await findOldRuns(store, { days, now }),
  ];
  for (const { objects } of [...unpublished, ...runs]) await deleteObjects(store, objects);

  // Rewrite feed and page. After that the page's old files can go.
  if (listed[0]) {
    const identity = await readReleaseManifest(store, listed[0].release);
    await writeFeed(store, { identity, publicUrl });
    await writePage(store, { identity, publicUrl });
  }
  const pageFiles = await findOldPageFiles(store, { listed, now });
  unfinished.push(...(await deletePageFiles(store, pageFiles, edge)));
  return {
    ...plan,
    releases,
    unpublished: unpublished.map(toRemoval),
    runs: runs.map(toRemoval),
    assets: toAssets(pageFiles),
    unfinished,
  };
}

/**
 * Deletes the data files of releases, then asks the caches to forget them. The checksums go last: while they are there,
 * the next prune repeats what failed or was killed.
 */
async function deleteReleases(
  store: Store,
  names: readonly string[],
  edge: Edge | null | undefined,
): Promise<readonly string[]> {
  const checksums: ObjectMetadata[] = [];
  for (const name of names) {
    const files = await listDataFiles(store, name);
    const isChecksums = ({ key }: ObjectMetadata): boolean => key === releaseKey(name, CHECKSUMS);
    await deleteObjects(
      store,
      files.filter((file) => !isChecksums(file)),
    );
    checksums.push(...files.filter(isChecksums));
  }
  const unfinished = await forgetPaths(edge, releasePaths(names));
  if (unfinished.length === 0) await deleteObjects(store, checksums);
  return unfinished;
}

const toAssets = (objects: readonly ObjectMetadata[]): Removal[] =>
  objects.length > 0 ? [toRemoval({ name: ASSETS_FOLDER, objects })] : [];

/** The objects of a published release that may be removed: all but claim, manifest, withdrawal and changes. */
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
