// `plan`: decides which units the run requests, and finds out if it is this execution's turn.
import { askedUnits } from '../lib/run/plan.ts';
import { startExecution } from '../lib/run/start.ts';
import { createHandler } from './create-handler.ts';
import { planEvent } from './events.ts';
import { createApiContext, createApiResources } from './resources.ts';

/** API requests of this function: the two lists. */
const LIST_REQUESTS = 2;

export const handler = createHandler(
  {
    eventStruct: planEvent,
    logKeys: ({ input: { run } }) => ({ run }),
    initialise: createApiResources,
  },
  async ({ input, execution }, invocation) => {
    const { run, accept_drop = false, reissue = false } = input;
    const { apiVersion, countries } = invocation.resources.environment;
    using context = createApiContext(run, invocation, LIST_REQUESTS);
    const started = await startExecution(context, { input, execution, defaults: { apiVersion, countries } });
    const { status, plan } = started;
    const units = plan ? askedUnits(plan) : [];
    const otherRun = plan ? undefined : started.otherRun;
    invocation.logger.info(status, { units: units.length, other_run: otherRun, planned_by: plan?.execution });
    // With `accept_drop` the run publishes its staged rows. It does not request failed units again.
    return { run, status, units, accept_drop, reissue, again: !accept_drop };
  },
);
