// How a run ends, on a laptop and in the cloud alike: it is published, and its report says all of it.
import { jsonBytes } from '../release/digest.ts';
import { reportKey } from '../release/layout.ts';
import { type Pruned, prune } from '../release/prune.ts';
import type { RetentionRule } from '../release/retention.ts';
import type { RunContext } from './context.ts';
import type { Outcome } from './outcome.ts';
import type { Plan } from './plan.ts';
import { type PublishOptions, publish } from './publish.ts';
import { readReports } from './reports.ts';
import { checkSource } from './source.ts';
import { finishSteps } from './unfinished.ts';
import { type UnitReport, unitName } from './unit.ts';

/** A run's outcome, and the reports that it came from. */
export interface Finished {
  readonly outcome: Outcome;
  readonly reports: readonly UnitReport[];
}

export interface FinishOptions extends PublishOptions {
  /** Why some units were not asked for; null where all were. */
  readonly unasked?: string | null;
}

/** Publishes what the run has staged and writes its report. @throws as `publish`; {MixedSourceError} */
export async function finishRun(
  context: RunContext,
  plan: Plan,
  { unasked = null, ...options }: FinishOptions,
): Promise<Finished> {
  const reports = await readReports(context, plan, unasked);
  for (const report of reports) checkSource(plan, unitName(report), report);
  const outcome = await publish(context, { plan, reports }, options);
  const report = { run: plan.run, outcome, finished_at: context.now().toISOString(), units: reports };
  const unfinished = await finishSteps([
    ['report', () => context.store.put(reportKey(plan.run), jsonBytes(report), 'anything')],
  ]);
  return { outcome: { ...outcome, unfinished: [...outcome.unfinished, ...unfinished] }, reports };
}

/** Days for which a run's answers and staged files stay. */
const KEEP_RUNS = 30;

/** Removes what the rule lets go, at once. @throws as `prune` */
export const pruneAfter = ({ store, publicUrl, now }: RunContext, rule: RetentionRule): Promise<Pruned> =>
  prune(store, { ...rule, publicUrl, notice: 0, keepRuns: KEEP_RUNS, now: now() });
