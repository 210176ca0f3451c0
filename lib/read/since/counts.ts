// Totals of counts. A count is a snapshot of one level: the rows of one operation, assessment type, date and round. Its
// total is the sum over its own rows; counts are never added to each other.
import type { Difference } from '../../make/changes/differences.ts';
import { type Columns, columnOf, stringColumn, valueAt } from '../../table/columns.ts';
import { SNAPSHOT, sumOf } from '../../table/complete.ts';
import { dayText } from '../../table/ingest.ts';
import { groupStarts } from '../../table/sort.ts';

/** Persons in a count: each null unless every row has a figure, or if the dataset does not have the column. */
export interface CountTotals {
  readonly rows: number;
  readonly idps: number | null;
  readonly males: number | null;
  readonly females: number | null;
}

/** The key of a count within a country and level. */
export interface CountKey {
  readonly operation: string;
  readonly assessment_type: string;
  /** `2026-06-30`. */
  readonly reporting_date: string;
  readonly round_number: number;
}

/** A count that is new, gone, or of which rows differ. `before` is null if it is new, `after` if it is gone. */
export interface CountChange extends CountKey {
  readonly level: number;
  readonly country: string;
  readonly change: 'new' | 'revised' | 'gone';
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly before: CountTotals | null;
  readonly after: CountTotals | null;
}

/** Counts by their key as text, in the order of the rows. */
export type Counts = ReadonlyMap<string, CountKey & { readonly totals: CountTotals }>;

/** The counts in the sorted rows of one level of one country. */
export function countsOf(rows: Columns): Counts {
  const starts = groupStarts(rows, SNAPSHOT);
  const counts = new Map<string, CountKey & { totals: CountTotals }>();
  for (const [at, start] of starts.entries()) {
    const end = starts[at + 1] ?? rows.length;
    const sum = (name: string): number | null =>
      rows.byName.has(name) ? sumOf(rows, name, start, end) : null;
    const totals = {
      rows: end - start,
      idps: sum('num_present_idp_ind'),
      males: sum('number_males'),
      females: sum('number_females'),
    };
    const key = countKeyAt(rows, start);
    counts.set(keyText(key), { ...key, totals });
  }
  return counts;
}

export const keyText = ({ operation, assessment_type, reporting_date, round_number }: CountKey): string =>
  JSON.stringify([operation, assessment_type, reporting_date, round_number]);

function countKeyAt(rows: Columns, row: number): CountKey {
  return {
    operation: valueAt(stringColumn(rows, 'operation'), row) as string,
    assessment_type: valueAt(stringColumn(rows, 'assessment_type'), row) as string,
    reporting_date: dayText(valueAt(columnOf(rows, 'reporting_date'), row) as number),
    round_number: valueAt(columnOf(rows, 'round_number'), row) as number,
  };
}

/** The counts with rows that were added, removed or changed, by operation, type, date and round. */
export function findCountChanges({ table, country, before, after, comparison }: Difference): CountChange[] {
  const touched = new Map<string, CountKey & { added: number; removed: number; changed: number }>();
  for (const { change, before: old, after: now } of comparison.changes) {
    const key = countKeyAt(comparison.rows, (now ?? old) as number);
    const amounts = touched.get(keyText(key)) ?? { ...key, added: 0, removed: 0, changed: 0 };
    amounts[change]++;
    touched.set(keyText(key), amounts);
  }
  if (touched.size === 0) return [];
  const [old, now] = [countsOf(before), countsOf(after)];
  const changes = [...touched].map(([key, amounts]): CountChange => {
    const [was, is] = [old.get(key)?.totals ?? null, now.get(key)?.totals ?? null];
    const change = was === null ? 'new' : is === null ? 'gone' : 'revised';
    return { level: Number(table.at(-1)), country, change, ...amounts, before: was, after: is };
  });
  return changes.sort(byOperationAndDate);
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Newest first within an operation and type. */
const byOperationAndDate = (a: CountKey, b: CountKey): number =>
  compareTexts(a.operation, b.operation) ||
  compareTexts(a.assessment_type, b.assessment_type) ||
  compareTexts(b.reporting_date, a.reporting_date) ||
  b.round_number - a.round_number;
