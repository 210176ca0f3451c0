// Removing what the retention rule lets go. Planning changes nothing. Applying writes each `expires_at` into
import { hasExpired } from '../release/release-list.ts';
// `releases.json` before it looks where the pointer is and deletes, so that a withdrawal at the same time either finds
// the release expired or has moved the pointer to it already.

import { writeFeed } from '../catalogue/feed.ts';
import { writePage } from '../catalogue/page/write.ts';
import { pointedRelease, readRecord } from '../catalogue/pointer.ts';
import { refuseDamagedPrefix } from '../catalogue/prefix.ts';
import { readReleases, updateRelease } from '../catalogue/release-list.ts';
import { CHANGES_FOLDER, CLAIM, MANIFEST, releaseFolder, releaseKey, WITHDRAWN } from '../release/layout.ts';
import type { Entry, Store } from '../store/store.ts';
import { bytesOf, removeObjects } from './deletion.ts';
import { type Abandoned, oldAssets, oldRuns, unpublishedReleases } from './orphans.ts';
import { keptReleases, type RetentionRule } from './retention.ts';

const DAY = 24 * 60 * 60 * 1000;

export interface PruneOptions extends RetentionRule {
  /** Days between saying in `releases.json` that a release goes and removing its files. */
  readonly notice: number;
  /** Days for which a run's answers and staged files are kept. */
  readonly keepRuns: number;
  readonly now: Date;
}

/** Files that go together; `name` is a release's or a run's id. */
export interface Going {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
}

/** A published release that the rule lets go, and when. */
export type Expiring = Going & { readonly expires_at: string };

export interface Pruned {
  /** Releases whose time is over. */
  readonly releases: readonly Expiring[];
  /** Releases whose time is set but not over: nothing of them goes yet. */
  readonly announced: readonly Expiring[];
  /** Releases whose time was set, and that the rule keeps now. */
  readonly reprieved: readonly string[];
  /** Releases that no pointer ever named. */
  readonly unpublished: readonly Going[];
  readonly runs: readonly Going[];
  /** Files of the page that it does not name any more. */
  readonly assets: readonly Going[];
}

/** What would go, and nothing is changed. @throws {DamagedFileError} if the list or the pointer is; {StoreError} */
export async function planPrune(store: Store, options: PruneOptions): Promise<Pruned> {
  const { now, notice, keepRuns: days } = options;
  const pointed = await pointedRelease(store);
  const listed = await readReleases(store);
  if (listed.length > 0) await refuseDamagedPrefix(store);
  const kept = keptReleases(listed, options, now).add(pointed ?? '');
  const expiring: Expiring[] = [];
  for (const { release, status, expires_at } of listed) {
    if (status === 'withdrawn' || kept.has(release)) continue;
    const expires = expires_at ?? new Date(now.getTime() + notice * DAY).toISOString();
    expiring.push({
      ...goingOf({ name: release, entries: await dataOf(store, release) }),
      expires_at: expires,
    });
  }
  const isOver = ({ expires_at }: Expiring): boolean => hasExpired(expires_at, now);
  return {
    releases: expiring.filter((one) => isOver(one) && one.files > 0),
    announced: expiring.filter((one) => !isOver(one)),
    reprieved: listed
      .filter(({ release, expires_at }) => expires_at !== null && kept.has(release))
      .map(({ release }) => release),
    unpublished: (await unpublishedReleases(store, { listed, pointed, now })).map(goingOf),
    runs: (await oldRuns(store, { days, now })).map(goingOf),
    assets: (await assetsOf(store, now)).map(goingOf),
  };
}

/**
 * Plans, and does it; returns what went. One that was killed is finished by the next.
 * @throws as `planPrune`
 */
export async function prune(
  store: Store,
  { publicUrl, ...options }: PruneOptions & { publicUrl: string | null },
): Promise<Pruned> {
  const { now, keepRuns: days } = options;
  const plan = await planPrune(store, options);
  // Where nothing lies nothing is made.
  if ((await store.folders('')).length > 0) await store.checkPromises();
  const setTimes = async (release: string, expires_at: string | null): Promise<void> =>
    updateRelease(store, release, (entry) =>
      entry.status === 'withdrawn' || entry.expires_at === expires_at ? null : { ...entry, expires_at },
    );
  for (const { name, expires_at } of [...plan.releases, ...plan.announced]) await setTimes(name, expires_at);
  for (const release of plan.reprieved) await setTimes(release, null);
  // Only now: from here on nobody moves the pointer to what goes.
  const pointed = await pointedRelease(store);
  if (pointed !== null) await setTimes(pointed, null);
  const releases = plan.releases.filter(({ name }) => name !== pointed);
  for (const { name } of releases) await removeObjects(store, await dataOf(store, name));
  const listed = await readReleases(store);
  const [unpublished, runs] = [
    await unpublishedReleases(store, { listed, pointed, now }),
    await oldRuns(store, { days, now }),
  ];
  for (const one of [...unpublished, ...runs]) await removeObjects(store, one.entries);
  if (listed[0]) {
    const identity = await readRecord(store, listed[0].release);
    await writeFeed(store, { identity, publicUrl });
    await writePage(store, { identity, publicUrl });
  }
  const assets = await assetsOf(store, now);
  for (const { entries } of assets) await removeObjects(store, entries);
  return {
    ...plan,
    releases,
    unpublished: unpublished.map(goingOf),
    runs: runs.map(goingOf),
    assets: assets.map(goingOf),
  };
}

const assetsOf = async (store: Store, now: Date): Promise<Abandoned[]> => {
  const found = await oldAssets(store, now);
  return found ? [found] : [];
};

/** What of a published release may go: all but its record and what it changed. */
async function dataOf(store: Store, release: string): Promise<Entry[]> {
  const record = [CLAIM, MANIFEST, WITHDRAWN].map((path) => releaseKey(release, path));
  const changes = releaseKey(release, CHANGES_FOLDER);
  const entries = await store.list(releaseFolder(release));
  return entries.filter(({ key }) => !record.includes(key) && !key.startsWith(changes));
}

const goingOf = ({ name, entries }: Abandoned): Going => ({
  name,
  files: entries.length,
  bytes: bytesOf(entries),
});
