// Checks completeness: units without an answer, and fields that are unknown or missing.
import type { ManifestUnit } from '../../release/manifest.ts';
import { check, checkCases, type QualityCheck } from './check.ts';

/** Rows of a unit by field: with a field that the schema does not know, and without a field that it knows. */
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

/** Checks for unknown fields (schema drift) and for optional fields that are missing. */
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
  for (const unitCounts of counts)
    for (const [field, rows] of Object.entries(unitCounts))
      totals.set(field, (totals.get(field) ?? 0) + rows);
  const observed = [...totals.values()].reduce((sum, rows) => sum + rows, 0);
  const examples = [...totals].sort().map(([field, rows]) => `${field}: ${rows} rows`);
  return check(name, observed, { unit: 'rows', examples });
}
