// What runs leave behind: releases that no pointer ever named, and the answers and staged files of runs long past.
import type { ReleaseEntry } from '../release/release-list.ts';
// Age is that of the newest object, so that a run that was just resumed is not taken for one that was given up.

import { pageFiles } from '../catalogue/page/asset-references.ts';

import {
  ASSETS_FOLDER,
  CLAIM,
  MANIFEST,
  PAGE,
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
import type { ObjectMetadata, Store } from '../store/store.ts';

const MS_PER_DAY = 24 * 60 * 60 * 1000;

/** Days after which a release that was never published counts as given up. */
const ORPHAN_AFTER_DAYS = 7;

/** A folder that may go, and all that lies below it. */
export interface Orphan {
  readonly name: string;
  readonly objects: readonly ObjectMetadata[];
}

/** What lies below a folder, or null if any of it is younger than so many days. */
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
 * Releases that no pointer ever named: neither listed, nor the current one, nor superseded by any other, nor on record
 * as `isOnRecord` says. What needs no list holds also where that was lost, so that losing it costs no published release.
 */
export async function findUnpublishedReleases(
  store: Store,
  { listed, pointed: currentId, now }: { listed: readonly ReleaseEntry[]; pointed: string | null; now: Date },
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
 * Whether a release that is not listed counts as published: it was withdrawn; or it is whole by its manifest and there
 * is no list at all, or it has no claim, which only a downloaded part is without. A whole release beside a list that does
 * not name it has lost a race for the pointer.
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

/** The release on top of which a claim was made, which therefore was current once. */
async function readSupersedes(store: Store, release: string): Promise<string | null> {
  const key = releaseKey(release, CLAIM);
  const found = await store.get(key);
  return found ? readClaim(key, found.body).supersedes : null;
}

/** Runs of which nothing is younger than so many days; what is no run's folder is nobody's to remove. */
export async function findOldRuns(
  store: Store,
  { days, now }: { days: number; now: Date },
): Promise<Orphan[]> {
  const runs = (await store.listFolders(RUNS_FOLDER)).filter((name) => RUN_ID.test(name));
  return collectOrphans(store, runs, { folderOf: runFolder, days, now });
}

/**
 * Files of the page that it does not name any more, a week old: a page that somebody has kept open still finds them
 * until then. Null where there is no page to go by.
 */
export async function findOldAssets(store: Store, now: Date): Promise<Orphan | null> {
  const page = await store.get(PAGE);
  if (!page) return null;
  const named = new Set(pageFiles(page.body));
  const cutoff = now.getTime() - ORPHAN_AFTER_DAYS * MS_PER_DAY;
  const entries = (await store.list(ASSETS_FOLDER)).filter(
    ({ key, modified }) => !named.has(key) && modified.getTime() < cutoff,
  );
  return entries.length > 0 ? { name: ASSETS_FOLDER, objects: entries } : null;
}

/** Release and run ids begin with a date: what is young by it is not listed at all. */
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
