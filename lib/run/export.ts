// One whole run in one process: plan, fetch, publish, as Lambda's stages do it one by one.
import pMap from 'p-map';
import { DTMApiError } from '../dtm/errors.ts';
import { jsonBytes } from '../release/digest.ts';
import { reportKey } from '../release/layout.ts';
import { readStatus, recordCheck } from '../release/ledger.ts';
import type { AskingContext } from './context.ts';
import { countCoverage } from './coverage.ts';
import { fetchUnit } from './fetch.ts';
import type { Outcome } from './outcome.ts';
import { askedUnits, type Plan, planRun, type Selection } from './plan.ts';
import { type PublishOptions, publish } from './publish.ts';
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
  const plan = await planRun(context, options.selection, options).catch(async (error: unknown) => {
    await recordFailure(context, error);
    throw error;
  });
  // A resumed run whose loss was accepted is published from what was staged: nothing is asked again.
  const again = !options.acceptDrop;
  const reports = await fetchUnits(context, plan, { concurrency: options.concurrency, again });
  const outcome = await publish(context, plan, options);
  await context.store.put(
    reportKey(plan.run),
    jsonBytes({ run: plan.run, outcome, finished_at: context.now().toISOString(), units: reports }),
    'anything',
  );
  return outcome;
}

/** A run that could not be planned is told where there is a status to tell it in. */
async function recordFailure(context: AskingContext, error: unknown): Promise<void> {
  if (!(error instanceof DTMApiError) || !(await readStatus(context.store))) return;
  const coverage = countCoverage([]);
  const reason = `${error.name}: ${error.message}`;
  const { run, now, store } = context;
  await recordCheck(store, { at: now(), run, outcome: 'failed', coverage, release: null, reason });
}

/** Fetches all units that the plan asks for, `concurrency` at a time; the first error that is not the API's ends it. */
async function fetchUnits(
  context: AskingContext,
  plan: Plan,
  { concurrency, again }: { concurrency: number; again: boolean },
): Promise<UnitReport[]> {
  const units = askedUnits(plan);
  let done = 0;
  context.onProgress({ stage: 'plan', units: units.length });
  const fetch = async (unit: Unit): Promise<UnitReport> => {
    context.signal?.throwIfAborted();
    const report = await fetchUnit(context, plan, { unit, again });
    done++;
    context.onProgress({ stage: 'fetch', report, done, units: units.length });
    return report;
  };
  return pMap(units, fetch, { concurrency });
}
