// All units of a run, some at a time, with a circuit breaker: once so many have failed that the run will be refused, or
// the deadline is over, nothing more is asked of an API that is down.
import pMap from 'p-map';
import { isOutage } from './checks/outage.ts';
import type { ApiContext } from './context.ts';
import { fetchUnit } from './fetch.ts';
import { askedUnits, type Plan } from './plan.ts';
import type { Unit } from './units/unit.ts';

export interface FetchUnitsOptions {
  readonly concurrency: number;
  /** Percent of the units that may be without an answer. */
  readonly maxFailed: number;
  /** Whether what failed in this run before is asked for again. */
  readonly retryFailed: boolean;
  /** Aborted when nothing is to be asked any more. */
  readonly deadline: AbortSignal;
}

/** Why asking was stopped. */
class FetchStopped extends Error {
  override readonly name = 'StoppedAsking';
}

/**
 * Fetches all units that the plan asks for; resolves to why some were not asked for, null if all were.
 * @throws the first error that is not the API's
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
    const report = await fetchUnit(abortableContext, plan, { unit, again: retryFailed }).catch(
      (error: unknown) => {
        if (isStopped() && error === abortableContext.signal.reason && !context.signal?.aborted) return null;
        // Those under way end, too.
        stop.abort(new FetchStopped('another unit has ended the run'));
        throw error;
      },
    );
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
