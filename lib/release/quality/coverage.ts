// Whether all is there: units without an answer, fields that came or stayed away, rows lost since the release before.
import { LEVEL_TABLES } from '../../table/schema.ts';
import type { Dataset } from '../dataset.ts';
import type { Manifest, ManifestUnit } from '../manifest.ts';
import { check, counted, percent, type QualityCheck } from './check.ts';

/** How often a field stood in, or was missing from, a unit's rows. */
export interface FieldCounts {
  readonly unknown: Readonly<Record<string, number>>;
  readonly missing: Readonly<Record<string, number>>;
}

/** Percent of its rows that a table may lose between two releases without anyone's consent. */
export const ROWS_LOST_AT_MOST = 20;

export const unanswered = (units: readonly ManifestUnit[]): QualityCheck =>
  counted(
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

/** The share of its rows that each level's table lost against the release before. */
export const lossChecks = ({ tables }: Dataset, before: Manifest | null): QualityCheck[] =>
  LEVEL_TABLES.map((table) => {
    const earlier = before?.tables.find(({ name }) => name === table)?.rows ?? 0;
    const lost = Math.max(0, earlier - tables[table].columns.length);
    return check(`rows of ${table} lost since the release before`, percent(lost, earlier), {
      unit: 'percent',
      threshold: ROWS_LOST_AT_MOST,
      consequence: 'refused unless accepted',
    });
  });

/** Countries that had rows in the release before and have none in any level. */
export function vanishedCountries({ tables }: Pick<Dataset, 'tables'>, before: Manifest | null): string[] {
  const held = (before?.coverage.units ?? []).filter(({ rows }) => rows > 0).map(({ country }) => country);
  const now = new Set(LEVEL_TABLES.flatMap((table) => tables[table].countries.map(({ country }) => country)));
  return [...new Set(held)].filter((country) => !now.has(country));
}

export const vanishedCheck = (dataset: Dataset, before: Manifest | null): QualityCheck => {
  const vanished = vanishedCountries(dataset, before);
  return check('countries that lost all their rows', vanished.length, {
    unit: 'values',
    consequence: 'refused unless accepted',
    examples: vanished,
  });
};
