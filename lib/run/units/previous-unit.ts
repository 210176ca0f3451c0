// Finds a unit as an earlier run staged it. If the API sends the same bytes again, they are not parsed.
import { sha256 } from '../../release/digest.ts';
import { stagedKey } from '../../release/layout.ts';
import type { Store } from '../../store/store.ts';
import type { Plan } from '../plan.ts';
import { readReportIfValid, tableOf, type Unit, type UnitReport } from './unit.ts';

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
