// Sums up the changes of all countries.
import type { CountryChanges } from './country-changes.ts';
import type { NameChanges, Names } from './names.ts';
import type { ChangeAmounts, OperationChanges, RowsAndPersons } from './table-summary.ts';

/** `changes/changes.json`: rows of all level tables together, then the details. */
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

/** Summarises the changes of all countries since the superseded release. */
export function summariseChanges(
  countries: readonly CountryChanges[],
  { release, supersedes }: { release: string; supersedes: string },
): ChangesSummary {
  const entries = countries.flatMap(({ country, tables }) =>
    [...tables].map(([table, amounts]) => ({ table, country, ...amounts })),
  );
  const total = addAmounts(entries);
  const byTable = Map.groupBy(entries, ({ table }) => table);
  const names = countries.map(({ names: changes }) => changes);
  return {
    release,
    supersedes,
    added: total.added.rows,
    removed: total.removed.rows,
    changed: total.changed.rows,
    relabelled: total.relabelled,
    tables: [...byTable].map(([table, group]) => ({ table, ...addAmounts(group) })),
    countries: entries,
    operations: countries.flatMap(({ operations }) => operations),
    appeared: joinNames(names.map(({ appeared }) => appeared)),
    vanished: joinNames(names.map(({ vanished }) => vanished)),
    renamed: names.flatMap(({ renamed }) => renamed),
  };
}

const joinNames = (all: readonly Names[]): Names => ({
  countries: all.flatMap(({ countries }) => countries),
  operations: all.flatMap(({ operations }) => operations),
});

function addAmounts(all: readonly ChangeAmounts[]): ChangeAmounts {
  const sumOf = (kind: 'added' | 'removed' | 'changed'): RowsAndPersons => ({
    rows: all.reduce((sum, amounts) => sum + amounts[kind].rows, 0),
    persons: all.reduce((sum, amounts) => sum + amounts[kind].persons, 0),
  });
  return {
    added: sumOf('added'),
    removed: sumOf('removed'),
    changed: sumOf('changed'),
    relabelled: all.reduce((sum, { relabelled }) => sum + relabelled, 0),
  };
}
