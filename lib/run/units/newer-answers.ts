// Two runs may have requested the same unit. The newer answer is the one that was requested under the later release,
// whatever the clocks said. If both were requested under the same release, the later time wins. A time in the future
// does not count.
import { readReleasesOrEmpty } from '../../catalogue/release-list.ts';
import { isFuture } from '../../release/clocks.ts';
import type { Manifest, ManifestUnit } from '../../release/manifest.ts';
import type { RunContext } from '../context.ts';
import { type Unit, type UnitReport, unitName } from './unit.ts';

/** Names of the units for which the current release has a newer answer than this run. */
export async function findNewerAnswers(
  { store, now }: Pick<RunContext, 'store' | 'now'>,
  reports: readonly UnitReport[],
  current: Manifest | null,
): Promise<ReadonlySet<string>> {
  const candidates = current ? reports.filter((report) => report.asked_on !== current.release) : [];
  if (!current || candidates.length === 0) return new Set();
  const publishedUnits = new Map(current.coverage.units.map((unit) => [unitName(unit as Unit), unit]));
  // Without a readable list the times decide.
  const listed = await readReleasesOrEmpty(store);
  const releaseAge = createReleaseAge(listed.map(({ release }) => release));
  const isOlder = (report: UnitReport): boolean => {
    const earlier = publishedUnits.get(unitName(report));
    if (!earlier?.fetched_at || !report.fetched_at) return false;
    const [theirs, ours] = [releaseAge(earlier.asked_on), releaseAge(report.asked_on)];
    if (theirs !== null && ours !== null && theirs !== ours) return theirs < ours;
    return isLater(earlier, report.fetched_at, now());
  };
  return new Set(candidates.filter(isOlder).map(unitName));
}

/** Returns how many releases ago a release was the newest: 0 for the newest one, null for an unlisted one. */
function createReleaseAge(
  newestFirst: readonly string[],
): (release: string | null | undefined) => number | null {
  const ages = new Map(newestFirst.map((release, age) => [release, age]));
  return (release) => (release === null ? newestFirst.length : (ages.get(release ?? '') ?? null));
}

const isLater = ({ fetched_at }: ManifestUnit, than: string, now: Date): boolean =>
  fetched_at !== null && fetched_at > than && !isFuture(fetched_at, now);
