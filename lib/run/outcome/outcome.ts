// The outcome of a run: published, unchanged, refused or failed.
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
import { type UnitReport, unitName } from '../units/unit.ts';
import type { UnfinishedSteps } from './finish-steps.ts';

/** A field that does not apply is null. */
export interface Outcome {
  readonly outcome: 'published' | 'unchanged' | 'refused' | 'failed';
  readonly release: string | null;
  /** Path relative to the prefix. */
  readonly manifest: string | null;
  /** Row counts by level table. */
  readonly rows: Readonly<Record<string, number>> | null;
  readonly units: UnitCounts;
  /** Changed rows of all level tables, compared with the release before. */
  readonly changes: RowCounts | null;
  readonly reason: string | null;
  /** Failed steps after the outcome was decided, each with its reason. The next run repeats them. */
  readonly unfinished: UnfinishedSteps;
  /** Points to check by hand: units without an answer for long, times in the future. */
  readonly warnings: readonly string[];
}

/** Why a run was refused: for the operator, with what to do, and for the public. */
export interface Refusal {
  readonly reason: string;
  readonly publicReason: string;
}

/** A run's outcome and its composed units. */
export interface RunResult {
  readonly outcome: Outcome;
  /** What the public may read of the outcome's reason; null if there is none. */
  readonly publicReason: string | null;
  readonly units: readonly ManifestUnit[];
}

const NO_REMARKS = { unfinished: [], warnings: [] } as const;

/** The fields that published and unchanged outcomes share. */
const successFields = (units: RunResult['units'], { release, manifest, rows }: Pointer) => ({
  release,
  manifest,
  rows,
  units: countUnits(units),
  reason: null,
  ...NO_REMARKS,
});

/** The pointer was moved to this run's release. A later move by another run does not change this outcome. */
export const publishedResult = (
  { coverage: { units }, changes }: Manifest,
  pointer: Pointer,
  unfinished: UnfinishedSteps,
): RunResult => ({
  units,
  publicReason: null,
  outcome: {
    outcome: 'published',
    ...successFields(units, pointer),
    changes: changes && rowCounts(changes),
    unfinished,
  },
});

/** The current release already has the same rows. */
export const unchangedResult = (
  units: RunResult['units'],
  pointer: Pointer,
  unfinished: UnfinishedSteps,
): RunResult => ({
  units,
  publicReason: null,
  outcome: {
    outcome: 'unchanged',
    ...successFields(units, pointer),
    changes: { added: 0, removed: 0, changed: 0, relabelled: 0 },
    unfinished,
  },
});

/** Nothing was published. The staged files stay. */
export const refusedResult = (
  units: RunResult['units'],
  { reason, publicReason }: Refusal,
  unfinished: UnfinishedSteps = [],
): RunResult => ({
  units,
  publicReason,
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

/** Adds warnings to a result. */
export const withWarnings = ({ outcome, ...result }: RunResult, warnings: readonly string[]): RunResult => ({
  ...result,
  outcome: { ...outcome, warnings: [...outcome.warnings, ...warnings] },
});

/** The result as `status.json` records it. `reports` are those of the units that the run asked for. */
export const toCheckResult = (
  { now, run }: RunContext,
  { outcome: { outcome, release, units: coverage }, publicReason: reason, units }: RunResult,
  reports: readonly UnitReport[],
): CheckResult => {
  const asked = new Set(reports.map(unitName));
  return { outcome, release, reason, coverage, units, asked, at: now(), run };
};
