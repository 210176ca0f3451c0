// One whole run in one process: plan, fetch, publish, as Lambda's stages do it one by one.
import pMap from 'p-map';
import { jsonBytes } from '../release/digest.ts';
import { reportKey } from '../release/layout.ts';
import { recordCheck } from '../release/ledger.ts';
import { readCurrent } from '../release/pointer.ts';
import type { AskingContext } from './context.ts';
import { fetchUnit } from './fetch.ts';
import { askedUnits, type Plan, planRun, type Selection } from './plan.ts';
import { checkOf, type Outcome, type PublishOptions, publish, refused } from './publish.ts';
import { refusePart } from './refusals.ts';
import type { Unit, UnitReport } from './unit.ts';

export interface ExportOptions extends PublishOptions {
  readonly selection: Selection;
  readonly concurrency: number;
  readonly sourceUrl: string;
  /** Known beforehand where the simulator is our own. */
  readonly synthetic?: boolean;
}

/**
 * Plans, fetches every unit and publishes; refusals are outcomes.
 * @throws {ConfigurationError} before anything is asked or written; {StoreError}; {DTMApiError} if a list cannot be
 * had; the signal's reason if the run is stopped: what was staged is kept, and the same run id goes on from there
 */
export async function exportRun(context: AskingContext, options: ExportOptions): Promise<Outcome> {
  const plan = await planRun(context, options.selection, options);
  const { manifest } = await readCurrent(context.store);
  const part = refusePart(plan, manifest);
  if (part) {
    const outcome = refused(plan, [], part);
    await recordCheck(context.store, checkOf(context, outcome));
    return outcome;
  }
  const reports = await fetchUnits(context, plan, options.concurrency);
  const outcome = await publish(context, plan, options);
  await context.store.put(
    reportKey(plan.run),
    jsonBytes({ run: plan.run, outcome, finished_at: context.now().toISOString(), units: reports }),
    'anything',
  );
  return outcome;
}

/** Fetches all units that the plan asks for, `concurrency` at a time; the first error that is not the API's ends it. */
async function fetchUnits(context: AskingContext, plan: Plan, concurrency: number): Promise<UnitReport[]> {
  const units = askedUnits(plan);
  let done = 0;
  context.onProgress({ stage: 'plan', units: units.length });
  const fetch = async (unit: Unit): Promise<UnitReport> => {
    context.signal?.throwIfAborted();
    const report = await fetchUnit(context, plan, unit);
    done++;
    context.onProgress({ stage: 'fetch', report, done, units: units.length });
    return report;
  };
  return pMap(units, fetch, { concurrency });
}
