// Completes the rows that the API sent: sorts them, and adds the status of their operation and whether they belong to
// the newest snapshot.
import {
  type Column,
  type Columns,
  codeFor,
  columnOf,
  NULL_CODE,
  numberColumn,
  type StringColumn,
  stringColumn,
} from './columns.ts';
import type { TableSchema } from './schema.ts';
import { groupStarts, sortColumns } from './sort.ts';

/** An entry of the API's operation list. */
export interface ListedOperation {
  readonly operation: string;
  readonly operationStatus: string | null;
  readonly admin0Name: string;
  readonly admin0Pcode: string;
}

/** The key of a series of snapshots. Rounds and dates are comparable only within one series. */
export const SERIES = ['admin0_pcode', 'operation', 'assessment_type'] as const;

/** The key of a snapshot. API: one date can have two rounds, and rounds are not monotonic. */
export const SNAPSHOT = [...SERIES, 'reporting_date', 'round_number'] as const;

/**
 * The start of each group, and the number of rows at the end: group i is rows `bounds[i]` to `bounds[i + 1]`
 * (exclusive).
 */
export type GroupBounds = readonly number[];

/** A level's complete, sorted rows and the bounds of its snapshots. */
export interface CompleteLevel {
  readonly columns: Columns;
  readonly snapshotBounds: GroupBounds;
}

/** Makes a level's table from staged rows in any order: sorts them and adds `operation_status` and `is_latest`. */
export function completeLevel(
  schema: TableSchema,
  staged: Columns,
  operations: readonly ListedOperation[],
): CompleteLevel {
  const sorted = sortColumns(
    staged,
    schema.sortBy.filter((name) => staged.byName.has(name)),
  );
  const snapshots = [...groupStarts(sorted, SNAPSHOT), sorted.length];
  const added = new Map<string, Column>([
    ['operation_status', statusColumn(sorted, operations)],
    ['is_latest', latestColumn(sorted, snapshots)],
  ]);
  const byName = new Map(schema.columns.map(({ name }) => [name, added.get(name) ?? columnOf(sorted, name)]));
  return { columns: { length: sorted.length, byName }, snapshotBounds: snapshots };
}

const operationKey = (pcode: string, operation: string): string => JSON.stringify([pcode, operation]);

/** Status by country and operation; null if the list gives an operation two statuses. */
export function statusByOperation(operations: readonly ListedOperation[]): Map<string, string | null> {
  const statuses = new Map<string, string | null>();
  for (const { admin0Pcode, operation, operationStatus } of operations) {
    const key = operationKey(admin0Pcode, operation);
    const agrees = !statuses.has(key) || statuses.get(key) === operationStatus;
    statuses.set(key, agrees ? operationStatus : null);
  }
  return statuses;
}

function statusColumn(columns: Columns, operations: readonly ListedOperation[]): StringColumn {
  const statuses = statusByOperation(operations);
  const [pcode, operation] = [stringColumn(columns, 'admin0_pcode'), stringColumn(columns, 'operation')];
  const dictionary = new Map<string, number>();
  const codes = new Int32Array(columns.length);
  const starts = [...groupStarts(columns, ['admin0_pcode', 'operation']), columns.length];
  for (const [at, start] of starts.slice(0, -1).entries()) {
    const text = (column: StringColumn) => column.values[column.codes[start] as number] as string;
    const status = statuses.get(operationKey(text(pcode), text(operation))) ?? null;
    codes.fill(status === null ? NULL_CODE : codeFor(dictionary, status), start, starts[at + 1]);
  }
  return { type: 'string', codes, values: [...dictionary.keys()] };
}

/** Computes `is_latest`. The rows are sorted, so the newest snapshot of a series is its last one. */
function latestColumn(columns: Columns, snapshots: GroupBounds): Column {
  const values = new Int32Array(columns.length);
  const seriesStarts = new Set(groupStarts(columns, SERIES));
  for (let at = 0; at + 1 < snapshots.length; at++) {
    const [start, end] = [snapshots[at] as number, snapshots[at + 1] as number];
    if (end === columns.length || seriesStarts.has(end)) values.fill(1, start, end);
  }
  return { type: 'boolean', values, valid: null };
}

/** The sum of a column over rows `start` to `end` (exclusive); null if one of the values is null. */
export function sumOf(columns: Columns, name: string, start: number, end: number): number | null {
  const { values, valid } = numberColumn(columns, name);
  let sum = 0;
  for (let row = start; row < end; row++) {
    if (valid?.[row] === 0) return null;
    sum += values[row] as number;
  }
  return sum;
}
