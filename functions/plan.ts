// `plan`: decides which units the run requests, and finds out if another execution has already started the run.
import { recordFailedCheck } from '../lib/aws/metrics.ts';
import { askedUnits, createSelection } from '../lib/run/plan.ts';
import { isStartedElsewhere, startRun } from '../lib/run/start.ts';
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
    onFailure: recordFailedCheck,
  },
  async ({ input, execution }, invocation) => {
    const { run, accept_drop = false, reissue = false, resume = false } = input;
    const { apiVersion, countries } = invocation.resources.environment;
    const selection = createSelection(input, { apiVersion, countries });
    using context = createApiContext(run, invocation, LIST_REQUESTS);
    const plan = await startRun(context, selection, execution);
    const units = askedUnits(plan);
    const isElsewhere = isStartedElsewhere(plan, { execution, resume });
    const status = isElsewhere ? 'already started' : 'planned';
    invocation.logger.info(status, { units: units.length, planned_by: plan.execution });
    // With `accept_drop` the run publishes its staged rows. It does not request failed units again.
    return { run, status, units: isElsewhere ? [] : units, accept_drop, reissue, again: !accept_drop };
  },
);
