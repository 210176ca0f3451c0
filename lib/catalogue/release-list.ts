// `releases.json` at the prefix's root: read, changed and swapped, so that no run overwrites what another one wrote.
import { LATEST, RELEASES } from '../release/layout.ts';
import { type Manifest, nullIfDamaged, type Pointer } from '../release/manifest.ts';
import { entryOf, type ReleaseEntry, readReleaseList } from '../release/release-list.ts';
import type { Store } from '../store/store.ts';
import { updateJson } from './compare-and-swap.ts';

/**
 * Lists a published release, newest first; one that is listed already stays as it is. Which is newer is told by what they
 * supersede, not by their dates, which come from clocks. The pointer that names it outlives a loss of power before.
 */
export async function addToList(store: Store, manifest: Manifest, pointer: Pointer): Promise<void> {
  const entry = entryOf(manifest, pointer);
  await store.sync(LATEST);
  await updateJson(store, RELEASES, {
    read: readReleaseList,
    empty: { releases: [] },
    change: ({ releases: listed }) => {
      if (listed.some(({ release }) => release === entry.release)) return null;
      // Below the one that supersedes it, if that was quicker; else it is the newest.
      const above = listed.findIndex(({ supersedes }) => supersedes === entry.release);
      return { releases: listed.toSpliced(above + 1, 0, entry) };
    },
  });
}

/** Changes the entry of a release that is listed; `change` returns null to leave it. */
export async function updateReleaseEntry(
  store: Store,
  release: string,
  change: (entry: ReleaseEntry) => ReleaseEntry | null,
): Promise<void> {
  await updateJson(store, RELEASES, {
    read: readReleaseList,
    empty: { releases: [] },
    change: ({ releases: listed }) => {
      const at = listed.findIndex((entry) => entry.release === release);
      const changed = listed[at] ? change(listed[at]) : null;
      return changed && { releases: listed.with(at, changed) };
    },
  });
}

/** Every release that was ever published; empty where there is no list. @throws {DamagedFileError} */
export async function readReleases(store: Store): Promise<ReleaseEntry[]> {
  const found = await store.get(RELEASES);
  return found ? readReleaseList(found.body).releases : [];
}

/** The same; empty also where the list is damaged, which is told elsewhere. @throws {StoreError} */
export const readReleasesOrEmpty = async (store: Store): Promise<ReleaseEntry[]> =>
  (await nullIfDamaged(readReleases(store))) ?? [];
