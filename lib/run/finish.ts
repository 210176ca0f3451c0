// How a run ends, on a laptop and in the cloud alike: it is published, and its report says all of it.
import { jsonBytes } from '../release/digest.ts';
import { reportKey } from '../release/layout.ts';
import { type PruneResult, prune } from '../retire/prune.ts';
import type { RetentionRule } from '../retire/retention.ts';
import type { RunContext } from './context.ts';
import { runSteps } from './outcome/finish-steps.ts';
import type { Outcome } from './outcome/outcome.ts';
import type { Plan } from './plan.ts';
import { type PublishOptions, publish } from './publish.ts';
import { checkSource } from './units/source.ts';
import { type UnitReport, unitName } from './units/unit.ts';
import { readReports } from './units/unit-reports.ts';

/** A run's outcome, and the reports that it came from. */
export interface FinishedRun {
  readonly outcome: Outcome;
  readonly reports: readonly UnitReport[];
}

export interface FinishOptions extends PublishOptions {
  /** Why some units were not asked for; null where all were. */
  readonly unaskedReason?: string | null;
}

/** Publishes what the run has staged and writes its report. @throws as `publish`; {MixedSourceError} */
export async function finishRun(
  context: RunContext,
  plan: Plan,
  { unaskedReason = null, ...options }: FinishOptions,
): Promise<FinishedRun> {
  const reports = await readReports(context, plan, unaskedReason);
  for (const report of reports) checkSource(plan, unitName(report), report);
  const outcome = await publish(context, { plan, reports }, options);
  const report = { run: plan.run, outcome, finished_at: context.now().toISOString(), units: reports };
  const unfinished = await runSteps([
    ['report', () => context.store.put(reportKey(plan.run), jsonBytes(report), 'anything')],
  ]);
  return { outcome: { ...outcome, unfinished: [...outcome.unfinished, ...unfinished] }, reports };
}

/** Days for which a run's answers and staged files stay. */
const KEEP_RUNS_DAYS = 30;

/** Removes what the rule lets go, at once. @throws as `prune` */
export const pruneAfterRun = (
  { store, publicUrl, now }: RunContext,
  rule: RetentionRule,
): Promise<PruneResult> =>
  prune(store, { ...rule, publicUrl, notice: 0, keepRuns: KEEP_RUNS_DAYS, now: now() });
