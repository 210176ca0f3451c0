// Sums up the differences of one table of one country, by operation, in rows and in persons. Revisions of past dates are
// counted apart from rows on new dates.
import { type Columns, columnOf, numberColumn, stringColumn, valueAt } from '../../table/columns.ts';
import type { Comparison, RowChange } from '../../table/compare.ts';
import type { Difference } from './differences.ts';

/** Rows, and the persons present in them. For changed rows, `persons` is the increase; negative means a decrease. */
export interface RowsAndPersons {
  readonly rows: number;
  readonly persons: number;
}

export interface ChangeAmounts {
  readonly added: RowsAndPersons;
  readonly removed: RowsAndPersons;
  readonly changed: RowsAndPersons;
  /** Rows that differ only in `operation_status` or `is_latest`. */
  readonly relabelled: number;
}

/** Changes of one operation of one country in one table. A date is new if it is later than all its earlier dates. */
export interface OperationChanges extends ChangeAmounts {
  readonly table: string;
  readonly country: string;
  readonly operation: string;
  readonly on_new_dates: RowsAndPersons;
  readonly on_past_dates: RowsAndPersons;
}

/** A changed row, with the values by which it is grouped and counted. */
interface CountedChange {
  readonly operation: string;
  readonly kind: RowChange['change'] | 'relabelled';
  readonly persons: number;
  readonly onNewDate: boolean;
}

/** Sums of one table of one country: of all its operations, and of each. */
export function summariseTable(difference: Difference): {
  amounts: ChangeAmounts;
  operations: OperationChanges[];
} {
  const { table, country } = difference;
  const counted = countChanges(difference);
  const byOperation = Map.groupBy(counted, ({ operation }) => operation);
  const operations = [...byOperation].map(([operation, group]) => ({
    ...{ table, country, operation },
    ...sumByKind(group),
    on_new_dates: sumSigned(group.filter((change) => isChange(change) && change.onNewDate)),
    on_past_dates: sumSigned(group.filter((change) => isChange(change) && !change.onNewDate)),
  }));
  return { amounts: sumByKind(counted), operations };
}

const isChange = ({ kind }: CountedChange): boolean => kind !== 'relabelled';

function countChanges({ comparison }: Difference): CountedChange[] {
  const { rows, changes, relabelled } = comparison;
  const lastDates = lastDateByOperation(comparison);
  const operations = stringColumn(rows, 'operation');
  const dates = numberColumn(rows, 'reporting_date');
  const present = (row: number | null) => (row === null ? 0 : Number(personsAt(rows, row)));
  const createChange = (row: number, kind: CountedChange['kind'], persons: number): CountedChange => {
    const operation = valueAt(operations, row) as string;
    const last = lastDates.get(operation) ?? Number.NEGATIVE_INFINITY;
    const onNewDate = (dates.values[row] as number) > last;
    return { operation, kind, persons, onNewDate };
  };
  return [
    ...changes.map(({ change, before, after }) => {
      const persons = change === 'removed' ? present(before) : present(after) - present(before);
      return createChange((after ?? before) as number, change, persons);
    }),
    ...relabelled.map((row) => createChange(row, 'relabelled', 0)),
  ];
}

/** The persons present in a row; a missing count adds 0. */
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

const sumSigned = (counted: readonly CountedChange[]): RowsAndPersons => ({
  rows: counted.length,
  persons: counted.reduce((sum, { kind, persons }) => sum + (kind === 'removed' ? -persons : persons), 0),
});

function sumByKind(counted: readonly CountedChange[]): ChangeAmounts {
  const sumOf = (kind: CountedChange['kind']): RowsAndPersons => {
    const ofKind = counted.filter((change) => change.kind === kind);
    return { rows: ofKind.length, persons: ofKind.reduce((sum, { persons }) => sum + persons, 0) };
  };
  return {
    added: sumOf('added'),
    removed: sumOf('removed'),
    changed: sumOf('changed'),
    relabelled: sumOf('relabelled').rows,
  };
}
