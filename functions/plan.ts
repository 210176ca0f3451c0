// `plan`: which units the run asks for, and whether another execution has it already.
import { recordFailedCheck } from '../lib/aws/metrics.ts';
import { askedUnits, createSelection } from '../lib/run/plan.ts';
import { isStartedElsewhere, startRun } from '../lib/run/start.ts';
import { createHandler } from './create-handler.ts';
import { planEvent } from './events.ts';
import { createApiContext, createApiResources } from './resources.ts';

/** Both are asked for. */
const LIST_REQUESTS = 2;

export const handler = createHandler(
  {
    eventStruct: planEvent,
    logKeys: ({ input: { run } }) => ({ run }),
    initialise: createApiResources,
    onFailure: recordFailedCheck,
  },
  async ({ input, execution }, given) => {
    const { run, accept_drop = false, reissue = false, resume = false } = input;
    const { apiVersion, countries } = given.resources.environment;
    const selection = createSelection(input, { apiVersion, countries });
    using context = createApiContext(run, given, LIST_REQUESTS);
    const plan = await startRun(context, selection, execution);
    const units = askedUnits(plan);
    const isElsewhere = isStartedElsewhere(plan, { execution, resume });
    const status = isElsewhere ? 'already started' : 'planned';
    given.logger.info(status, { units: units.length, planned_by: plan.execution });
    // What failed in a run whose loss is accepted is published as it was: nothing is asked again.
    return { run, status, units: isElsewhere ? [] : units, accept_drop, reissue, again: !accept_drop };
  },
);
