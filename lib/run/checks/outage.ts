// When an API that is down is not asked any more. Each of the functions asks for one unit and knows nothing of the others:
// the one whose unit has failed looks how many have, and ends the asking once the run will be refused.
import type { RunContext } from '../context.ts';
import type { Plan } from '../plan.ts';
import { readReports } from '../units/unit-reports.ts';

/** Fewer failures are no outage: in a small run one country's fault must not keep the others from being asked. */
const MIN_OUTAGE_FAILURES = 6;

/** Whether so many failed units are more than so many percent of all. */
export const exceedsMaxFailed = (failed: number, units: number, maxFailed: number): boolean =>
  failed * 100 > units * maxFailed;

/** Whether an API that is down is to be left alone: so many have failed that the run will be refused. */
export const isOutage = (failed: number, units: number, maxFailed: number): boolean =>
  failed >= MIN_OUTAGE_FAILURES && exceedsMaxFailed(failed, units, maxFailed);

/** So many units have failed that the run will be refused: the rest need not be asked for. */
export class OutageError extends Error {
  override readonly name = 'OutageError';
}

/**
 * Counts the units that have failed since a time, ISO 8601: what failed in an earlier execution of the run is asked for
 * again, and does not count.
 * @throws {OutageError} if they are too many
 */
export async function checkOutage(
  context: RunContext,
  plan: Plan,
  { maxFailed, since }: { maxFailed: number; since: string },
): Promise<void> {
  const reports = await readReports(context, plan);
  const failed = reports.filter(
    ({ status, attempts, requested_at }) => status === 'failed' && attempts > 0 && requested_at >= since,
  );
  if (!isOutage(failed.length, reports.length, maxFailed)) return;
  throw new OutageError(
    `${failed.length} of ${reports.length} units have failed, more than ${maxFailed} percent: the others are not asked for`,
  );
}
