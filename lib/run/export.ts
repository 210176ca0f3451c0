// Runs plan, fetch and publish in one process. On AWS each stage is a function of its own.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { ApiContext } from './context.ts';
import { finishRun } from './finish.ts';
import type { Outcome } from './outcome/outcome.ts';
import { type Plan, planRun, type Selection } from './plan.ts';
import type { PublishOptions } from './publish.ts';
import { recordFailure } from './start.ts';
import { createLease, type RunLease } from './turn/lease.ts';
import { fetchUnits } from './units/fetch-units.ts';

export interface ExportOptions extends PublishOptions {
  readonly selection: Selection;
  readonly concurrency: number;
  /** Seconds after the start at which the run stops sending requests. Null for no deadline. */
  readonly deadline: number | null;
}

/** The API did not send its lists before the deadline, so the run has no plan. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/**
 * Plans, fetches every unit and publishes. A refusal is an outcome, not an error. Staged files stay after an error, and
 * the same run id resumes from them.
 * @throws {RunUnderWayError} if it is another run's turn: nothing was asked or written; {ConfigurationError} before the
 * first request; {StoreError}; {DTMApiError} if a list cannot be fetched; {DeadlineError} if the lists are late;
 * {KeyRefusedError}; {MixedSourceError} if an answer is from another source than the plan; the signal's reason if the
 * run is stopped
 */
export async function exportRun(context: ApiContext, options: ExportOptions): Promise<Outcome> {
  using deadline = createDeadline(options.deadline);
  const { run } = context;
  const owner = { run, owner: randomUUID(), host: hostname(), pid: process.pid, resumes: true };
  const lease = createLease(context, owner);
  const renewing: ApiContext = {
    ...context,
    onProgress: (progress) => {
      context.onProgress(progress);
      void lease.renew();
    },
  };
  try {
    return await exportInTurn(renewing, { ...options, lease, signal: deadline.signal });
  } catch (error) {
    await recordFailure(context, error);
    throw error;
  } finally {
    await lease.release();
  }
}

async function exportInTurn(
  context: ApiContext,
  { lease, signal, ...options }: ExportOptions & { lease: RunLease; signal: AbortSignal },
): Promise<Outcome> {
  const plan = await planBeforeDeadline(context, options, { lease, deadline: signal });
  // With --accept-drop a resumed run publishes its staged rows. It does not request failed units again.
  const retryFailed = !options.acceptDrop;
  const { concurrency, maxFailed } = options;
  const unaskedReason = await fetchUnits(context, plan, {
    ...{ concurrency, maxFailed, retryFailed },
    deadline: signal,
  });
  return (await finishRun(context, plan, { ...options, unaskedReason })).outcome;
}

async function planBeforeDeadline(
  context: ApiContext,
  { selection, deadline: seconds }: ExportOptions,
  { lease, deadline }: { lease: RunLease; deadline: AbortSignal },
): Promise<Plan> {
  const signal = context.signal ? AbortSignal.any([context.signal, deadline]) : deadline;
  const take = async (): Promise<Selection> => {
    await lease.take();
    return selection;
  };
  return planRun({ ...context, signal }, selection.apiVersion, { execution: null, take }).catch(
    (error: unknown) => {
      if (error !== deadline.reason || !deadline.aborted) throw error;
      throw new DeadlineError(
        `the API did not give its lists within the ${seconds} s of --deadline: nothing was asked or published; try later, or give it more time`,
      );
    },
  );
}

/** Creates a signal that aborts after `seconds`, or never if that is null. Dispose of it to clear its timer. */
function createDeadline(seconds: number | null): { readonly signal: AbortSignal } & Disposable {
  const stop = new AbortController();
  const message = `the ${seconds} s of --deadline were over`;
  const timer =
    seconds === null ? undefined : setTimeout(() => stop.abort(new DeadlineError(message)), seconds * 1000);
  return { signal: stop.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}
