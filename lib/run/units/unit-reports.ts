// The reports of a run's units, all of them: what asked for a unit may have ended before it could say how.
import pMap from 'p-map';
import type { RunContext } from '../context.ts';
import { askedUnits, type Plan } from '../plan.ts';
import { createFailedReport, readReport, type Unit, type UnitReport } from './unit.ts';

/** Reports being read at once. */
const REPORTS_AT_ONCE = 8;

/**
 * The reports of all units that were asked for; one without a report has failed, or was not waited for.
 * @throws {StagedFileError} if one is damaged
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
