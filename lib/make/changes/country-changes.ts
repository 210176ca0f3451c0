// What is kept of a country's differences when its rows are let go: the changed rows, and their sums.
import { changesTable } from '../../table/changes.ts';
import type { Columns } from '../../table/columns.ts';
import type { LevelTable } from '../../table/schema.ts';
import { type Difference, isUnchanged } from './differences.ts';
import { findNameChanges, type NameChanges } from './names.ts';
import { type ChangeAmounts, type OperationChanges, summariseTable } from './table-summary.ts';

/** The changes of one country. */
export interface CountryChanges {
  readonly country: string;
  /** Rows of the tables of changes. A level without changed rows has no entry. */
  readonly rows: ReadonlyMap<LevelTable, Columns>;
  /** Sums by table. A level without changed or relabelled rows has no entry. */
  readonly tables: ReadonlyMap<LevelTable, ChangeAmounts>;
  readonly operations: readonly OperationChanges[];
  readonly names: NameChanges;
}

/** Sums up the differences of all level tables of one country. */
export function summariseCountry(country: string, differences: readonly Difference[]): CountryChanges {
  const changed = differences.filter((difference) => !isUnchanged(difference));
  const summaries = changed.map((difference) => [difference.table, summariseTable(difference)] as const);
  const withRows = changed.filter(({ comparison }) => comparison.changes.length > 0);
  return {
    country,
    rows: new Map(
      withRows.map(({ table, schema, comparison }) => [table, changesTable(schema, [comparison])]),
    ),
    tables: new Map(summaries.map(([table, { amounts }]) => [table, amounts])),
    operations: summaries.flatMap(([, { operations }]) => operations),
    names: findNameChanges(differences),
  };
}
