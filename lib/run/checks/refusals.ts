// The reasons to refuse a run, for the operator with what to do next, and for the public without it. A refused run keeps
// its staged files. Other checks throw: another dataset in the prefix (`plan.ts`), a damaged prefix, a failed audit.
import { type GuardInput, guardCases } from '../../make/quality/guards.ts';
import type { Manifest } from '../../release/manifest.ts';
import type { StagedRun } from '../make/stage-run.ts';
import type { Refusal } from '../outcome/outcome.ts';
import { publicUnitReason } from '../outcome/public-reason.ts';
import type { Plan } from '../plan.ts';
import { describeFailures } from '../units/coverage.ts';
import type { UnitReport } from '../units/unit.ts';
import { exceedsMaxFailed } from './outage.ts';

/** Refuses a run in which too many units failed: the API was probably down. */
export function failureRefusal(
  plan: Plan,
  reports: readonly UnitReport[],
  maxFailed: number,
): Refusal | null {
  const failed = reports.filter(({ status }) => status === 'failed');
  if (!exceedsMaxFailed(failed.length, reports.length, maxFailed)) return null;
  const [asked, unasked] = [failed.filter(isAsked), failed.filter((report) => !isAsked(report))];
  const unaskedText =
    unasked.length > 0 && asked.length > 0 ? `, ${unasked.length} of which were not waited for` : '';
  const counts = `${failed.length} of ${reports.length} units failed${unaskedText}, more than --max-failed ${maxFailed} percent`;
  const shown = [...asked, ...unasked];
  const published = shown.map((report) => ({
    ...report,
    reason: publicUnitReason('failed', report.reason),
  }));
  return {
    reason: `${counts} (${describeFailures(shown)}): run again with ${resumeHint(plan)} to ask for these alone`,
    publicReason: `${counts} (${describeFailures(published)})`,
  };
}

const isAsked = ({ attempts }: UnitReport): boolean => attempts > 0;

/** Cases named in a refusal. `quality.json` names as many. */
const MAX_SHOWN_CASES = 10;

/** Refuses rows that are more likely a fault of the API than the truth. `--accept-drop` skips this check. */
export function guardRefusal(input: GuardInput, plan: Plan): Refusal | null {
  const cases = guardCases(input);
  if (cases.length === 0) return null;
  const more = cases.length > MAX_SHOWN_CASES ? ` and ${cases.length - MAX_SHOWN_CASES} more` : '';
  const publicReason = `against the recent releases ${cases.slice(0, MAX_SHOWN_CASES).join(', ')}${more}`;
  return {
    reason: `${publicReason}: if that is right, publish with ${resumeHint(plan, true)}`,
    publicReason,
  };
}

/** Refuses a first release without rows if any unit failed, whatever `maxFailed` allows. */
export function emptyReleaseRefusal({ units, plan }: StagedRun, current: Manifest | null): Refusal | null {
  const isAnswered = units.every(({ status }) => status !== 'failed');
  if (current || isAnswered || units.some(({ rows }) => rows > 0)) return null;
  const publicReason = 'no unit has brought a row, and a first release is never empty';
  return {
    reason: `${publicReason}: run again with ${resumeHint(plan)} once the API answers`,
    publicReason,
  };
}

/** How to resume the run: options of the command, or the input of the state machine if an execution planned the run. */
export function resumeHint({ run, execution, levels, countries_asked }: Plan, acceptDrop = false): string {
  if (!execution) return `--run ${run}${acceptDrop ? ' --accept-drop' : ''}`;
  const countries = countries_asked ? { countries: countries_asked } : {};
  const accepted = acceptDrop ? { accept_drop: true } : {};
  return `the input ${JSON.stringify({ run, resume: true, ...countries, levels, ...accepted })}`;
}

/** Refuses a run if other runs moved the pointer at each of its attempts to publish. */
export function lostRaceRefusal(plan: Plan, attempts: number): Refusal {
  const publicReason = `other runs moved the pointer ${attempts} times meanwhile`;
  return { reason: `${publicReason}: run again with ${resumeHint(plan)}`, publicReason };
}
