// Finds countries and operations that appeared or vanished, and operations that were renamed. An operation counts as
// renamed only if all its rows are identical except for the name.
import { type Columns, type StringColumn, stringColumn, take } from '../../table/columns.ts';
import { compareRows } from '../../table/compare.ts';
import type { Difference } from './differences.ts';

export interface OperationName {
  readonly country: string;
  readonly operation: string;
}

export interface Names {
  readonly countries: readonly string[];
  readonly operations: readonly OperationName[];
}

export interface NameChanges {
  readonly appeared: Names;
  readonly vanished: Names;
  readonly renamed: readonly { readonly country: string; readonly from: string; readonly to: string }[];
}

/** The name changes in the differences of one country. */
export function findNameChanges(tables: readonly Difference[]): NameChanges {
  const country = tables[0]?.country ?? '';
  const [before, after] = [operationsOf(tables, 'before'), operationsOf(tables, 'after')];
  const vanishedNames = [...before].filter((operation) => !after.has(operation));
  const appearedNames = [...after].filter((operation) => !before.has(operation));
  const renamed = vanishedNames.flatMap((from) => {
    const to = appearedNames.find((name) => tables.every((table) => isSameExceptName(table, from, name)));
    return to === undefined ? [] : [{ country, from, to }];
  });
  const wasRenamed = new Set(renamed.flatMap(({ from, to }) => [from, to]));
  const notRenamed = (names: string[]): OperationName[] =>
    names.filter((name) => !wasRenamed.has(name)).map((operation) => ({ country, operation }));
  return {
    appeared: { countries: before.size === 0 ? [country] : [], operations: notRenamed(appearedNames) },
    vanished: { countries: after.size === 0 ? [country] : [], operations: notRenamed(vanishedNames) },
    renamed,
  };
}

const usedNames = ({ codes, values }: StringColumn): string[] =>
  [...new Set(codes)].map((code) => values[code] as string);

const operationsOf = (tables: readonly Difference[], side: 'before' | 'after'): Set<string> =>
  new Set(tables.flatMap((table) => usedNames(stringColumn(table[side], 'operation'))).sort());

function isSameExceptName({ schema, before, after }: Difference, from: string, to: string): boolean {
  const [oldRows, newRows] = [rowsWithoutName(before, from), rowsWithoutName(after, to)];
  return oldRows.length === newRows.length && compareRows(schema, oldRows, newRows).changes.length === 0;
}

/** The rows of one operation, with its name replaced by an empty text. */
function rowsWithoutName(columns: Columns, operation: string): Columns {
  const { codes, values } = stringColumn(columns, 'operation');
  const rows = Uint32Array.from(
    [...codes.keys()].filter((row) => values[codes[row] as number] === operation),
  );
  const selected = take(columns, rows);
  const emptyNames = { type: 'string', codes: new Int32Array(rows.length), values: [''] } as const;
  return { ...selected, byName: new Map([...selected.byName, ['operation', emptyNames]]) };
}
