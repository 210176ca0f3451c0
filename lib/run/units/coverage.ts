// Counts and describes the units of a run, and declares them for the manifest.
import type { FieldCounts } from '../../make/quality/coverage.ts';
import { type Manifest, type ManifestUnit, UNIT_STATUSES } from '../../release/manifest.ts';
import type { UnitCounts } from '../../release/status.ts';
import type { ComposedUnit } from './compose-units.ts';
import { type Unit, type UnitReport, unitName } from './unit.ts';

/** Counts the units by status. */
export function countUnits(units: readonly Pick<ManifestUnit, 'status'>[]): UnitCounts {
  const counts = Object.fromEntries(UNIT_STATUSES.map((status) => [status, 0])) as UnitCounts;
  for (const { status } of units) counts[status]++;
  return counts;
}

/**
 * The units as the manifest declares them. `from` is the release that first published the rows: if the rows did not
 * change, it is the `from` of the current release.
 */
export function declareUnits(
  units: readonly ComposedUnit[],
  { release, unchangedUnits }: { release: string; unchangedUnits: ReadonlySet<string> },
  current: Manifest | null,
): ManifestUnit[] {
  const earlier = new Map((current?.coverage.units ?? []).map((unit) => [unitName(unit as Unit), unit.from]));
  return units.map(({ source, ...unit }) => {
    if (source !== 'staged') return unit;
    const name = unitName(unit as Unit);
    const before = unchangedUnits.has(name) ? earlier.get(name) : null;
    return { ...unit, from: before ?? release };
  });
}

/** Unknown and missing fields of each unit. `id` is left out: it is no count, and v3 never sends it at admin0. */
export const collectFieldCounts = (reports: readonly UnitReport[]): FieldCounts[] =>
  reports.map(({ unknown_fields, absent_fields: { id: _, ...missing } }) => ({
    unknown: unknown_fields,
    missing,
  }));

/** The times of the first request and of the last answer; null if there was none. */
export function requestPeriod(reports: readonly UnitReport[]): { from: string | null; to: string | null } {
  const froms = reports.map(({ requested_at }) => requested_at).sort();
  const tos = reports.flatMap(({ fetched_at }) => fetched_at ?? []).sort();
  return { from: froms[0] ?? null, to: tos.at(-1) ?? null };
}

/** Describes failed units in one line: the first three with their reasons. */
export function describeFailures(failed: readonly UnitReport[]): string {
  const texts = failed.slice(0, 3).map((report) => `${unitName(report)}: ${report.reason}`);
  return `${texts.join('; ')}${failed.length > 3 ? `; and ${failed.length - 3} more` : ''}`;
}
