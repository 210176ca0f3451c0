// `publish`: publishes the staged rows as a release, or refuses the run with a reason. Then it prunes. It also records the
// failure of a run, after the state machine's last try.
import { recordRunMetrics, recordUnfinished } from '../lib/aws/metrics.ts';
import { MAX_AGE } from '../lib/release/unit-ages.ts';
import { finishRun, pruneAfterRun, removeOldPictures } from '../lib/run/finish.ts';
import { runSteps } from '../lib/run/outcome/finish-steps.ts';
import { measureRun } from '../lib/run/outcome/metrics.ts';
import { createExecutionLease, findPlan } from '../lib/run/start.ts';
import { createHandler, type Invocation } from './create-handler.ts';
import { type PublishRequest, publishEvent } from './events.ts';
import { recordRunFailure, runOf } from './record-failure.ts';
import { createRunContext, createRunResources, type RunResources } from './resources.ts';

/** Characters of a reason in the state of the execution. The run's report and the log have the whole reason. */
const MAX_REASON_CHARACTERS = 4000;

export const handler = createHandler(
  { eventStruct: publishEvent, logKeys: (event) => ({ run: runOf(event) }), initialise: createRunResources },
  async (event, invocation) =>
    'failure' in event ? await recordRunFailure(event, invocation) : await publishRun(event, invocation),
);

async function publishRun(
  { run, accept_drop: acceptDrop, reissue, execution }: PublishRequest,
  invocation: Invocation<RunResources>,
) {
  const { logger, metrics, resources } = invocation;
  const { maxFailed, retention } = resources.environment;
  const context = createRunContext(run, invocation);
  const plan = await findPlan(context.store, run);
  const lease = createExecutionLease(context, execution ?? plan.execution ?? '');
  await lease.renew();
  const finished = await finishRun(context, plan, { maxFailed, acceptDrop, reissue, maxAge: MAX_AGE });
  const { outcome, release, reason, units } = finished.outcome;
  logger.appendKeys({ release });
  logger[outcome === 'refused' ? 'error' : 'info'](outcome, { units, reason });
  const measure = async () => recordRunMetrics(metrics, await measureRun(context, plan, finished));
  let left: readonly string[] = [];
  const removeOld = async (): Promise<void> => {
    if (outcome === 'refused') return;
    if (!retention) {
      left = await removeOldPictures(context);
      return;
    }
    const { releases, unpublished, runs, unfinished } = await pruneAfterRun(context, retention);
    logger.info('pruned', { releases, unpublished, runs });
    left = unfinished;
  };
  const unfinished = await runSteps([
    ['metrics', measure],
    ['prune', removeOld],
  ]);
  const allUnfinished = [...finished.outcome.unfinished, ...unfinished, ...left];
  recordUnfinished(metrics, allUnfinished);
  await lease.release();
  for (const warning of finished.outcome.warnings) logger.warn(warning);
  for (const step of allUnfinished) logger.error('left to finish', { step });
  return { outcome, release, reason: reason?.slice(0, MAX_REASON_CHARACTERS) ?? null };
}
