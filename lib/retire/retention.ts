// The retention rule: decides which releases keep their data files. It depends only on the list and the time.
import { hasExpired, type ReleaseEntry } from '../release/release-list.ts';

export interface RetentionRule {
  /** The number of newest releases to keep, at least 1. */
  readonly keepNewest: number;
  /** The number of months, with the current one, whose first release to keep. `all`: every month. */
  readonly keepMonthly: number | 'all';
}

/** Months since year 0 of a date or release id that begins like `2026-11`. */
function monthOf(text: string): number {
  const [year, month] = text.split('-').map(Number);
  return (year ?? 0) * 12 + (month ?? 0);
}

/** Ids of the releases whose data files stay. `releases` are newest first. Expired releases are not kept again. */
export function retainedReleases(
  releases: readonly ReleaseEntry[],
  { keepNewest, keepMonthly }: RetentionRule,
  now: Date,
): Set<string> {
  const available = releases
    .filter(({ status, expires_at }) => status === 'published' && !hasExpired(expires_at, now))
    .map(({ release }) => release);
  // The releases are newest first, so the last value that is set for a month is its first release.
  const firstOfMonth = new Map(available.map((release) => [monthOf(release), release]));
  const thisMonth = monthOf(now.toISOString());
  const monthly = [...firstOfMonth].filter(
    ([month]) => keepMonthly === 'all' || (keepMonthly > 0 && month > thisMonth - keepMonthly),
  );
  return new Set([...available.slice(0, keepNewest), ...monthly.map(([, release]) => release)]);
}
