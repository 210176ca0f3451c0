// Compares two versions of a table. A row's key is all columns but its counts, its labels and its id. This key may not
// be unique, so rows with equal keys are compared as multisets.
import { type Columns, columnOf, concat, take, valueAt } from './columns.ts';
import type { TableSchema } from './schema.ts';
import { groupStarts, sortedOrder } from './sort.ts';

/** The columns that hold counts. Another value here is a change of the row. */
export const MEASURES = ['num_present_idp_ind', 'number_males', 'number_females'] as const;

/**
 * The columns that the exporter computes. Another value here is no change of the row; such rows are counted separately.
 */
export const LABEL_COLUMNS = ['operation_status', 'is_latest'] as const;

/** A changed row: its row numbers in `Comparison.rows`. `before` is null if it was added, `after` if it was removed. */
export interface RowChange {
  readonly change: 'added' | 'removed' | 'changed';
  readonly before: number | null;
  readonly after: number | null;
}

/** The result of a comparison. */
export interface Comparison {
  /** The rows of both versions: first those before, then those after. */
  readonly rows: Columns;
  /** Number of rows before. */
  readonly rowsBefore: number;
  /** In the order of the key. */
  readonly changes: readonly RowChange[];
  /** Row numbers (after) of rows that differ only in a label. */
  readonly relabelled: readonly number[];
}

const measuresOf = (schema: TableSchema): string[] =>
  MEASURES.filter((name) => schema.columns.some((column) => column.name === name));

/** The names of the key columns, in schema order. */
export function naturalKey(schema: TableSchema): string[] {
  const excluded = new Set<string>([...MEASURES, ...LABEL_COLUMNS, 'id']);
  return schema.columns.map(({ name }) => name).filter((name) => !excluded.has(name));
}

/**
 * Compares two sorted versions of a table, or of one country in it. Rows that are equal from the start or from the end on
 * need no sorting: mostly that is all but a few.
 */
export function compareRows(schema: TableSchema, before: Columns, after: Columns): Comparison {
  const both = concat(schema.columns, [before, after]);
  const start = countEqualRows(schema, before, after);
  const end = countEqualRows(schema, before, after, { start });
  const rows = Uint32Array.from([
    ...range(start, before.length - end),
    ...range(before.length + start, both.length - end),
  ]);
  const key = naturalKey(schema);
  const measures = measuresOf(schema);
  const picked = take(both, rows);
  const order = sortedOrder(picked, [...key, ...measures, ...LABEL_COLUMNS]);
  const starts = [...groupStarts(take(picked, order), key), order.length];
  const [sameMeasures, sameLabels] = [rowEquality(both, measures), rowEquality(both, LABEL_COLUMNS)];
  const changes: RowChange[] = [];
  const relabelled: number[] = [];
  for (let at = 0; at + 1 < starts.length; at++) {
    const group = Array.from(order.subarray(starts[at], starts[at + 1]), (row) => rows[row] as number);
    const matched = matchEqualRows(
      group.filter((row) => row < before.length),
      group.filter((row) => row >= before.length),
      sameMeasures,
    );
    for (const [old, now] of matched.equal) if (!sameLabels(old, now)) relabelled.push(now);
    changes.push(...pairUp(matched.before, matched.after));
  }
  return { rows: both, rowsBefore: before.length, changes, relabelled };
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(to - from, 0) }, (_, at) => from + at);

/**
 * The number of rows that are equal, whatever their ids: the first ones or, if those are given as `start`, the last of
 * the others.
 */
function countEqualRows(
  schema: TableSchema,
  before: Columns,
  after: Columns,
  from?: { readonly start: number },
): number {
  let equal = Math.min(before.length, after.length) - (from?.start ?? 0);
  const rowOf = ({ length }: Columns, at: number): number => (from ? length - 1 - at : at);
  for (const { name } of schema.columns) {
    if (name === 'id') continue;
    const [old, now] = [columnOf(before, name), columnOf(after, name)];
    let at = 0;
    while (at < equal && valueAt(old, rowOf(before, at)) === valueAt(now, rowOf(after, at))) at++;
    equal = at;
  }
  return equal;
}

/** Creates a function that says whether two rows have equal values in the named columns. */
function rowEquality(columns: Columns, names: readonly string[]): (a: number, b: number) => boolean {
  const list = names.map((name) => columnOf(columns, name));
  return (a, b) => list.every((column) => valueAt(column, a) === valueAt(column, b));
}

type SameRows = (a: number, b: number) => boolean;

/** Pairs equal rows one to one. Returns these pairs, and the unmatched rows of both sides in their order. */
function matchEqualRows(before: readonly number[], after: readonly number[], same: SameRows) {
  const unmatched = [...after];
  const equal: [number, number][] = [];
  const unmatchedBefore = before.filter((old) => {
    const at = unmatched.findIndex((now) => same(old, now));
    if (at < 0) return true;
    equal.push([old, unmatched.splice(at, 1)[0] as number]);
    return false;
  });
  return { equal, before: unmatchedBefore, after: unmatched };
}

/** Pairs the unmatched rows in sorted order as changed. The remaining rows of the longer side were added or removed. */
function pairUp(before: readonly number[], after: readonly number[]): RowChange[] {
  const pairs = Math.min(before.length, after.length);
  return [
    ...before
      .slice(0, pairs)
      .map((old, at): RowChange => ({ change: 'changed', before: old, after: after[at] as number })),
    ...before.slice(pairs).map((old): RowChange => ({ change: 'removed', before: old, after: null })),
    ...after.slice(pairs).map((now): RowChange => ({ change: 'added', before: null, after: now })),
  ];
}
