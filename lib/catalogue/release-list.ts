// Reads and changes `releases.json`. Changes are made by compare-and-swap, so no run overwrites an entry of another run.
import { LATEST, RELEASES } from '../release/layout.ts';
import { type Manifest, nullIfDamaged, type Pointer } from '../release/manifest.ts';
import { entryOf, type ReleaseEntry, readReleaseList } from '../release/release-list.ts';
import type { Store } from '../store/store.ts';
import { updateJson } from './compare-and-swap.ts';

/**
 * Adds a published release to the list; an entry that exists stays as it is. The order follows `supersedes`, because
 * dates depend on clocks. The pointer is synced to disk first.
 */
export async function addToList(store: Store, manifest: Manifest, pointer: Pointer): Promise<void> {
  const entry = entryOf(manifest, pointer);
  await store.sync(LATEST);
  await updateJson(store, RELEASES, {
    read: readReleaseList,
    empty: { releases: [] },
    change: ({ releases: listed }) => {
      if (listed.some(({ release }) => release === entry.release)) return null;
      // Insert it below the release that supersedes it, if that one is listed already; else at the top.
      const above = listed.findIndex(({ supersedes }) => supersedes === entry.release);
      return { releases: listed.toSpliced(above + 1, 0, entry) };
    },
  });
}

/** Changes the entry of a listed release. If `change` returns null, the entry stays. */
export async function updateReleaseEntry(
  store: Store,
  release: string,
  change: (entry: ReleaseEntry) => ReleaseEntry | null,
): Promise<void> {
  await updateJson(store, RELEASES, {
    read: readReleaseList,
    empty: { releases: [] },
    change: ({ releases: listed }) => {
      const index = listed.findIndex((entry) => entry.release === release);
      const changed = listed[index] ? change(listed[index]) : null;
      return changed && { releases: listed.with(index, changed) };
    },
  });
}

/** Every release that was ever published; empty if there is no list. @throws {DamagedFileError} */
export async function readReleases(store: Store): Promise<ReleaseEntry[]> {
  const found = await store.get(RELEASES);
  return found ? readReleaseList(found.body).releases : [];
}

/** As `readReleases`, but empty if the list is damaged. Other code reports the damage. @throws {StoreError} */
export const readReleasesOrEmpty = async (store: Store): Promise<ReleaseEntry[]> =>
  (await nullIfDamaged(readReleases(store))) ?? [];
