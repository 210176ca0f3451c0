// Finds the releases that a comparison names: by id, or by the day on whose end it was the current one.
import { readCurrentId } from '../../catalogue/pointer.ts';
import { nothingPublishedMessage, RESTORE_HINT } from '../../catalogue/prefix.ts';
import { readReleases } from '../../catalogue/release-list.ts';
import { LATEST, RELEASE_ID, RELEASES } from '../../release/layout.ts';
import type { ReleaseEntry } from '../../release/release-list.ts';
import type { Store } from '../../store/store.ts';
import { DownloadError } from '../find-release.ts';

/** The list, newest first, and the current release. */
export interface ListedReleases {
  readonly listed: readonly ReleaseEntry[];
  /** Null if the only release was withdrawn, or if there is no pointer. */
  readonly current: string | null;
  readonly hasPointer: boolean;
}

/** Reads pointer and list. @throws {DownloadError} if nothing is published or listed; {DamagedFileError}; {StoreError} */
export async function readListed(store: Store): Promise<ListedReleases> {
  const current = await readCurrentId(store);
  const listed = await readReleases(store);
  const hasPointer = current !== null || (await store.head(LATEST)) !== null;
  if (listed.length > 0) return { listed, current, hasPointer };
  throw new DownloadError(
    current === null
      ? await nothingPublishedMessage(store)
      : `${store.location}: ${RELEASES} is missing or empty, so no earlier release can be found; ${RESTORE_HINT}`,
  );
}

/**
 * The release with this id, or the one that was current at the end of this UTC day (`2026-11-24`).
 * @throws {DownloadError} that names what there is, if there is none
 */
export function findListed({ listed }: ListedReleases, wanted: string, now: Date): ReleaseEntry {
  if (!RELEASE_ID.test(wanted)) return findByDay(listed, wanted, now);
  const found = listed.find(({ release }) => release === wanted);
  if (found) return found;
  throw new DownloadError(
    `expected ${describeListed(listed)}, got ${wanted}, which was never published here`,
  );
}

/** The release to compare with: the wanted one or, without one, the current. @throws {DownloadError} if it was withdrawn, or there is none */
export function findTarget(list: ListedReleases, wanted: string | undefined, now: Date): ReleaseEntry {
  const release = wanted ?? list.current;
  if (release !== null) return checkNotWithdrawn(findListed(list, release, now));
  throw new DownloadError(
    list.hasPointer
      ? 'no release is current, because the last one was withdrawn; name the release to compare with'
      : `no release is current, because ${LATEST} is missing; name the release to compare with, or ${RESTORE_HINT}`,
  );
}

function checkNotWithdrawn(entry: ReleaseEntry): ReleaseEntry {
  if (entry.status !== 'withdrawn') return entry;
  throw new DownloadError(
    `release ${entry.release} was withdrawn (${entry.withdrawn?.reason ?? 'no reason is given'}), so nothing is compared with its figures; give a later release, or none for the current one`,
  );
}

const MS_PER_DAY = 86_400_000;

function findByDay(listed: readonly ReleaseEntry[], day: string, now: Date): ReleaseEntry {
  const start = Date.parse(`${day}T00:00:00Z`);
  if (start > now.getTime())
    throw new DownloadError(`${day}: expected a day up to today, ${now.toISOString().slice(0, 10)} in UTC`);
  const end = start + MS_PER_DAY;
  const wasCurrent = ({ published_at, withdrawn }: ReleaseEntry): boolean =>
    Date.parse(published_at) < end && !(withdrawn && Date.parse(withdrawn.date) < end);
  const found = listed.find(wasCurrent);
  if (found) return found;
  throw new DownloadError(
    `${day}: no release was current at the end of that day; expected ${describeListed(listed)}`,
  );
}

/** What may be asked for, in words. */
function describeListed(listed: readonly ReleaseEntry[]): string {
  const [newest, oldest] = [listed[0], listed.at(-1)];
  const since = `the first was published on ${oldest?.published_at.slice(0, 10)}`;
  return listed.length === 1
    ? `release ${newest?.release}, the only one here, or a later day (${since})`
    : `one of the ${listed.length} releases from ${oldest?.release} to ${newest?.release}, or a day (${since})`;
}
