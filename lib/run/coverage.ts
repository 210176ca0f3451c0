// From a run's reports to what a release says of its units.
import type { Coverage } from '../release/ledger.ts';
import { type ManifestUnit, UNIT_STATUSES } from '../release/manifest.ts';
import type { FieldCounts } from '../release/quality.ts';
import type { Plan } from './plan.ts';
import { type Unit, type UnitReport, unitName } from './unit.ts';

const NOTHING = { rows: 0, fetched_at: null, raw_sha256: null, raw_bytes: null, reason: null, from: null };

/** Every unit of the plan, as the release will declare it; `release` is where its rows are first published. */
export function coverageUnits(plan: Plan, reports: readonly UnitReport[], release: string): ManifestUnit[] {
  const byName = new Map(reports.map((report) => [unitName(report), report]));
  return plan.units.map(({ level, country }) => {
    const report = byName.get(unitName({ level, country }));
    if (!report) return { level, country, status: 'absent', ...NOTHING };
    const { status, rows, fetched_at, raw_sha256, raw_bytes, reason } = report;
    const from = status === 'ok' ? release : null;
    return { level, country, status, rows, fetched_at, raw_sha256, raw_bytes, reason, from };
  });
}

/** How many units have each status. */
export function countCoverage(units: readonly Pick<ManifestUnit, 'status'>[]): Coverage {
  const counts = Object.fromEntries(UNIT_STATUSES.map((status) => [status, 0])) as Coverage;
  for (const { status } of units) counts[status]++;
  return counts;
}

/** The fields that came unasked or stayed away, unit by unit; `id` is no figure, and v3 never sends it at admin0. */
export const fieldCounts = (reports: readonly UnitReport[]): FieldCounts[] =>
  reports.map(({ unknown_fields, absent_fields: { id: _, ...missing } }) => ({
    unknown: unknown_fields,
    missing,
  }));

/** When the first answer was asked for and the last one received, null where there was none. */
export function requestedBetween(reports: readonly UnitReport[]): { from: string | null; to: string | null } {
  const froms = reports.map(({ requested_at }) => requested_at).sort();
  const tos = reports.flatMap(({ fetched_at }) => fetched_at ?? []).sort();
  return { from: froms[0] ?? null, to: tos.at(-1) ?? null };
}

/** The units without an answer, as a person reads them: the first three with their reasons. */
export function failuresInWords(reports: readonly UnitReport[]): string | null {
  const failed = reports.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return null;
  const words = failed.slice(0, 3).map((report) => `${unitName(report)}: ${report.reason}`);
  const more = failed.length > 3 ? `; and ${failed.length - 3} more` : '';
  return `${failed.length} of ${reports.length} units failed (${words.join('; ')}${more})`;
}

/** Units of a release whose rows a run over `asked` would have to keep, since it does not ask for them. */
export function unitsToKeep(held: readonly ManifestUnit[], asked: readonly Unit[]): ManifestUnit[] {
  const names = new Set(asked.map(unitName));
  return held.filter((unit) => unit.rows > 0 && !names.has(unitName(unit as Unit)));
}
