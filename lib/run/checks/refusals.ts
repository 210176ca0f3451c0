// Why a run may not become a release: each is one sentence that says what to do. A refused run keeps what it staged.

import { type GuardInput, guardCases } from '../../build/quality/guards.ts';
import type { Manifest } from '../../release/manifest.ts';
import { LEVEL_TABLES } from '../../table/schema.ts';
import type { StagedRun } from '../make/stage-run.ts';
import type { Plan } from '../plan.ts';
import { describeFailures } from '../units/coverage.ts';
import type { UnitReport } from '../units/unit.ts';
import { exceedsMaxFailed } from './outage.ts';

/** Too many units without an answer are an outage, not news. */
export function failureRefusal(plan: Plan, reports: readonly UnitReport[], maxFailed: number): string | null {
  const failed = reports.filter(({ status }) => status === 'failed');
  if (!exceedsMaxFailed(failed.length, reports.length, maxFailed)) return null;
  const [asked, unasked] = [failed.filter(isAsked), failed.filter((report) => !isAsked(report))];
  const also =
    unasked.length > 0 && asked.length > 0 ? `, ${unasked.length} of which were not waited for` : '';
  return (
    `${failed.length} of ${reports.length} units failed${also}, more than --max-failed ${maxFailed} percent ` +
    `(${describeFailures([...asked, ...unasked])}): run again with ${resumeHint(plan)} to ask for these alone`
  );
}

const isAsked = ({ attempts }: UnitReport): boolean => attempts > 0;

/** How many cases are told; the report of quality has as many. */
const MAX_SHOWN_CASES = 10;

/** What is more likely a fault than the truth is published only if it is accepted. */
export function guardRefusal(input: GuardInput, plan: Plan): string | null {
  const cases = guardCases(input);
  if (cases.length === 0) return null;
  const more = cases.length > MAX_SHOWN_CASES ? ` and ${cases.length - MAX_SHOWN_CASES} more` : '';
  return `against the recent releases ${cases.slice(0, MAX_SHOWN_CASES).join(', ')}${more}: if that is right, publish with ${resumeHint(plan, true)}`;
}

/** A first release without a single row is an outage, whatever share of failures is borne; unless the API said that there are none. */
export function emptyReleaseRefusal(
  { dataset: { tables }, units, plan }: StagedRun,
  current: Manifest | null,
): string | null {
  const isAnswered = units.every(({ status }) => status !== 'failed');
  if (current || isAnswered || LEVEL_TABLES.some((table) => tables[table].columns.length > 0)) return null;
  return `no unit has brought a row, and a first release is never empty: run again with ${resumeHint(plan)} once the API answers`;
}

/** How the run goes on: options of the command, or the input of an execution where one has planned it. */
export function resumeHint({ run, execution, levels, countries_asked }: Plan, acceptDrop = false): string {
  if (!execution) return `--run ${run}${acceptDrop ? ' --accept-drop' : ''}`;
  const countries = countries_asked ? { countries: countries_asked } : {};
  const accepted = acceptDrop ? { accept_drop: true } : {};
  return `the input ${JSON.stringify({ run, resume: true, ...countries, levels, ...accepted })}`;
}
