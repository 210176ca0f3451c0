// How a run ended.
import { rowsByLevel } from '../release/dataset.ts';
import type { Check, Coverage } from '../release/ledger.ts';
import type { Current } from '../release/pointer.ts';
import type { RowsByLevel } from '../release/terms.ts';
import type { RunContext } from './context.ts';
import { countCoverage, coverageUnits } from './coverage.ts';
import type { Plan } from './plan.ts';
import type { StagedRun } from './staged.ts';
import type { UnitReport } from './unit.ts';

/** What does not apply is null. */
export interface Outcome {
  readonly outcome: 'published' | 'unchanged' | 'refused' | 'failed';
  readonly release: string | null;
  /** Relative to the prefix. */
  readonly manifest: string | null;
  readonly rows: RowsByLevel | null;
  readonly units: Coverage;
  readonly reason: string | null;
}

const coverageOf = (plan: Plan, reports: readonly UnitReport[]): Coverage =>
  countCoverage(coverageUnits(plan, reports, ''));

/** The prefix now says what the run found: in a new release, or in one that said it already. */
export const settled = (
  outcome: 'published' | 'unchanged',
  { plan, reports, dataset }: StagedRun,
  { pointer }: Current,
): Outcome => ({
  outcome,
  release: pointer?.release ?? null,
  manifest: pointer?.manifest ?? null,
  rows: rowsByLevel(dataset),
  units: coverageOf(plan, reports),
  reason: null,
});

/** Nothing is published, and what was staged stays. */
export const refused = (plan: Plan, reports: readonly UnitReport[], reason: string): Outcome => ({
  outcome: 'refused',
  release: null,
  manifest: null,
  rows: null,
  units: coverageOf(plan, reports),
  reason,
});

/** What `status.json` will say of an outcome. */
export const checkOf = ({ now, run }: RunContext, { units, ...outcome }: Outcome): Check => ({
  ...outcome,
  at: now(),
  run,
  coverage: units,
});
