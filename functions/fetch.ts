// `fetch`: one unit, from the API's answer to staged columns. A unit without an answer is an outcome, kept in its report.

import { checkOutage } from '../lib/run/checks/outage.ts';
import { fetchUnit } from '../lib/run/fetch.ts';
import { findPlan } from '../lib/run/start.ts';
import { fetchEvent } from './events.ts';
import { openDoor } from './handler.ts';
import { askingContextOf, askingSetting } from './run-context.ts';

export const handler = openDoor(
  {
    shape: fetchEvent,
    facts: ({ run, level, country }) => ({ run, admin_level: level, country }),
    cold: askingSetting,
  },
  async ({ run, level, country, again, since }, given) => {
    using context = askingContextOf(run, given, 1);
    const plan = await findPlan(context.store, run);
    const report = await fetchUnit(context, plan, { unit: { level, country }, again });
    const { status, rows, reason, seconds, attempts } = report;
    given.logger.info(status, { rows, reason, seconds, attempts });
    const { maxFailed } = given.setting.environment;
    if (status === 'failed' && again && since) await checkOutage(context, plan, { maxFailed, since });
    return { level, country, status, rows };
  },
);
