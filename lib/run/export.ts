// One whole run in one process: plan, fetch, publish, as Lambda's stages do it one by one.
import pMap from 'p-map';
import type { AskingContext } from './context.ts';
import { fetchUnit } from './fetch.ts';
import { finishRun } from './finish.ts';
import type { Outcome } from './outcome.ts';
import { askedUnits, type Plan, type Selection } from './plan.ts';
import type { PublishOptions } from './publish.ts';
import { recordFailure, startRun } from './start.ts';
import type { Unit } from './unit.ts';

export interface ExportOptions extends PublishOptions {
  readonly selection: Selection;
  readonly concurrency: number;
}

/**
 * Plans, fetches every unit and publishes; refusals are outcomes.
 * @throws {ConfigurationError} before anything is asked or written; {StoreError}; {DTMApiError} if a list cannot be
 * had; {MixedSourceError} if an answer is not of the plan's source; the signal's reason if the run is stopped: what was staged is kept, and the same run id goes on from there
 */
export async function exportRun(context: AskingContext, options: ExportOptions): Promise<Outcome> {
  const plan = await startRun(context, options.selection);
  const whole = { ...context, atHand: new Map() };
  // A resumed run whose loss was accepted is published from what was staged: nothing is asked again.
  const again = !options.acceptDrop;
  try {
    await fetchUnits(whole, plan, { concurrency: options.concurrency, again });
    return (await finishRun(whole, plan, options)).outcome;
  } catch (error) {
    await recordFailure(context, error);
    throw error;
  }
}

/** Fetches all units that the plan asks for, `concurrency` at a time; the first error that is not the API's ends it. */
async function fetchUnits(
  context: AskingContext,
  plan: Plan,
  { concurrency, again }: { concurrency: number; again: boolean },
): Promise<void> {
  const units = askedUnits(plan);
  let done = 0;
  context.onProgress({ stage: 'plan', units: units.length });
  const fetch = async (unit: Unit): Promise<void> => {
    context.signal?.throwIfAborted();
    const report = await fetchUnit(context, plan, { unit, again });
    done++;
    context.onProgress({ stage: 'fetch', report, done, units: units.length });
  };
  await pMap(units, fetch, { concurrency });
}
