// The differences in numbers and names: by table, country and operation, in rows and in persons, with revisions of past
// dates told apart from new dates.
import { type Columns, columnOf, numberColumn, stringColumn, valueAt } from '../../table/columns.ts';
import type { Comparison, RowChange } from '../../table/compare.ts';
import type { Difference } from './differences.ts';
import { findNameChanges, type NameChanges } from './names.ts';

/** Rows, and the persons present in them; of changed rows the persons that there are more (or, negative, fewer). */
export interface RowsAndPersons {
  readonly rows: number;
  readonly persons: number;
}

export interface ChangeAmounts {
  readonly added: RowsAndPersons;
  readonly removed: RowsAndPersons;
  readonly changed: RowsAndPersons;
  /** Rows that are the same but for `operation_status` or `is_latest`. */
  readonly relabelled: number;
}

/** One operation of one country in one table; dates are new if they are later than all that it had before. */
export interface OperationChanges extends ChangeAmounts {
  readonly table: string;
  readonly country: string;
  readonly operation: string;
  readonly on_new_dates: RowsAndPersons;
  readonly on_past_dates: RowsAndPersons;
}

/** `changes/changes.json`: rows over all level tables, then in detail. */
export interface ChangesSummary extends NameChanges {
  readonly release: string;
  readonly supersedes: string;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly relabelled: number;
  readonly tables: readonly ({ readonly table: string } & ChangeAmounts)[];
  readonly countries: readonly ({ readonly table: string; readonly country: string } & ChangeAmounts)[];
  readonly operations: readonly OperationChanges[];
}

/** A change with what is needed to count it. */
interface CountedChange {
  readonly table: string;
  readonly country: string;
  readonly operation: string;
  readonly kind: RowChange['change'] | 'relabelled';
  readonly persons: number;
  readonly onNewDate: boolean;
}

/** Sums up the differences between a release and the one that it supersedes. */
export function summariseChanges(
  differences: readonly Difference[],
  { release, supersedes }: { release: string; supersedes: string },
): ChangesSummary {
  const counted = differences.flatMap(countChanges);
  const total = sumByKind(counted);
  const tables = groupBy(counted, ({ table }) => [table]);
  const countries = groupBy(counted, ({ table, country }) => [table, country]);
  const operations = groupBy(counted, ({ table, country, operation }) => [table, country, operation]);
  return {
    release,
    supersedes,
    added: total.added.rows,
    removed: total.removed.rows,
    changed: total.changed.rows,
    relabelled: total.relabelled,
    tables: tables.map(([[table = ''], all]) => ({ table, ...sumByKind(all) })),
    countries: countries.map(([[table = '', country = ''], all]) => ({ table, country, ...sumByKind(all) })),
    operations: operations.map(([[table = '', country = '', operation = ''], all]) => ({
      table,
      country,
      operation,
      ...sumByKind(all),
      on_new_dates: sumSigned(all.filter((one) => isChange(one) && one.onNewDate)),
      on_past_dates: sumSigned(all.filter((one) => isChange(one) && !one.onNewDate)),
    })),
    ...findNameChanges(differences),
  };
}

const isChange = ({ kind }: CountedChange): boolean => kind !== 'relabelled';

function countChanges({ table, country, comparison }: Difference): CountedChange[] {
  const { rows, changes, relabelled } = comparison;
  const lastDates = lastDateByOperation(comparison);
  const operations = stringColumn(rows, 'operation');
  const dates = numberColumn(rows, 'reporting_date');
  const present = (row: number | null) => (row === null ? 0 : Number(personsAt(rows, row)));
  const counted = (row: number, kind: CountedChange['kind'], persons: number): CountedChange => {
    const operation = valueAt(operations, row) as string;
    const last = lastDates.get(operation) ?? Number.NEGATIVE_INFINITY;
    const onNewDate = (dates.values[row] as number) > last;
    return { table, country, operation, kind, persons, onNewDate };
  };
  return [
    ...changes.map(({ change, before, after }) => {
      const persons = change === 'removed' ? present(before) : present(after) - present(before);
      return counted((after ?? before) as number, change, persons);
    }),
    ...relabelled.map((row) => counted(row, 'relabelled', 0)),
  ];
}

/** A figure that is missing adds nothing. */
const personsAt = (rows: Columns, row: number) => valueAt(columnOf(rows, 'num_present_idp_ind'), row) ?? 0;

function lastDateByOperation({ rows, rowsBefore }: Comparison): Map<string, number> {
  const operations = stringColumn(rows, 'operation');
  const dates = numberColumn(rows, 'reporting_date');
  const last = new Map<string, number>();
  for (let row = 0; row < rowsBefore; row++) {
    const operation = valueAt(operations, row) as string;
    last.set(
      operation,
      Math.max(last.get(operation) ?? Number.NEGATIVE_INFINITY, dates.values[row] as number),
    );
  }
  return last;
}

function groupBy(
  counted: readonly CountedChange[],
  keyOf: (one: CountedChange) => string[],
): [string[], CountedChange[]][] {
  const groups = Map.groupBy(counted, (one) => JSON.stringify(keyOf(one)));
  return [...groups].map(([key, all]) => [JSON.parse(key) as string[], all]);
}

const sumSigned = (counted: readonly CountedChange[]): RowsAndPersons => ({
  rows: counted.length,
  persons: counted.reduce((sum, { kind, persons }) => sum + (kind === 'removed' ? -persons : persons), 0),
});

function sumByKind(counted: readonly CountedChange[]): ChangeAmounts {
  const of = (kind: CountedChange['kind']): RowsAndPersons => {
    const all = counted.filter((one) => one.kind === kind);
    return { rows: all.length, persons: all.reduce((sum, { persons }) => sum + persons, 0) };
  };
  return {
    added: of('added'),
    removed: of('removed'),
    changed: of('changed'),
    relabelled: of('relabelled').rows,
  };
}
