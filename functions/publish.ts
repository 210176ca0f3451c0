// `publish`: publishes the staged rows as a release, or refuses the run with a reason. Then it prunes.
import { recordFailedCheck, recordRunMetrics, recordUnfinished } from '../lib/aws/metrics.ts';
import { MAX_AGE } from '../lib/release/unit-ages.ts';
import { finishRun, pruneAfterRun, removeOldPictures } from '../lib/run/finish.ts';
import { runSteps } from '../lib/run/outcome/finish-steps.ts';
import { measureRun } from '../lib/run/outcome/metrics.ts';
import { findPlan } from '../lib/run/start.ts';
import { createHandler } from './create-handler.ts';
import { publishEvent } from './events.ts';
import { createRunContext, createRunResources } from './resources.ts';

/** Characters of a reason in the state of the execution. The run's report and the log have the whole reason. */
const MAX_REASON_CHARACTERS = 4000;

export const handler = createHandler(
  {
    eventStruct: publishEvent,
    logKeys: ({ run }) => ({ run }),
    initialise: createRunResources,
    onFailure: recordFailedCheck,
  },
  async ({ run, accept_drop: acceptDrop, reissue }, invocation) => {
    const { logger, metrics, resources } = invocation;
    const { maxFailed, retention } = resources.environment;
    const context = createRunContext(run, invocation);
    const plan = await findPlan(context.store, run);
    const finished = await finishRun(context, plan, { maxFailed, acceptDrop, reissue, maxAge: MAX_AGE });
    const { outcome, release, reason, units } = finished.outcome;
    logger.appendKeys({ release });
    logger[outcome === 'refused' ? 'error' : 'info'](outcome, { units, reason });
    const measure = async () => recordRunMetrics(metrics, await measureRun(context, plan, finished));
    const removeOld = async (): Promise<readonly string[]> => {
      if (outcome === 'refused') return [];
      if (!retention) return removeOldPictures(context);
      const { releases, unpublished, runs, unfinished: left } = await pruneAfterRun(context, retention);
      logger.info('pruned', { releases, unpublished, runs });
      return left;
    };
    let left: readonly string[] = [];
    const unfinished = await runSteps([
      ['metrics', measure],
      [
        'prune',
        async () => {
          left = await removeOld();
        },
      ],
    ]);
    const allUnfinished = [...finished.outcome.unfinished, ...unfinished, ...left];
    recordUnfinished(metrics, allUnfinished);
    for (const warning of finished.outcome.warnings) logger.warn(warning);
    for (const step of allUnfinished) logger.error('left to finish', { step });
    return { outcome, release, reason: reason?.slice(0, MAX_REASON_CHARACTERS) ?? null };
  },
);
