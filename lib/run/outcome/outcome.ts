// How a run ended.

import {
  type Manifest,
  type ManifestUnit,
  type Pointer,
  type RowCounts,
  rowCounts,
} from '../../release/manifest.ts';
import type { Check, Coverage } from '../../release/status.ts';
import type { RunContext } from '../context.ts';
import { countCoverage } from '../units/coverage.ts';
import type { Unfinished } from './finish-steps.ts';

/** What does not apply is null. */
export interface Outcome {
  readonly outcome: 'published' | 'unchanged' | 'refused' | 'failed';
  readonly release: string | null;
  /** Relative to the prefix. */
  readonly manifest: string | null;
  /** By level table. */
  readonly rows: Readonly<Record<string, number>> | null;
  readonly units: Coverage;
  /** Rows over all level tables, against the release before. */
  readonly changes: RowCounts | null;
  readonly reason: string | null;
  /** What could not be done once this stood, each step with its reason; the next run does it. */
  readonly unfinished: Unfinished;
  /** What stands, and should be looked at: units that nobody answered for long, times in the future. */
  readonly warnings: readonly string[];
}

/** How a run ended, and every unit as it was composed for that. */
export interface Ended {
  readonly outcome: Outcome;
  readonly units: readonly ManifestUnit[];
}

const NOTHING_LEFT = { unfinished: [], warnings: [] } as const;

/** The prefix now says what the run found: in a new release, or in one that said it already. */
const settled = (units: Ended['units'], { release, manifest, rows }: Pointer) => ({
  release,
  manifest,
  rows,
  units: countCoverage(units),
  reason: null,
  ...NOTHING_LEFT,
});

/** The pointer was moved to the run's own release: that stands, whatever others do to the pointer afterwards. */
export const published = (
  { coverage: { units }, changes }: Manifest,
  pointer: Pointer,
  unfinished: Unfinished,
): Ended => ({
  units,
  outcome: {
    outcome: 'published',
    ...settled(units, pointer),
    changes: changes && rowCounts(changes),
    unfinished,
  },
});

/** The current release says already what the run found. */
export const unchanged = (units: Ended['units'], pointer: Pointer, unfinished: Unfinished): Ended => ({
  units,
  outcome: {
    outcome: 'unchanged',
    ...settled(units, pointer),
    changes: { added: 0, removed: 0, changed: 0, relabelled: 0 },
    unfinished,
  },
});

/** Nothing is published, and what was staged stays. */
export const refused = (units: Ended['units'], reason: string, unfinished: Unfinished = []): Ended => ({
  units,
  outcome: {
    outcome: 'refused',
    release: null,
    manifest: null,
    rows: null,
    units: countCoverage(units),
    changes: null,
    reason,
    unfinished,
    warnings: [],
  },
});

/** The same with something to look at. */
export const withWarnings = ({ outcome, units }: Ended, warnings: readonly string[]): Ended => ({
  units,
  outcome: { ...outcome, warnings: [...outcome.warnings, ...warnings] },
});

/** What `status.json` will say of it. */
export const checkOf = ({ now, run }: RunContext, { units, outcome: ended }: Ended): Check => {
  const { outcome, release, reason, units: coverage } = ended;
  return { outcome, release, reason, coverage, units, at: now(), run };
};
