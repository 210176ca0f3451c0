// Every value that counts have had: for each count the releases in which it came, was revised or went.
import type { ReleaseEntry } from '../../release/release-list.ts';
import type { ReleaseCounts } from './country-history.ts';
import { type CountKey, type CountTotals, keyText } from './counts.ts';

/** Which counts are wanted; null for all. */
export interface CountFilter {
  readonly operation: string | null;
  readonly assessment_type: string | null;
  readonly reporting_date: string | null;
  readonly round_number: number | null;
}

/**
 * A value of a count, and the release that brought it. `first`: it was there in the oldest release that is known. `totals`
 * are null if the count is `gone`. `certain` is false if a release just before is not known: it may have brought the value.
 */
export interface CountValue {
  readonly release: string;
  readonly published_at: string;
  readonly change: 'first' | 'new' | 'revised' | 'gone' | 'again';
  readonly certain: boolean;
  readonly totals: CountTotals | null;
}

/** A count with its values, oldest first. */
export interface CountHistory extends CountKey {
  readonly values: readonly CountValue[];
}

const FILTERS = ['operation', 'assessment_type', 'reporting_date', 'round_number'] as const;

/** A filter that leaves no count: its name, what was asked for, and what there is. */
export interface EmptyFilter {
  readonly filter: (typeof FILTERS)[number];
  readonly wanted: string;
  readonly there: readonly string[];
}

/** The counts that ever were, filtered; or the first filter that leaves none. */
export function selectCounts(
  releases: readonly ReleaseCounts[],
  filter: CountFilter,
): readonly CountKey[] | EmptyFilter {
  const all = new Map<string, CountKey>();
  for (const { counts } of releases)
    for (const [key, { totals: _, ...count }] of counts ?? []) if (!all.has(key)) all.set(key, count);
  let selected = [...all.values()];
  for (const name of FILTERS) {
    const wanted = filter[name];
    if (wanted === null) continue;
    const there = [...new Set(selected.map((count) => count[name]))].sort((a, b) => (a < b ? -1 : 1));
    selected = selected.filter((count) => count[name] === wanted);
    if (selected.length === 0) return { filter: name, wanted: String(wanted), there: there.map(String) };
  }
  return selected.sort(byOperation);
}

export const isEmptyFilter = (selected: readonly CountKey[] | EmptyFilter): selected is EmptyFilter =>
  !Array.isArray(selected);

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const byOperation = (a: CountKey, b: CountKey): number =>
  compareTexts(a.operation, b.operation) ||
  compareTexts(a.assessment_type, b.assessment_type) ||
  compareTexts(b.reporting_date, a.reporting_date) ||
  b.round_number - a.round_number;

/** The values of one count. `releases` are oldest first. */
export function historyOf(releases: readonly ReleaseCounts[], count: CountKey): CountHistory {
  const key = keyText(count);
  const values: CountValue[] = [];
  let isFirst = true;
  let isAfterUnknown = false;
  for (const { entry, counts } of releases) {
    if (counts === null) {
      isAfterUnknown = true;
      continue;
    }
    const totals = counts.get(key)?.totals ?? null;
    const change = changeOf(values, totals, isFirst);
    if (change) values.push(createValue(entry, { change, certain: !isAfterUnknown, totals }));
    isFirst = false;
    isAfterUnknown = false;
  }
  return { ...count, values };
}

const createValue = (
  { release, published_at }: ReleaseEntry,
  value: Omit<CountValue, 'release' | 'published_at'>,
): CountValue => ({ release, published_at, ...value });

/** What a release did to a count; null if the count is as it was. */
function changeOf(
  values: readonly CountValue[],
  totals: CountTotals | null,
  isFirst: boolean,
): CountValue['change'] | null {
  const before = values.at(-1);
  if (!before) return totals === null ? null : isFirst ? 'first' : 'new';
  if (totals === null) return before.totals === null ? null : 'gone';
  if (before.totals === null) return 'again';
  return isSame(before.totals, totals) ? null : 'revised';
}

const isSame = (a: CountTotals, b: CountTotals): boolean =>
  a.rows === b.rows && a.idps === b.idps && a.males === b.males && a.females === b.females;
