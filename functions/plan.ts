// `plan`: which units the run asks for, and whether another execution has it already.
import { recordFailedCheck } from '../lib/aws/metrics.ts';
import { askedUnits, selectionOf } from '../lib/run/plan.ts';
import { isStartedElsewhere, startRun } from '../lib/run/start.ts';
import { planEvent } from './events.ts';
import { openDoor } from './handler.ts';
import { askingContextOf, askingSetting } from './run-context.ts';

/** Both are asked for. */
const LISTS = 2;

export const handler = openDoor(
  {
    shape: planEvent,
    facts: ({ input: { run } }) => ({ run }),
    cold: askingSetting,
    onFailure: recordFailedCheck,
  },
  async ({ input, execution }, given) => {
    const { run, accept_drop = false, reissue = false, resume = false } = input;
    const { apiVersion, countries } = given.setting.environment;
    const selection = selectionOf(input, { apiVersion, countries });
    using context = askingContextOf(run, given, LISTS);
    const plan = await startRun(context, selection, execution);
    const units = askedUnits(plan);
    const isElsewhere = isStartedElsewhere(plan, { execution, resume });
    const status = isElsewhere ? 'already started' : 'planned';
    given.logger.info(status, { units: units.length, planned_by: plan.execution });
    // What failed in a run whose loss is accepted is published as it was: nothing is asked again.
    return { run, status, units: isElsewhere ? [] : units, accept_drop, reissue, again: !accept_drop };
  },
);
