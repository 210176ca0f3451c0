// `publish`: what the units have staged becomes a release, or a reason why not; then what is too old goes.
import { recordFailedCheck, recordRunMetrics, recordUnfinished } from '../lib/aws/metrics.ts';
import { MAX_AGE } from '../lib/release/unit-ages.ts';
import { finishRun, pruneAfterRun } from '../lib/run/finish.ts';
import { runSteps } from '../lib/run/outcome/finish-steps.ts';
import { measureRun } from '../lib/run/outcome/metrics.ts';
import { findPlan } from '../lib/run/start.ts';
import { createHandler } from './create-handler.ts';
import { publishEvent } from './events.ts';
import { createRunContext, createRunResources } from './resources.ts';

/** Characters of a reason that go into the state; the run's report and the log have all of it. */
const MAX_REASON_CHARACTERS = 4000;

export const handler = createHandler(
  {
    eventStruct: publishEvent,
    logKeys: ({ run }) => ({ run }),
    initialise: createRunResources,
    onFailure: recordFailedCheck,
  },
  async ({ run, accept_drop: acceptDrop, reissue }, given) => {
    const { maxFailed, retention } = given.resources.environment;
    const context = createRunContext(run, given);
    const plan = await findPlan(context.store, run);
    const finished = await finishRun(context, plan, { maxFailed, acceptDrop, reissue, maxAge: MAX_AGE });
    const { outcome, release, reason, units } = finished.outcome;
    given.logger.appendKeys({ release });
    given.logger[outcome === 'refused' ? 'error' : 'info'](outcome, { units, reason });
    const measure = async () => recordRunMetrics(given.metrics, await measureRun(context, plan, finished));
    const removeOld = async (): Promise<void> => {
      if (!retention || outcome === 'refused') return;
      const { releases, unpublished, runs } = await pruneAfterRun(context, retention);
      given.logger.info('pruned', { releases, unpublished, runs });
    };
    const unfinished = await runSteps([
      ['metrics', measure],
      ['prune', removeOld],
    ]);
    const left = [...finished.outcome.unfinished, ...unfinished];
    recordUnfinished(given.metrics, left);
    for (const warning of finished.outcome.warnings) given.logger.warn(warning);
    for (const step of left) given.logger.error('left to finish', { step });
    return { outcome, release, reason: reason?.slice(0, MAX_REASON_CHARACTERS) ?? null };
  },
);
