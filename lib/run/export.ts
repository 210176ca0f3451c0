// One whole run in one process: plan, fetch, publish, as Lambda's stages do it one by one.
import type { ApiContext } from './context.ts';
import { fetchUnits } from './fetch-units.ts';
import { finishRun } from './finish.ts';
import type { Outcome } from './outcome/outcome.ts';
import type { Plan, Selection } from './plan.ts';
import type { PublishOptions } from './publish.ts';
import { recordFailure, startRun } from './start.ts';

export interface ExportOptions extends PublishOptions {
  readonly selection: Selection;
  readonly concurrency: number;
  /** Seconds from the start after which nothing is asked any more; null for no such end. */
  readonly deadline: number | null;
}

/** The lists did not come before the deadline: nothing could be planned. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/**
 * Plans, fetches every unit and publishes; refusals are outcomes.
 * @throws {ConfigurationError} before anything is asked or written; {StoreError}; {DTMApiError} if a list cannot be
 * had; {DeadlineError} if not in time; {KeyRefusedError}; {MixedSourceError} if an answer is not of the plan's source;
 * the signal's reason if the run is stopped: what was staged is kept, and the same run id goes on from there
 */
export async function exportRun(context: ApiContext, options: ExportOptions): Promise<Outcome> {
  using deadline = createDeadline(options.deadline);
  const plan = await planBeforeDeadline(context, options, deadline.signal);
  const cachingContext = { ...context, atHand: new Map() };
  // A resumed run whose loss was accepted is published from what was staged: nothing is asked again.
  const retryFailed = !options.acceptDrop;
  try {
    const { concurrency, maxFailed } = options;
    const unaskedReason = await fetchUnits(cachingContext, plan, {
      concurrency,
      maxFailed,
      retryFailed,
      deadline: deadline.signal,
    });
    return (await finishRun(cachingContext, plan, { ...options, unaskedReason })).outcome;
  } catch (error) {
    await recordFailure(context, error);
    throw error;
  }
}

async function planBeforeDeadline(
  context: ApiContext,
  { selection, deadline: seconds }: ExportOptions,
  deadline: AbortSignal,
): Promise<Plan> {
  const signal = context.signal ? AbortSignal.any([context.signal, deadline]) : deadline;
  return startRun({ ...context, signal }, selection).catch((error: unknown) => {
    if (error !== deadline.reason || !deadline.aborted) throw error;
    throw new DeadlineError(
      `the API did not give its lists within the ${seconds} s of --deadline: nothing was asked or published; try later, or give it more time`,
    );
  });
}

/** A signal that is aborted after so many seconds, never for null; disposed of, it keeps nothing waiting. */
function createDeadline(seconds: number | null): { readonly signal: AbortSignal } & Disposable {
  const stop = new AbortController();
  const words = `the ${seconds} s of --deadline were over`;
  const timer =
    seconds === null ? undefined : setTimeout(() => stop.abort(new DeadlineError(words)), seconds * 1000);
  return { signal: stop.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}
