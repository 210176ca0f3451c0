// Ends a run that has failed, after the state machine's last try: records it in the metrics, in `status.json` and by an
// event, and gives the run's turn back.
import { recordFailedCheck } from '../lib/aws/metrics.ts';
import { parseRunId } from '../lib/run/run-id.ts';
import { createExecutionLease, recordFailure } from '../lib/run/start.ts';
import type { Invocation } from './create-handler.ts';
import type { FailureReport, PublishRequest } from './events.ts';
import { createRunContext, type RunResources } from './resources.ts';

/** The run of an event; undefined if the execution's input has no valid one. */
export function runOf(event: PublishRequest | FailureReport): string | undefined {
  if (!('failure' in event)) return event.run;
  const { run } = (event.input ?? {}) as { run?: unknown };
  return typeof run === 'string' ? parseRunId(run) : undefined;
}

/** Records the failure. An execution without a valid run id leaves only the metric. */
export async function recordRunFailure(event: FailureReport, invocation: Invocation<RunResources>) {
  const { Error: name, Cause: cause = '' } = event.failure;
  const run = runOf(event);
  recordFailedCheck(invocation.metrics);
  if (run !== undefined) {
    const context = createRunContext(run, invocation);
    await recordFailure(context, { name, message: messageOf(cause) });
    await createExecutionLease(context, event.execution).release();
  }
  invocation.logger.info('failure recorded', { failure: name });
  return { run: run ?? null, error: name };
}

/** Lambda: the cause of a function's error is JSON with its message. Any other cause is the message itself. */
function messageOf(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
}
