// Makes the table of snapshots: the totals of each count. It adds up reasons and origins, so that users need no sums of
// their own and do not add figures of different levels, dates or types.
import { type Columns, createColumn, type StringColumn, stringColumn, valueAt } from './columns.ts';
import { type CompleteLevel, sumOf } from './complete.ts';
import type { TableSchema } from './schema.ts';
import { compareUtf8, sortColumns } from './sort.ts';

/** One row by column name; dates are days since 1970-01-01. */
type SnapshotRow = Record<string, string | number | boolean | null>;

const KEYS = ['admin0_pcode', 'operation', 'assessment_type', 'reporting_date', 'round_number'];

/** Makes the snapshots of all levels. `levels[n]` is level n, or undefined if it was not fetched. */
export function snapshotsTable(schema: TableSchema, levels: readonly (CompleteLevel | undefined)[]): Columns {
  const rows = levels.flatMap((level, number) => (level ? levelSnapshots(level, number) : []));
  const national = new Map(rows.filter((row) => row.level === 0).map((row) => [snapshotKey(row), row]));
  for (const row of rows) row.levels_agree = levelsAgree(row, national.get(snapshotKey(row)));
  const byName = new Map(
    schema.columns.map(({ name, type }) => [
      name,
      createColumn(
        type,
        rows.map((row) => row[name] ?? null),
      ),
    ]),
  );
  return sortColumns({ length: rows.length, byName }, schema.sortBy);
}

const snapshotKey = (row: SnapshotRow): string => JSON.stringify(KEYS.map((key) => row[key]));

function levelsAgree(row: SnapshotRow, national: SnapshotRow | undefined): boolean | null {
  const [sum, nationalSum] = [row.idps ?? null, national?.idps ?? null];
  return sum === null || nationalSum === null ? null : sum === nationalSum;
}

function levelSnapshots({ columns, snapshotBounds }: CompleteLevel, level: number): SnapshotRow[] {
  const rows: SnapshotRow[] = [];
  for (let at = 0; at + 1 < snapshotBounds.length; at++) {
    const [start, end] = [snapshotBounds[at] as number, snapshotBounds[at + 1] as number];
    const row = snapshotRow(columns, level, start, end);
    row.days_since_previous = daysBetween(rows.at(-1), row);
    rows.push(row);
  }
  return rows;
}

function snapshotRow(columns: Columns, level: number, start: number, end: number): SnapshotRow {
  const first = (name: string) => {
    const column = columns.byName.get(name);
    return column ? valueAt(column, start) : null;
  };
  const sum = (name: string) => (columns.byName.has(name) ? sumOf(columns, name, start, end) : null);
  return {
    level,
    ...Object.fromEntries(KEYS.map((key) => [key, first(key)])),
    admin0_name: firstName(columns, start, end),
    operation_status: first('operation_status'),
    areas: level === 0 ? 1 : countAreas(columns, level, start, end),
    rows: end - start,
    idps: sum('num_present_idp_ind'),
    males: sum('number_males'),
    females: sum('number_females'),
    is_latest: first('is_latest'),
  };
}

/** Days since the row before, if it is of the same series. Rows of a series are sorted by date. */
function daysBetween(before: SnapshotRow | undefined, row: SnapshotRow): number | null {
  const isSameSeries = before && KEYS.slice(0, 3).every((key) => before[key] === row[key]);
  return isSameSeries ? (row.reporting_date as number) - (before.reporting_date as number) : null;
}

/** The country's name. If a snapshot has several spellings, takes the one that sorts first. */
function firstName(columns: Columns, start: number, end: number): string {
  const names = distinct(stringColumn(columns, 'admin0_name'), start, end);
  return [...names].sort(compareUtf8)[0] as string;
}

function distinct(column: StringColumn, start: number, end: number): Set<string> {
  const codes = new Set(column.codes.subarray(start, end));
  return new Set([...codes].filter((code) => code >= 0).map((code) => column.values[code] as string));
}

/** Counts the areas: by P-code, or by name in rows without a P-code. Rows without both name no area. */
function countAreas(columns: Columns, level: number, start: number, end: number): number {
  const pcodes = stringColumn(columns, `admin${level}_pcode`);
  const names = stringColumn(columns, `admin${level}_name`);
  const withoutPcode = new Set<string>();
  for (let row = start; row < end; row++) {
    if (pcodes.codes[row] === -1 && names.codes[row] !== -1)
      withoutPcode.add(names.values[names.codes[row] as number] as string);
  }
  return distinct(pcodes, start, end).size + withoutPcode.size;
}
