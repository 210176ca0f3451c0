// Finds what runs leave behind: releases that no pointer ever named, old answers and staged files. The age of a folder is that of its newest object, so a run that was just resumed is not removed.
import {
  CLAIM,
  MANIFEST,
  RELEASE_ID,
  RELEASES_FOLDER,
  RUN_ID,
  RUNS_FOLDER,
  releaseFolder,
  releaseKey,
  runFolder,
  WITHDRAWN,
} from '../release/layout.ts';
import { readClaim } from '../release/manifest.ts';
import type { ReleaseEntry } from '../release/release-list.ts';
import type { ObjectMetadata, Store } from '../store/store.ts';

const MS_PER_DAY = 24 * 60 * 60 * 1000;

/** Days after which an unpublished release counts as an orphan. */
const ORPHAN_AFTER_DAYS = 7;

/** A folder that may be removed, with all its objects. */
export interface Orphan {
  readonly name: string;
  readonly objects: readonly ObjectMetadata[];
}

/** Lists a folder. Null if any of its objects is younger than `days`. */
async function listIfOld(
  store: Store,
  folder: string,
  { days, now }: { days: number; now: Date },
): Promise<ObjectMetadata[] | null> {
  const entries = await store.list(folder);
  const newest = Math.max(...entries.map(({ modified }) => modified.getTime()));
  return newest > now.getTime() - days * MS_PER_DAY ? null : entries;
}

/**
 * Finds releases that no pointer ever named: not listed, not current, not superseded by another, and not published by
 * `countsAsPublished`. All checks but the first work without `releases.json`, so a lost list never causes the removal
 * of a published release.
 */
export async function findUnpublishedReleases(
  store: Store,
  { listed, currentId, now }: { listed: readonly ReleaseEntry[]; currentId: string | null; now: Date },
): Promise<Orphan[]> {
  const ids = new Set(listed.map(({ release }) => release));
  const folders = (await store.listFolders(RELEASES_FOLDER)).filter((name) => RELEASE_ID.test(name));
  const unlisted = folders.filter((name) => !ids.has(name));
  const superseded = await Promise.all(unlisted.map((name) => readSupersedes(store, name)));
  const published = new Set([currentId, ...superseded, ...listed.map(({ supersedes }) => supersedes)]);
  const orphanIds: string[] = [];
  for (const name of unlisted.filter((one) => !published.has(one)))
    if (!(await countsAsPublished(store, name, { hasList: listed.length > 0 }))) orphanIds.push(name);
  return collectOrphans(store, orphanIds, { folderOf: releaseFolder, days: ORPHAN_AFTER_DAYS, now });
}

/**
 * Whether an unlisted release counts as published. It does if it was withdrawn, or if it has a manifest and either no
 * list exists or the claim is missing. Only a partial download has no claim. A release with manifest and claim that an
 * existing list does not name has lost a race for the pointer.
 */
async function countsAsPublished(
  store: Store,
  release: string,
  { hasList }: { hasList: boolean },
): Promise<boolean> {
  const has = async (path: string): Promise<boolean> =>
    (await store.head(releaseKey(release, path))) !== null;
  if (await has(WITHDRAWN)) return true;
  return (await has(MANIFEST)) && (!hasList || !(await has(CLAIM)));
}

/** The release that a claim supersedes. It was current when the claim was made, so it was published. */
async function readSupersedes(store: Store, release: string): Promise<string | null> {
  const key = releaseKey(release, CLAIM);
  const found = await store.get(key);
  return found ? readClaim(key, found.body).supersedes : null;
}

/** Finds runs whose newest object is older than `days`. Other folders below `runs/` are never removed. */
export async function findOldRuns(
  store: Store,
  { days, now }: { days: number; now: Date },
): Promise<Orphan[]> {
  const runs = (await store.listFolders(RUNS_FOLDER)).filter((name) => RUN_ID.test(name));
  return collectOrphans(store, runs, { folderOf: runFolder, days, now });
}

/** Collects the old folders among `names`. An id begins with its date, so the folder of a young id is not even listed. */
async function collectOrphans(
  store: Store,
  names: readonly string[],
  { folderOf, days, now }: { folderOf: (name: string) => string; days: number; now: Date },
): Promise<Orphan[]> {
  const found: Orphan[] = [];
  const cutoffDay = new Date(now.getTime() - days * MS_PER_DAY).toISOString().slice(0, 10);
  for (const name of names) {
    const entries =
      name.slice(0, 10) > cutoffDay ? null : await listIfOld(store, folderOf(name), { days, now });
    if (entries) found.push({ name, objects: entries });
  }
  return found;
}
