// How a run ended.

import {
  type Manifest,
  type ManifestUnit,
  type Pointer,
  type RowCounts,
  rowCounts,
} from '../../release/manifest.ts';
import type { CheckResult, UnitCounts } from '../../release/status.ts';
import type { RunContext } from '../context.ts';
import { countUnits } from '../units/coverage.ts';
import type { UnfinishedSteps } from './finish-steps.ts';

/** What does not apply is null. */
export interface Outcome {
  readonly outcome: 'published' | 'unchanged' | 'refused' | 'failed';
  readonly release: string | null;
  /** Relative to the prefix. */
  readonly manifest: string | null;
  /** By level table. */
  readonly rows: Readonly<Record<string, number>> | null;
  readonly units: UnitCounts;
  /** Rows over all level tables, against the release before. */
  readonly changes: RowCounts | null;
  readonly reason: string | null;
  /** What could not be done once this stood, each step with its reason; the next run does it. */
  readonly unfinished: UnfinishedSteps;
  /** What stands, and should be looked at: units that nobody answered for long, times in the future. */
  readonly warnings: readonly string[];
}

/** How a run ended, and every unit as it was composed for that. */
export interface RunResult {
  readonly outcome: Outcome;
  readonly units: readonly ManifestUnit[];
}

const NO_REMARKS = { unfinished: [], warnings: [] } as const;

/** The prefix now says what the run found: in a new release, or in one that said it already. */
const successFields = (units: RunResult['units'], { release, manifest, rows }: Pointer) => ({
  release,
  manifest,
  rows,
  units: countUnits(units),
  reason: null,
  ...NO_REMARKS,
});

/** The pointer was moved to the run's own release: that stands, whatever others do to the pointer afterwards. */
export const publishedResult = (
  { coverage: { units }, changes }: Manifest,
  pointer: Pointer,
  unfinished: UnfinishedSteps,
): RunResult => ({
  units,
  outcome: {
    outcome: 'published',
    ...successFields(units, pointer),
    changes: changes && rowCounts(changes),
    unfinished,
  },
});

/** The current release says already what the run found. */
export const unchangedResult = (
  units: RunResult['units'],
  pointer: Pointer,
  unfinished: UnfinishedSteps,
): RunResult => ({
  units,
  outcome: {
    outcome: 'unchanged',
    ...successFields(units, pointer),
    changes: { added: 0, removed: 0, changed: 0, relabelled: 0 },
    unfinished,
  },
});

/** Nothing is published, and what was staged stays. */
export const refusedResult = (
  units: RunResult['units'],
  reason: string,
  unfinished: UnfinishedSteps = [],
): RunResult => ({
  units,
  outcome: {
    outcome: 'refused',
    release: null,
    manifest: null,
    rows: null,
    units: countUnits(units),
    changes: null,
    reason,
    unfinished,
    warnings: [],
  },
});

/** The same with something to look at. */
export const withWarnings = ({ outcome, units }: RunResult, warnings: readonly string[]): RunResult => ({
  units,
  outcome: { ...outcome, warnings: [...outcome.warnings, ...warnings] },
});

/** What `status.json` will say of it. */
export const toCheckResult = (
  { now, run }: RunContext,
  { units, outcome: ended }: RunResult,
): CheckResult => {
  const { outcome, release, reason, units: coverage } = ended;
  return { outcome, release, reason, coverage, units, at: now(), run };
};
