// The end of a run, on a laptop and on AWS: publish it and write its report, then prune.
import { jsonBytes } from '../release/digest.ts';
import { reportKey } from '../release/layout.ts';
import { deleteOldPictures } from '../retire/page-files.ts';
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

/** A run's outcome and the reports of its units. */
export interface FinishedRun {
  readonly outcome: Outcome;
  readonly reports: readonly UnitReport[];
}

export interface FinishOptions extends PublishOptions {
  /** Why some units were not requested; null if all were. */
  readonly unaskedReason?: string | null;
}

/** Publishes the staged rows of a run and writes its report. @throws as `publish`; {MixedSourceError} */
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

/** Days for which answers and staged files of a run stay: as long as the bucket's lifecycle rule keeps `runs/`. */
const KEEP_RUNS_DAYS = 30;

/**
 * Prunes by the retention rule, without notice. Without a rule, deletes only chart scripts that the page does not name any
 * more.
 * @throws as `prune`
 */
export async function pruneAfterRun(
  { store, publicUrl, edge, now }: RunContext,
  rule: RetentionRule | null,
): Promise<Partial<PruneResult> & Pick<PruneResult, 'unfinished'>> {
  if (!rule) return { unfinished: await deleteOldPictures(store, { edge, now: now() }) };
  return prune(store, { ...rule, publicUrl, edge, notice: 0, keepRuns: KEEP_RUNS_DAYS, now: now() });
}
