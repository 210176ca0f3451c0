// The start of an execution on AWS, and the record of a run that failed.
import { announceFailure } from '../catalogue/announce.ts';
import { readStatus, recordCheck } from '../catalogue/status.ts';
import { ConfigurationError } from '../environment/configuration.ts';
import { planKey } from '../release/layout.ts';
import type { Store } from '../store/store.ts';
import type { ApiContext, RunContext } from './context.ts';
import { runSteps } from './outcome/finish-steps.ts';
import { publicErrorReason } from './outcome/public-reason.ts';
import {
  createSelection,
  type Plan,
  planRun,
  readPlan,
  type Selection,
  type SelectionDefaults,
  type SelectionInput,
} from './plan.ts';
import { createLease, type RunLease, RunUnderWayError } from './turn/lease.ts';
import { takeRequests } from './turn/requests.ts';
import { countUnits } from './units/coverage.ts';

/** The input of an execution of the state machine. */
export interface ExecutionInput extends SelectionInput {
  /** Whether this execution goes on with a run of another one. */
  readonly resume?: boolean | undefined;
  /** Whether the run is a refresh: it waits for its turn, and takes its units from the requests that wait. */
  readonly refresh?: boolean | undefined;
  readonly accept_drop?: boolean | undefined;
}

/** Why an execution does not run now. One that is `waiting` tries again later. */
type NotPlanned = 'already started' | 'another run is under way' | 'waiting' | 'no request is left';

/** The plan of an execution; null if it does not run now, with the reason and the run that has its turn. */
export type ExecutionStart =
  | { readonly status: 'planned'; readonly plan: Plan }
  | { readonly status: NotPlanned; readonly plan: null; readonly otherRun: string | null };

/**
 * Plans the run of an execution, and takes the run's turn, which `finish` or the last failure gives back. If this fails,
 * the turn is given back at once, so that another run can work while this one waits.
 * @throws as `planRun`
 */
export async function startExecution(
  context: ApiContext,
  { input, execution, defaults }: { input: ExecutionInput; execution: string; defaults: SelectionDefaults },
): Promise<ExecutionStart> {
  const { run } = context;
  const { resume = false, refresh = false, accept_drop = false } = input;
  const hasUnits = input.countries !== undefined || input.levels !== undefined;
  const isMerged = refresh && !hasUnits && !accept_drop;
  const lease = createExecutionLease(context, execution, resume);
  const take = async (): Promise<Selection> => {
    await lease.take();
    const requests = isMerged || (resume && !hasUnits) ? await takeRequests(context.store, run) : null;
    if (isMerged && !requests) throw new NoRequestError();
    return createSelection(requests ?? input, defaults);
  };
  try {
    const plan = await planRun(context, defaults.apiVersion, { execution, take });
    if (resume || plan.execution === execution) return { status: 'planned', plan };
    await lease.release();
    return { status: 'already started', plan: null, otherRun: run };
  } catch (error) {
    await lease.release();
    if (error instanceof NoRequestError) return { status: 'no request is left', plan: null, otherRun: null };
    if (!(error instanceof RunUnderWayError)) throw error;
    const status = refresh ? 'waiting' : 'another run is under way';
    return { status: error.run === run ? 'already started' : status, plan: null, otherRun: error.run };
  }
}

/** The lease of an execution. Each function of it can renew and release it. */
export const createExecutionLease = (
  context: Pick<RunContext, 'run' | 'store' | 'now'>,
  owner: string,
  resumes = false,
): RunLease => createLease(context, { run: context.run, owner, host: null, pid: null, resumes });

/** The requests of this execution were answered by another run. */
class NoRequestError extends Error {
  override readonly name = 'NoRequestError';
}

/** Errors of the API and its answers. A wrong configuration or a full disk is not the dataset's readers' concern. */
const RECORDED_ERRORS = /^(DTM\w+Error|KeyRefusedError|MixedSourceError)$/;

/** Announces a run that ended with an API error, a refused key or mixed sources. Records it if `status.json` exists. */
export async function recordFailure(context: RunContext, error: unknown): Promise<void> {
  const { name, message } = error as Partial<Error>;
  if (!name || !RECORDED_ERRORS.test(name)) return;
  const { run, now, store } = context;
  const coverage = countUnits([]);
  const reason = publicErrorReason(`${name}: ${message}`);
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

/** Reads the plan of a run that was started. @throws {ConfigurationError} if there is none */
export async function findPlan(store: Store, run: string): Promise<Plan> {
  const plan = await readPlan(store, run);
  if (!plan)
    throw new ConfigurationError(
      `run ${run} was never planned: ${planKey(run)} is missing; start the run from its beginning`,
    );
  return plan;
}
