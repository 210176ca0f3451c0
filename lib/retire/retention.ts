// The retention rule: which releases keep their data files. A function of the list and the clock alone.
import { hasExpired, type ReleaseEntry } from '../release/release-list.ts';

export interface RetentionRule {
  /** So many of the newest releases, at least 1. */
  readonly keepNewest: number;
  /** The first release of each of so many months, the current one included; of every month if `all`. */
  readonly keepMonthly: number | 'all';
}

/** Months since year 0 of a date's or a release id's first characters, `2026-11`. */
function monthOf(text: string): number {
  const [year, month] = text.split('-').map(Number);
  return (year ?? 0) * 12 + (month ?? 0);
}

/** Ids of the releases whose data files stay; `releases` are newest first. What has expired does not come back. */
export function retainedReleases(
  releases: readonly ReleaseEntry[],
  { keepNewest, keepMonthly }: RetentionRule,
  now: Date,
): Set<string> {
  const available = releases
    .filter(({ status, expires_at }) => status === 'published' && !hasExpired(expires_at, now))
    .map(({ release }) => release);
  // Newest first: the last one set for a month is its first release.
  const firstOfMonth = new Map(available.map((release) => [monthOf(release), release]));
  const thisMonth = monthOf(now.toISOString());
  const monthly = [...firstOfMonth].filter(
    ([month]) => keepMonthly === 'all' || (keepMonthly > 0 && month > thisMonth - keepMonthly),
  );
  return new Set([...available.slice(0, keepNewest), ...monthly.map(([, release]) => release)]);
}
