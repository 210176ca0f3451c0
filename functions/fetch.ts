// `fetch`: one unit, from the API's answer to staged columns. A unit without an answer is an outcome, kept in its report.

import { checkOutage } from '../lib/run/checks/outage.ts';
import { fetchUnit } from '../lib/run/fetch.ts';
import { findPlan } from '../lib/run/start.ts';
import { createHandler } from './create-handler.ts';
import { fetchEvent } from './events.ts';
import { createApiContext, createApiResources } from './resources.ts';

export const handler = createHandler(
  {
    eventStruct: fetchEvent,
    logKeys: ({ run, level, country }) => ({ run, admin_level: level, country }),
    initialise: createApiResources,
  },
  async ({ run, level, country, again, since }, given) => {
    using context = createApiContext(run, given, 1);
    const plan = await findPlan(context.store, run);
    const report = await fetchUnit(context, plan, { unit: { level, country }, retryFailed: again });
    const { status, rows, reason, seconds, attempts } = report;
    given.logger.info(status, { rows, reason, seconds, attempts });
    const { maxFailed } = given.resources.environment;
    if (status === 'failed' && again && since) await checkOutage(context, plan, { maxFailed, since });
    return { level, country, status, rows };
  },
);
