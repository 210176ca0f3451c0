// Skips repeated work. An answer with the same bytes as in the current release is not parsed. If all answers and lists
// have the same bytes, no tables are built.
import { sha256 } from '../../release/digest.ts';
import { stagedKey } from '../../release/layout.ts';
import type { Manifest } from '../../release/manifest.ts';
import type { Store } from '../../store/store.ts';
import { type Plan, readPlan } from '../plan.ts';
import type { ComposedUnit } from './compose-units.ts';
import { readReportIfValid, tableOf, type Unit, type UnitReport, unitName } from './unit.ts';

/** A unit with rows, as an earlier run staged it. */
export interface PreviousUnit {
  readonly run: string;
  readonly report: UnitReport;
  readonly staged: Uint8Array;
}

/** Reads the unit from the plan's `known_run`. Null if that run has no staged rows of it, or if they are damaged. */
export async function readPreviousUnit(
  store: Store,
  { known_run: run }: Pick<Plan, 'known_run'>,
  unit: Unit,
): Promise<PreviousUnit | null> {
  if (!run) return null;
  const report = await readReportIfValid(store, run, unit);
  // A report of an older version of this program lacks `keys`.
  if (!report?.staged_sha256 || report.keys === undefined) return null;
  const staged = (await store.get(stagedKey(run, tableOf(unit), unit.country)))?.body;
  return staged && sha256(staged) === report.staged_sha256 ? { run, report, staged } : null;
}

/**
 * True if answers and lists have the same bytes as those of the current release. False does not mean that rows changed:
 * other bytes can hold the same rows.
 */
export async function areAnswersUnchanged(
  store: Store,
  { plan, reports }: { plan: Plan; reports: readonly UnitReport[] },
  { units, current }: { units: readonly ComposedUnit[]; current: Manifest | null },
): Promise<boolean> {
  if (!current || plan.known_run !== current.run) return false;
  const publishedUnits = new Map(current.coverage.units.map((unit) => [unitName(unit as Unit), unit]));
  const answered = new Map(reports.map((report) => [unitName(report), report]));
  const isUnchanged = (unit: ComposedUnit): boolean => {
    const [now, before] = [answered.get(unitName(unit as Unit)), publishedUnits.get(unitName(unit as Unit))];
    if (unit.source === 'staged')
      return now?.same_as === current.run && now.raw_sha256 === before?.raw_sha256;
    return unit.rows === (before?.rows ?? 0);
  };
  return units.every(isUnchanged) && (await hasSameLists(store, plan, current.run));
}

async function hasSameLists(store: Store, { lists_sha256: now }: Plan, run: string): Promise<boolean> {
  const before = (await readPlan(store, run))?.lists_sha256;
  return before?.countries === now.countries && before.operations === now.operations;
}
