// Publishes the staged rows of a run as a release, or refuses the run with a reason. Then it prunes, and gives the run's turn
// back.
import { recordRunMetrics, recordUnfinished } from '../lib/aws/metrics.ts';
import { MAX_AGE } from '../lib/release/unit-ages.ts';
import { finishRun, pruneAfterRun } from '../lib/run/finish.ts';
import { runSteps } from '../lib/run/outcome/finish-steps.ts';
import { measureRun } from '../lib/run/outcome/metrics.ts';
import { createExecutionLease, findPlan } from '../lib/run/start.ts';
import type { Invocation } from './create-handler.ts';
import type { PublishRequest } from './events.ts';
import { createRunContext, type RunResources } from './resources.ts';

/** Characters of a reason in the state of the execution. The run's report and the log have the whole reason. */
const MAX_REASON_CHARACTERS = 4000;

/** Publishes a run. A failed step after the outcome is decided is logged, counted and left to the next run. */
export async function publishRun(
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
  const left: string[] = [];
  const unfinished = await runSteps([
    ['metrics', async () => recordRunMetrics(metrics, await measureRun(context, plan, finished))],
    [
      'prune',
      async () => {
        if (outcome === 'refused') return;
        const { unfinished: notPruned, ...pruned } = await pruneAfterRun(context, retention);
        if (retention) logger.info('pruned', pruned);
        left.push(...notPruned);
      },
    ],
  ]);
  const allUnfinished = [...finished.outcome.unfinished, ...unfinished, ...left];
  recordUnfinished(metrics, allUnfinished);
  await lease.release();
  for (const warning of finished.outcome.warnings) logger.warn(warning);
  for (const step of allUnfinished) logger.error('left to finish', { step });
  return { outcome, release, reason: reason?.slice(0, MAX_REASON_CHARACTERS) ?? null };
}
