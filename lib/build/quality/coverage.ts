// Whether all is there: units without an answer, fields that came or stayed away.
import type { ManifestUnit } from '../../release/manifest.ts';
import { check, checkCases, type QualityCheck } from './check.ts';

/** How often a field stood in, or was missing from, a unit's rows. */
export interface FieldCounts {
  readonly unknown: Readonly<Record<string, number>>;
  readonly missing: Readonly<Record<string, number>>;
}

export const unansweredCheck = (units: readonly ManifestUnit[]): QualityCheck =>
  checkCases(
    'units without an answer',
    'units',
    units
      .filter(({ status }) => status === 'failed' || status === 'carried')
      .map(({ level, country }) => `admin${level}/${country}`),
  );

/** Drift, and fields that may be left out. */
export const fieldChecks = (fields: readonly FieldCounts[]): QualityCheck[] => [
  fieldCheck(
    'fields that the schema does not know (left out)',
    fields.map(({ unknown }) => unknown),
  ),
  fieldCheck(
    'fields missing from rows (null)',
    fields.map(({ missing }) => missing),
  ),
];

function fieldCheck(name: string, counts: readonly Readonly<Record<string, number>>[]): QualityCheck {
  const totals = new Map<string, number>();
  for (const one of counts)
    for (const [field, rows] of Object.entries(one)) totals.set(field, (totals.get(field) ?? 0) + rows);
  const observed = [...totals.values()].reduce((sum, rows) => sum + rows, 0);
  const examples = [...totals].sort().map(([field, rows]) => `${field}: ${rows} rows`);
  return check(name, observed, { unit: 'rows', examples });
}
