// `fetch`: fetches one unit and stages its rows. A unit without an answer is no error: its report records the failure.
import { checkOutage } from '../lib/run/checks/outage.ts';
import { fetchUnit } from '../lib/run/fetch.ts';
import { createExecutionLease, findPlan } from '../lib/run/start.ts';
import { createHandler } from './create-handler.ts';
import { fetchEvent } from './events.ts';
import { createApiContext, createApiResources } from './resources.ts';

export const handler = createHandler(
  {
    eventStruct: fetchEvent,
    logKeys: ({ run, level, country }) => ({ run, admin_level: level, country }),
    initialise: createApiResources,
  },
  async ({ run, level, country, again, since }, invocation) => {
    using context = createApiContext(run, invocation, 1);
    const plan = await findPlan(context.store, run);
    await createExecutionLease(context, plan.execution ?? '').renew();
    const report = await fetchUnit(context, plan, { unit: { level, country }, retryFailed: again });
    const { status, rows, reason, seconds, attempts } = report;
    invocation.logger.info(status, { rows, reason, seconds, attempts });
    const { maxFailed } = invocation.resources.environment;
    if (status === 'failed' && again && since) await checkOutage(context, plan, { maxFailed, since });
    return { level, country, status, rows };
  },
);
