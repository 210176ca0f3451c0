// What a release says of its units, counted and in words.

import type { FieldCounts } from '../../build/quality/coverage.ts';
import { type Manifest, type ManifestUnit, UNIT_STATUSES } from '../../release/manifest.ts';
import type { UnitCounts } from '../../release/status.ts';
import type { ComposedUnit } from './compose-units.ts';
import { type Unit, type UnitReport, unitName } from './unit.ts';

/** How many units have each status. */
export function countUnits(units: readonly Pick<ManifestUnit, 'status'>[]): UnitCounts {
  const counts = Object.fromEntries(UNIT_STATUSES.map((status) => [status, 0])) as UnitCounts;
  for (const { status } of units) counts[status]++;
  return counts;
}

/**
 * The units as a release declares them. Rows of this run that a country's file of the current release holds byte for
 * byte were first published where that one says.
 */
export function declareUnits(
  units: readonly ComposedUnit[],
  { release, isSame: areRowsUnchanged }: { release: string; isSame: (unit: Unit) => boolean },
  current: Manifest | null,
): ManifestUnit[] {
  const earlier = new Map((current?.coverage.units ?? []).map((unit) => [unitName(unit as Unit), unit.from]));
  return units.map(({ source, ...unit }) => {
    if (source !== 'staged') return unit;
    const before = areRowsUnchanged(unit as Unit) ? earlier.get(unitName(unit as Unit)) : null;
    return { ...unit, from: before ?? release };
  });
}

/** The fields that came unasked or stayed away, unit by unit; `id` is no figure, and v3 never sends it at admin0. */
export const collectFieldCounts = (reports: readonly UnitReport[]): FieldCounts[] =>
  reports.map(({ unknown_fields, absent_fields: { id: _, ...missing } }) => ({
    unknown: unknown_fields,
    missing,
  }));

/** When the first answer was asked for and the last one received, null where there was none. */
export function requestPeriod(reports: readonly UnitReport[]): { from: string | null; to: string | null } {
  const froms = reports.map(({ requested_at }) => requested_at).sort();
  const tos = reports.flatMap(({ fetched_at }) => fetched_at ?? []).sort();
  return { from: froms[0] ?? null, to: tos.at(-1) ?? null };
}

/** The units without an answer, as a person reads them: the first three with their reasons. */
export function describeFailures(failed: readonly UnitReport[]): string {
  const words = failed.slice(0, 3).map((report) => `${unitName(report)}: ${report.reason}`);
  return `${words.join('; ')}${failed.length > 3 ? `; and ${failed.length - 3} more` : ''}`;
}
