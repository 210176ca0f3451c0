// Rebuilds `releases.json` from the release folders: the current release, the releases that it supersedes, and withdrawn
// ones. A complete release outside this chain lost a race for the pointer and was never published.
import { jsonBytes } from '../../release/digest.ts';
import { LATEST, RELEASES } from '../../release/layout.ts';
import { type Manifest, nullIfDamaged, type Pointer } from '../../release/manifest.ts';
import { entryOf, type ReleaseEntry } from '../../release/release-list.ts';
import type { Store } from '../../store/store.ts';
import { compareAndSwap } from '../compare-and-swap.ts';
import { pointerTo, readReleaseManifest } from '../pointer.ts';
import { addToList, readReleases, readReleasesOrEmpty } from '../release-list.ts';
import { type Survey, type SurveyedRelease, surveyPrefix } from './survey.ts';

/** Input of the list. */
export interface RebuildInput {
  readonly releases: Survey['releases'];
  /** Entries of the existing list. They stay unless the releases contradict them. */
  readonly listed: readonly ReleaseEntry[];
  /** The pointer to the current release; null if there is no valid pointer. */
  readonly pointer: Pointer | null;
  readonly now: Date;
}

/** The list, newest first. The order follows `supersedes`. */
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

/**
 * Ids of the releases that were current once: the current one, the listed ones and the withdrawn ones, each followed by
 * the releases that it supersedes.
 */
function publishedIds({
  releases,
  listed,
  current,
}: Pick<RebuildInput, 'releases' | 'listed'> & { readonly current: string | null }): string[] {
  const withdrawn = [...releases.values()]
    .filter((found) => found.withdrawn !== null)
    .map(({ release }) => release);
  const ids = new Set<string>();
  for (const start of [current, ...listed.map(({ release }) => release), ...withdrawn.toReversed()])
    for (let id = start; id !== null && !ids.has(id); id = releases.get(id)?.manifest.supersedes ?? null)
      ids.add(id);
  return [...ids];
}

/**
 * Where to insert an entry: below the release that supersedes it, else at the top if it is current, else above the
 * release that it supersedes, else at the end.
 */
function positionOf(list: readonly ReleaseEntry[], entry: ReleaseEntry, current: string | null): number {
  const above = list.findIndex(({ supersedes }) => supersedes === entry.release);
  if (above >= 0) return above + 1;
  if (entry.release === current) return 0;
  const below = list.findIndex(({ release }) => release === entry.supersedes);
  return below >= 0 ? below : list.length;
}

/** The entry of a release that is in no list. The time of its claim counts as the time of publication and announcement. */
function reconstructEntry(found: SurveyedRelease, now: Date): ReleaseEntry {
  const { manifest, manifestBytes, isPruned } = found;
  const published = new Date(manifest.created_at);
  const entry = entryOf(manifest, pointerTo(manifest, manifestBytes, published));
  const announced_at = published.toISOString();
  return applyWithdrawal({ ...entry, announced_at, expires_at: isPruned ? now.toISOString() : null }, found);
}

/** Marks an entry as withdrawn if the release has a `withdrawn.json`, whatever the list says. */
function applyWithdrawal(entry: ReleaseEntry, found: SurveyedRelease | undefined): ReleaseEntry {
  if (!found?.withdrawn || entry.status === 'withdrawn') return entry;
  return { ...entry, status: 'withdrawn', withdrawn: found.withdrawn };
}

/** Rebuilds the list from the releases and writes it. @throws {StoreError} */
export function rewriteList(store: Store, input: Omit<RebuildInput, 'listed' | 'releases'>): Promise<void> {
  return compareAndSwap(store, RELEASES, async () => {
    const { releases } = await surveyPrefix(store);
    return jsonBytes({
      releases: rebuildList({ ...input, releases, listed: await readReleasesOrEmpty(store) }),
    });
  });
}

/**
 * Lists the current release. If the list is missing or lacks the superseded release, the list is rebuilt.
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
  // Sync the pointer to disk before the list names its release.
  await store.sync(LATEST);
  const before = await nullIfDamaged(readReleaseManifest(store, supersedes));
  await (before ? rewriteList(store, { pointer, now }) : addToList(store, manifest, pointer));
}
