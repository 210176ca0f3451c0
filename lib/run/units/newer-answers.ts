// Two runs may have asked for the same unit: which answer is newer is decided by what each had seen. An answer that was
// asked for when a later release was current is newer, whatever the clocks said; between two that had seen the same,
// their times decide, unless one lies in the future.

import { readReleasesOrEmpty } from '../../catalogue/release-list.ts';
import { isFuture } from '../../release/clocks.ts';
import type { Manifest, ManifestUnit } from '../../release/manifest.ts';
import type { RunContext } from '../context.ts';
import { type Unit, type UnitReport, unitName } from './unit.ts';

/** Units whose answer in the current release is newer than this run's, by name. */
export async function findNewerAnswers(
  { store, now }: Pick<RunContext, 'store' | 'now'>,
  reports: readonly UnitReport[],
  current: Manifest | null,
): Promise<ReadonlySet<string>> {
  const candidates = current ? reports.filter((report) => report.asked_on !== current.release) : [];
  if (!current || candidates.length === 0) return new Set();
  const publishedUnits = new Map(current.coverage.units.map((unit) => [unitName(unit as Unit), unit]));
  // A list that cannot be read leaves the times.
  const listed = await readReleasesOrEmpty(store);
  const releaseAge = createReleaseAge(listed.map(({ release }) => release));
  const isOvertaken = (report: UnitReport): boolean => {
    const earlier = publishedUnits.get(unitName(report));
    if (!earlier?.fetched_at || !report.fetched_at) return false;
    const [theirs, ours] = [releaseAge(earlier.asked_on), releaseAge(report.asked_on)];
    if (theirs !== null && ours !== null && theirs !== ours) return theirs < ours;
    return isLater(earlier, report.fetched_at, now());
  };
  return new Set(candidates.filter(isOvertaken).map(unitName));
}

/** How many releases ago a release became current, 0 for the newest; null if that is not known. */
function createReleaseAge(
  newestFirst: readonly string[],
): (release: string | null | undefined) => number | null {
  const ages = new Map(newestFirst.map((release, age) => [release, age]));
  return (release) => (release === null ? newestFirst.length : (ages.get(release ?? '') ?? null));
}

const isLater = ({ fetched_at }: ManifestUnit, than: string, now: Date): boolean =>
  fetched_at !== null && fetched_at > than && !isFuture(fetched_at, now);
