// Adds up the steps from an earlier release to the current one. What changed and changed back cancels out.
import type { SinceData } from './since-data.ts';

/** A count at country level, with its persons before and after. Null: a row has no figure. Undefined: not known. */
export interface ChangedCount {
  readonly country: string;
  readonly operation: string;
  readonly type: string;
  readonly date: string;
  readonly round: number;
  readonly change: 'new' | 'revised' | 'gone';
  readonly before: number | null | undefined;
  readonly after: number | null;
}

/** What differs since a release: counts by country, and countries in which no total at country level differs. */
export interface Since {
  readonly from: string;
  readonly published_at: string;
  readonly countries: readonly { readonly code: string; readonly counts: readonly ChangedCount[] }[];
  readonly others: readonly string[];
}

/** The differences since a release; null if the data do not reach back to it. */
export function sumSteps(data: SinceData, from: string): Since | null {
  const at = data.steps.findIndex((step) => step.from === from);
  const step = data.steps[at];
  if (!step) return null;
  const steps = data.steps.slice(0, at + 1);
  const counts = sumDeltas(data, steps).sort(newestFirst);
  const byCountry = Map.groupBy(counts, ({ country }) => country);
  const touched = [...new Set(steps.flatMap(({ countries }) => countries))].sort();
  return {
    ...{ from, published_at: step.published_at },
    countries: touched.flatMap((code) => {
      const ofCountry = byCountry.get(code);
      return ofCountry ? [{ code, counts: ofCountry }] : [];
    }),
    others: touched.filter((code) => !byCountry.has(code)),
  };
}

function sumDeltas(data: SinceData, steps: SinceData['steps']): ChangedCount[] {
  const sums = new Map<number, { rows: number; idps: number | null }>();
  for (const [count, rows, idps] of steps.flatMap(({ deltas }) => deltas)) {
    const sum = sums.get(count) ?? { rows: 0, idps: 0 };
    sum.rows += rows;
    sum.idps = sum.idps === null || idps === null ? null : sum.idps + idps;
    sums.set(count, sum);
  }
  return [...sums].flatMap(([count, sum]) => changedCount(data, count, sum) ?? []);
}

/** Null if the total is what it was: only rows within it differ, or it changed back. */
function changedCount(
  { counts, operations, types }: SinceData,
  number: number,
  { rows, idps }: { rows: number; idps: number | null },
): ChangedCount | null {
  const [country, operation, type, date, round, rowsNow, now] = counts[number] as SinceData['counts'][number];
  const rowsThen = rowsNow - rows;
  if (rowsThen + rowsNow === 0 || (rowsThen > 0 && rowsNow > 0 && idps === 0)) return null;
  return {
    ...{ country, operation: operations[operation] ?? '', type: types[type] ?? '', date, round },
    change: rowsThen === 0 ? 'new' : rowsNow === 0 ? 'gone' : 'revised',
    before: idps === null || now === null ? undefined : now - idps,
    after: now,
  };
}

const newestFirst = (a: ChangedCount, b: ChangedCount): number =>
  a.operation.localeCompare(b.operation) ||
  (a.date < b.date ? 1 : a.date > b.date ? -1 : b.round - a.round) ||
  a.type.localeCompare(b.type);
