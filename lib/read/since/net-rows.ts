// Adds up change logs. A log is two bags of rows, those that left and those that came; a changed row is in both. A row
// that left in one log and came back in another cancels out, so the sum says what differs between the two ends.
import { type Columns, columnOf, concat, createColumn, take, valueAt } from '../../table/columns.ts';
import { LABEL_COLUMNS, MEASURES, naturalKey } from '../../table/compare.ts';
import type { TableSchema } from '../../table/schema.ts';
import { sortColumns } from '../../table/sort.ts';

/** The rows of a table that left, and those that came. Rows in both with the same key are changed rows. */
export interface NetRows {
  readonly gone: Columns;
  readonly come: Columns;
}

/** The same change, read backwards. */
export const reverse = ({ gone, come }: NetRows): NetRows => ({ gone: come, come: gone });

/** Adds a later change to an earlier one. Rows that cancel out are dropped, so the sum does not grow with its parts. */
export function addNet({ columns, ...schema }: TableSchema, earlier: NetRows, later: NetRows): NetRows {
  const gone = concat(columns, [earlier.gone, later.gone]);
  const come = concat(columns, [earlier.come, later.come]);
  const { left, unmatched } = subtractRows({ columns, ...schema }, gone, come);
  return { gone: left, come: unmatched };
}

/**
 * Applies a change to the rows from which it starts. Null if rows that should leave are not there: the change is not one
 * of these rows. The result is sorted, and its labels and ids are those of the change, which has none.
 */
export function applyNet(schema: TableSchema, rows: Columns, { gone, come }: NetRows): Columns | null {
  const { left, unmatched } = subtractRows(schema, rows, gone);
  if (unmatched.length > 0) return null;
  return sortColumns(concat(schema.columns, [left, come]), schema.sortBy);
}

/** `rows` without those of `minus`, one for one, and the rows of `minus` that are not in `rows`. Labels and ids do not count. */
function subtractRows(
  schema: TableSchema,
  rows: Columns,
  minus: Columns,
): { left: Columns; unmatched: Columns } {
  const waiting = new Map<string, number[]>();
  const keysOf = rowKeys(schema);
  for (const [row, key] of keysOf(minus).entries()) waiting.set(key, [...(waiting.get(key) ?? []), row]);
  const left = keysOf(rows).flatMap((key, row) => (waiting.get(key)?.pop() === undefined ? [row] : []));
  const unmatched = [...waiting.values()].flat().sort((a, b) => a - b);
  return { left: take(rows, Uint32Array.from(left)), unmatched: take(minus, Uint32Array.from(unmatched)) };
}

/** Creates a function that gives a text for each row, which is equal for rows of equal key and counts. */
function rowKeys(schema: TableSchema): (rows: Columns) => string[] {
  const measures = new Set<string>(MEASURES);
  const names = [
    ...naturalKey(schema),
    ...schema.columns.map(({ name }) => name).filter((name) => measures.has(name)),
  ];
  return (rows) => {
    const columns = names.map((name) => columnOf(rows, name));
    return Array.from({ length: rows.length }, (_, row) =>
      JSON.stringify(columns.map((column) => valueAt(column, row))),
    );
  };
}

/** The rows with the same labels and ids everywhere, so that only keys and counts can differ. */
export const withoutLabels = ({ columns }: TableSchema, rows: Columns): Columns => ({
  length: rows.length,
  byName: new Map(
    columns.map(({ name, type, nullable }) => {
      const isLabel = name === 'id' || LABEL_COLUMNS.some((label) => label === name);
      const empty = nullable ? null : false;
      return [
        name,
        isLabel ? createColumn(type, Array(rows.length).fill(empty)) : columnOf(rows, name),
      ] as const;
    }),
  ),
});
