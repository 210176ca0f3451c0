// Describes the outcome of an export: as text, as JSON and as exit status.
import type { UnitCounts } from '../release/status.ts';
import type { Outcome } from '../run/outcome/outcome.ts';
import { EXIT, type Exit } from './terminal.ts';

/** 0: nothing is missing. 3: units failed or were carried, or a step is left to finish. 1: refused or failed. */
export function outcomeExit({ outcome, units, unfinished }: Outcome): Exit {
  if (outcome === 'refused' || outcome === 'failed') return EXIT.failed;
  return units.failed + units.carried + unfinished.length > 0 ? EXIT.incomplete : EXIT.done;
}

/** `skipped`: it was another run's turn. */
type PartialOutcome = { readonly outcome: Outcome['outcome'] | 'skipped' } & Pick<Outcome, 'reason'> &
  Partial<Omit<Outcome, 'outcome'>>;

/**
 * One JSON object. A value that does not apply is null. `unfinished` and `warnings` are left out if they are empty.
 */
export const outcomeJson = (
  {
    outcome,
    release = null,
    manifest = null,
    rows = null,
    units,
    changes = null,
    reason,
    ...rest
  }: PartialOutcome,
  seconds: number,
): string => {
  const { unfinished = [], warnings = [] } = rest;
  return JSON.stringify({
    ...{ outcome, release, manifest, rows, units: units ?? null, changes, seconds, reason },
    ...(unfinished.length > 0 && { unfinished }),
    ...(warnings.length > 0 && { warnings }),
  });
};

/** Counts of units by status, without zeros. */
export function unitsText({ ok, empty, failed, carried, kept, absent }: UnitCounts): string {
  const counts: [number, string][] = [
    [ok, 'with rows'],
    [empty, 'empty'],
    [kept, 'kept from an earlier release'],
    [carried, 'without an answer: carried from an earlier release'],
    [failed, 'without an answer and without rows'],
    [absent, 'never asked for'],
  ];
  return counts
    .filter(([count]) => count > 0)
    .map(([count, status]) => `${count} ${status}`)
    .join(', ');
}

/** Counts of rows that differ from the release before. */
export const changesText = (changes: Outcome['changes']): string =>
  changes
    ? `${changes.added} rows added, ${changes.removed} removed, ${changes.changed} changed, ${changes.relabelled} relabelled`
    : 'none to compare with: the first release';

/** Says what was published, and how to look at it. */
export function outcomeText(
  { outcome, release, manifest, rows, units, changes }: Outcome,
  to: string,
): string {
  const counts = Object.entries(rows ?? {}).map(([table, count]) => `${table} ${count.toLocaleString('en')}`);
  const parquet = `${to}/releases/${release}/tables/snapshots/snapshots.parquet`;
  return [
    outcome === 'published'
      ? `Published release ${release} into ${to}`
      : `Unchanged: release ${release} in ${to} already says all of this; no new release`,
    `  rows       ${counts.join(', ')}`,
    `  units      ${unitsText(units)}`,
    `  changes    ${changesText(changes)}`,
    `  manifest   ${to}/${manifest}`,
    'Look at it:',
    `  npx dtm-exporter status ${to}      what there is, and how fresh`,
    `  npx dtm-exporter verify ${to}      every file against the manifest`,
    `  duckdb -c "FROM '${parquet}' WHERE is_latest AND level = 0"`,
    `  npx dtm-exporter serve ${to}       the page, with charts and downloads`,
  ].join('\n');
}
