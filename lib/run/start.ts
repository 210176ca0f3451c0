// The start of a run, on a laptop and on AWS. If the API fails, the failure is announced and recorded.
import { announceFailure } from '../catalogue/announce.ts';
import { readStatus, recordCheck } from '../catalogue/status.ts';
import { DTMApiError } from '../dtm/errors.ts';
import { ConfigurationError } from '../environment/configuration.ts';
import { planKey } from '../release/layout.ts';
import type { Store } from '../store/store.ts';
import { KeyRefusedError } from './api-client.ts';
import type { ApiContext } from './context.ts';
import { runSteps } from './outcome/finish-steps.ts';
import { publicErrorReason } from './outcome/public-reason.ts';
import { type Plan, planRun, readPlan, type Selection } from './plan.ts';
import { countUnits } from './units/coverage.ts';
import { MixedSourceError } from './units/source.ts';

/**
 * Plans the run, or finds its plan. Records a failure of the API before it throws.
 * @throws as `planRun`
 */
export async function startRun(
  context: ApiContext,
  selection: Selection,
  execution: string | null = null,
): Promise<Plan> {
  return planRun(context, selection, execution).catch(async (error: unknown) => {
    await recordFailure(context, error);
    throw error;
  });
}

/** Announces a run that ended with an API error, a refused key or mixed sources. Records it if `status.json` exists. */
export async function recordFailure(context: ApiContext, error: unknown): Promise<void> {
  const isRecordable = [DTMApiError, KeyRefusedError, MixedSourceError].some(
    (errorType) => error instanceof errorType,
  );
  if (!isRecordable || !(error instanceof Error)) return;
  const { run, now, store } = context;
  const coverage = countUnits([]);
  const reason = publicErrorReason(`${error.name}: ${error.message}`);
  const record = async (): Promise<void> => {
    if (await readStatus(store))
      await recordCheck(store, { at: now(), run, outcome: 'failed', coverage, release: null, reason });
  };
  // A failed step is ignored: the run ends with the original error.
  await runSteps([
    ['announcement', () => announceFailure(context, { run, reason })],
    ['status', record],
  ]);
}

/** Whether another execution started this run, and the event does not ask to resume it. */
export const isStartedElsewhere = (
  plan: Plan,
  { execution, resume }: { execution: string; resume: boolean },
): boolean => !resume && plan.execution !== execution;

/** Reads the plan of a run that was started. @throws {ConfigurationError} if there is none */
export async function findPlan(store: Store, run: string): Promise<Plan> {
  const plan = await readPlan(store, run);
  if (!plan)
    throw new ConfigurationError(
      `run ${run} was never planned: ${planKey(run)} is missing; start the run from its beginning`,
    );
  return plan;
}
