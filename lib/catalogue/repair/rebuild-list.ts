// The list of releases, made again from the releases that lie there: those that the pointer's one stands on, and those
import { entryOf, type ReleaseEntry } from '../../release/release-list.ts';
// that were withdrawn. A whole release that none of them names has lost a race for the pointer, and was never published.

import { jsonBytes } from '../../release/digest.ts';
import { LATEST, RELEASES } from '../../release/layout.ts';
import { type Manifest, nullIfDamaged, type Pointer } from '../../release/manifest.ts';
import type { Store } from '../../store/store.ts';
import { compareAndSwap } from '../compare-and-swap.ts';
import { pointerTo, readReleaseManifest } from '../pointer.ts';
import { addToList, readReleases, readReleasesOrEmpty } from '../release-list.ts';
import { type Survey, type SurveyedRelease, surveyPrefix } from './survey.ts';

/** What is known when a list is made. */
export interface RebuildInput {
  readonly releases: Survey['releases'];
  /** What a list that can be read says; it stays, but for what the releases themselves contradict. */
  readonly listed: readonly ReleaseEntry[];
  /** The current release's pointer; null where none stands. */
  readonly pointer: Pointer | null;
  readonly now: Date;
}

/** The list, newest first: by what supersedes what. */
export function rebuildList({ releases, listed, pointer, now }: RebuildInput): ReleaseEntry[] {
  const current = pointer?.release ?? null;
  const listedIds = new Set(listed.map(({ release }) => release));
  let list = listed.map((entry) => applyWithdrawal(entry, releases.get(entry.release)));
  for (const release of publishedIds({ releases, listed, current })) {
    const found = releases.get(release);
    if (!found || listedIds.has(release)) continue;
    const entry =
      release === current && pointer ? entryOf(found.manifest, pointer) : reconstructEntry(found, now);
    list = list.toSpliced(positionOf(list, entry, current), 0, entry);
  }
  return list;
}

/** Releases that were current once, newest first: the current one, what it stands on, and what was withdrawn. */
function publishedIds({
  releases,
  listed,
  current,
}: Pick<RebuildInput, 'releases' | 'listed'> & { readonly current: string | null }): string[] {
  const withdrawn = [...releases.values()]
    .filter((one) => one.withdrawn !== null)
    .map(({ release }) => release);
  const ids = new Set<string>();
  for (const start of [current, ...listed.map(({ release }) => release), ...withdrawn.toReversed()])
    for (let at = start; at !== null && !ids.has(at); at = releases.get(at)?.manifest.supersedes ?? null)
      ids.add(at);
  return [...ids];
}

/** Below the one that supersedes it, else above the one that it supersedes; the current one on top, any other at the end. */
function positionOf(list: readonly ReleaseEntry[], entry: ReleaseEntry, current: string | null): number {
  const above = list.findIndex(({ supersedes }) => supersedes === entry.release);
  if (above >= 0) return above + 1;
  if (entry.release === current) return 0;
  const below = list.findIndex(({ release }) => release === entry.supersedes);
  return below >= 0 ? below : list.length;
}

/** An entry of which nothing is known but the release itself: when it was published is when it was claimed. */
function reconstructEntry(found: SurveyedRelease, now: Date): ReleaseEntry {
  const { manifest, manifestBytes, isPruned } = found;
  const published = new Date(manifest.created_at);
  const entry = entryOf(manifest, pointerTo(manifest, manifestBytes, published));
  const announced_at = published.toISOString();
  return applyWithdrawal({ ...entry, announced_at, expires_at: isPruned ? now.toISOString() : null }, found);
}

/** A withdrawal is decided by the release's own file, whatever the list says. */
function applyWithdrawal(entry: ReleaseEntry, found: SurveyedRelease | undefined): ReleaseEntry {
  if (!found?.withdrawn || entry.status === 'withdrawn') return entry;
  return { ...entry, status: 'withdrawn', withdrawn: found.withdrawn };
}

/** Writes the list as the releases tell it. @throws {StoreError} */
export function rewriteList(store: Store, input: Omit<RebuildInput, 'listed' | 'releases'>): Promise<void> {
  return compareAndSwap(store, RELEASES, async () => {
    const { releases } = await surveyPrefix(store);
    return jsonBytes({
      releases: rebuildList({ ...input, releases, listed: await readReleasesOrEmpty(store) }),
    });
  });
}

/**
 * Lists the current release. Where the list is missing, or lacks what this one stands on, it is made again.
 * @throws {DamagedFileError} if the list is there and cannot be read
 */
export async function listCurrent(
  store: Store,
  { manifest, pointer }: { manifest: Manifest; pointer: Pointer },
  now: Date,
): Promise<void> {
  const listed = await readReleases(store);
  const { supersedes } = manifest;
  const isListed = (release: string | null): boolean => listed.some((entry) => entry.release === release);
  const isComplete = supersedes === null || isListed(supersedes) || isListed(manifest.release);
  if (isComplete) return addToList(store, manifest, pointer);
  // What the pointer names outlives a loss of power before the list says it.
  await store.sync(LATEST);
  const before = await nullIfDamaged(readReleaseManifest(store, supersedes));
  await (before ? rewriteList(store, { pointer, now }) : addToList(store, manifest, pointer));
}
