// Reads the report of every unit that a run asked for. A unit without a report counts as failed: its function may have
// stopped before it wrote the report.
import pMap from 'p-map';
import type { RunContext } from '../context.ts';
import { askedUnits, type Plan } from '../plan.ts';
import { createFailedReport, readReport, type Unit, type UnitReport } from './unit.ts';

/** Reports read at once. */
const REPORTS_AT_ONCE = 8;

/**
 * Reads the reports of all requested units. A missing report becomes a failed one. `unaskedReason` says why units were
 * not requested.
 * @throws {StagedFileError} if a report is damaged
 */
export const readReports = (
  { store }: Pick<RunContext, 'store'>,
  plan: Plan,
  unaskedReason: string | null = null,
): Promise<UnitReport[]> =>
  pMap(
    askedUnits(plan),
    async (unit) =>
      (await readReport(store, plan.run, unit)) ?? createMissingReport(plan, unit, unaskedReason),
    { concurrency: REPORTS_AT_ONCE },
  );

const createMissingReport = ({ created_at }: Plan, unit: Unit, unaskedReason: string | null): UnitReport =>
  createFailedReport(unit, {
    reason:
      unaskedReason === null
        ? 'No outcome: what asked for this unit ended before it could say how.'
        : `No answer was waited for: ${unaskedReason}.`,
    attempts: 0,
    seconds: 0,
    requested_at: created_at,
  });
