// Fetches all units of a run, `concurrency` at a time. It stops sending requests at the deadline, or when so many units
// have failed that the run will be refused: the API is probably down.
import pMap from 'p-map';
import { isOutage } from '../checks/outage.ts';
import type { ApiContext } from '../context.ts';
import { fetchUnit } from '../fetch.ts';
import { askedUnits, type Plan } from '../plan.ts';
import type { Unit } from './unit.ts';

export interface FetchUnitsOptions {
  readonly concurrency: number;
  /** Percent of the units that may be without an answer. */
  readonly maxFailed: number;
  /** Whether a resumed run requests its failed units again. */
  readonly retryFailed: boolean;
  /** Aborted when the run must send no more requests. */
  readonly deadline: AbortSignal;
}

/** Abort reason: the run sends no more requests. */
class FetchStopped extends Error {
  override readonly name = 'FetchStopped';
}

/**
 * Fetches all units that the plan asks for. Resolves to the reason why some were not requested, or null if all were.
 * @throws the first error that is not a failure of the API
 */
export async function fetchUnits(
  context: ApiContext,
  plan: Plan,
  { concurrency, maxFailed, retryFailed, deadline }: FetchUnitsOptions,
): Promise<string | null> {
  const units = askedUnits(plan);
  const stop = new AbortController();
  const signals = [stop.signal, deadline, ...(context.signal ? [context.signal] : [])];
  const abortableContext = { ...context, signal: AbortSignal.any(signals) };
  const isStopped = (): boolean => stop.signal.aborted || deadline.aborted;
  let [done, failed] = [0, 0];
  context.onProgress({ stage: 'plan', units: units.length });
  const fetch = async (unit: Unit): Promise<void> => {
    context.signal?.throwIfAborted();
    if (isStopped()) return;
    const report = await fetchUnit(abortableContext, plan, { unit, retryFailed }).catch((error: unknown) => {
      if (isStopped() && error === abortableContext.signal.reason && !context.signal?.aborted) return null;
      // The run ends: abort the requests of the other units too.
      stop.abort(new FetchStopped('another unit has ended the run'));
      throw error;
    });
    if (!report) return;
    done++;
    context.onProgress({ stage: 'fetch', report, done, units: units.length });
    if (report.status === 'failed') failed++;
    if (isOutage(failed, units.length, maxFailed))
      stop.abort(new FetchStopped(`more than --max-failed ${maxFailed} percent had failed already`));
  };
  await pMap(units, fetch, { concurrency });
  if (!isStopped() || done === units.length) return null;
  return (abortableContext.signal.reason as Error).message;
}
