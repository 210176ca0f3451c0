// What need not be done again: an answer whose bytes are those that the current release was made from is not read, and a
// run that brings nothing but such answers is not laid out.

import { sha256 } from '../../release/digest.ts';
import { stagedKey } from '../../release/layout.ts';
import type { Manifest } from '../../release/manifest.ts';
import type { Store } from '../../store/store.ts';
import { type Plan, readPlan } from '../plan.ts';
import type { ComposedUnit } from './compose-units.ts';
import { readReportIfValid, tableOf, type Unit, type UnitReport, unitName } from './unit.ts';

/** A unit with rows as an earlier run has read and staged it. */
export interface PreviousUnit {
  readonly run: string;
  readonly report: UnitReport;
  readonly staged: Uint8Array;
}

/** The unit as the known run has it; null if that has no rows of it any more, or what it has is damaged. */
export async function readPreviousUnit(
  store: Store,
  { known_run: run }: Pick<Plan, 'known_run'>,
  unit: Unit,
): Promise<PreviousUnit | null> {
  if (!run) return null;
  const report = await readReportIfValid(store, run, unit);
  if (!report?.staged_sha256) return null;
  const staged = (await store.get(stagedKey(run, tableOf(unit), unit.country)))?.body;
  return staged && sha256(staged) === report.staged_sha256 ? { run, report, staged } : null;
}

/**
 * Whether the rows to be published are those of the current release, by the bytes of answers and lists alone. False
 * says nothing: other bytes can be the same rows.
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
