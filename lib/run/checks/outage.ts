// Stops sending requests to an API that is down. On AWS each function fetches one unit. After a failure it counts the
// failed units in the store, and ends the fetching if the run will be refused.
import type { RunContext } from '../context.ts';
import type { Plan } from '../plan.ts';
import { readReports } from '../units/unit-reports.ts';

/** Fewer failures are not an outage: in a small run one failing country must not stop the others. */
const MIN_OUTAGE_FAILURES = 6;

/** Whether the failed units are more than `maxFailed` percent of all. */
export const exceedsMaxFailed = (failed: number, units: number, maxFailed: number): boolean =>
  failed * 100 > units * maxFailed;

/** Whether the API is probably down: so many units failed that the run will be refused. */
export const isOutage = (failed: number, units: number, maxFailed: number): boolean =>
  failed >= MIN_OUTAGE_FAILURES && exceedsMaxFailed(failed, units, maxFailed);

/** So many units failed that the run will be refused. The other units are not requested. */
export class OutageError extends Error {
  override readonly name = 'OutageError';
}

/**
 * Counts the units that failed after `since` (ISO 8601). Failures of an earlier execution do not count: this execution
 * requests those units again.
 * @throws {OutageError} if too many failed
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
