// What differs between two versions of a table. A row is known by everything but its figures, its labels and its id;
// since nothing guarantees that this is unique, rows of equal keys are compared as multisets.
import { type Columns, columnOf, concat, take, valueAt } from './columns.ts';
import type { TableSchema } from './schema.ts';
import { groupStarts, sortedOrder } from './sort.ts';

/** What a row says: a change of these is a change of the row. */
export const MEASURES = ['num_present_idp_ind', 'number_males', 'number_females'] as const;

/** What the exporter says of a row: a flip of these is no change of the row, and is counted apart. */
export const LABEL_COLUMNS = ['operation_status', 'is_latest'] as const;

/** A row of `rows` before and after; one of them is null where the row was added or removed. */
export interface RowChange {
  readonly change: 'added' | 'removed' | 'changed';
  readonly before: number | null;
  readonly after: number | null;
}

/** Two versions of a table side by side: their rows in one, and what differs, in order of key. */
export interface Comparison {
  readonly rows: Columns;
  /** How many of them are of before: they come first. */
  readonly rowsBefore: number;
  readonly changes: readonly RowChange[];
  /** Rows (after) that are the same but for a label. */
  readonly relabelled: readonly number[];
}

const measuresOf = (schema: TableSchema): string[] =>
  MEASURES.filter((name) => schema.columns.some((column) => column.name === name));

/** The columns by which a row is known, in schema order. */
export function naturalKey(schema: TableSchema): string[] {
  const excluded = new Set<string>([...MEASURES, ...LABEL_COLUMNS, 'id']);
  return schema.columns.map(({ name }) => name).filter((name) => !excluded.has(name));
}

/** Compares two versions of a table, or of one country in it. */
export function compareRows(schema: TableSchema, before: Columns, after: Columns): Comparison {
  const both = concat(schema.columns, [before, after]);
  const key = naturalKey(schema);
  const measures = measuresOf(schema);
  const order = sortedOrder(both, [...key, ...measures, ...LABEL_COLUMNS]);
  const starts = [...groupStarts(take(both, order), key), order.length];
  const same = (names: readonly string[]) => rowEquality(both, names);
  const [sameFigures, sameLabels] = [same(measures), same(LABEL_COLUMNS)];
  const changes: RowChange[] = [];
  const relabelled: number[] = [];
  for (let at = 0; at + 1 < starts.length; at++) {
    const group = [...order.subarray(starts[at], starts[at + 1])];
    const rest = matchEqualRows(
      group.filter((row) => row < before.length),
      group.filter((row) => row >= before.length),
      sameFigures,
    );
    for (const [old, now] of rest.equal) if (!sameLabels(old, now)) relabelled.push(now);
    changes.push(...pairUp(rest.before, rest.after));
  }
  return { rows: both, rowsBefore: before.length, changes, relabelled };
}

/** Whether two rows have the same values in the named columns. */
function rowEquality(columns: Columns, names: readonly string[]): (a: number, b: number) => boolean {
  const list = names.map((name) => columnOf(columns, name));
  return (a, b) => list.every((column) => valueAt(column, a) === valueAt(column, b));
}

type SameRows = (a: number, b: number) => boolean;

/** Takes out equal rows, one for one; what is left of either side keeps its order. */
function matchEqualRows(before: readonly number[], after: readonly number[], same: SameRows) {
  const unmatched = [...after];
  const equal: [number, number][] = [];
  const rest = before.filter((old) => {
    const at = unmatched.findIndex((now) => same(old, now));
    if (at < 0) return true;
    equal.push([old, unmatched.splice(at, 1)[0] as number]);
    return false;
  });
  return { equal, before: rest, after: unmatched };
}

/** Pairs what is left in sorted order; the surplus was added or removed. */
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
