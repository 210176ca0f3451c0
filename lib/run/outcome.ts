// How a run ended.
import type { Check, Coverage } from '../release/ledger.ts';
import {
  type Manifest,
  type ManifestUnit,
  type Pointer,
  type RowCounts,
  rowCounts,
} from '../release/manifest.ts';
import type { RunContext } from './context.ts';
import { countCoverage } from './coverage.ts';
import type { Unfinished } from './unfinished.ts';

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
}

type Units = readonly Pick<ManifestUnit, 'status'>[];

/** The prefix now says what the run found: in a new release, or in one that said it already. */
const settled = (units: Units, { release, manifest, rows }: Pointer) => ({
  release,
  manifest,
  rows,
  units: countCoverage(units),
  reason: null,
});

/** The pointer was moved to the run's own release: that stands, whatever others do to the pointer afterwards. */
export const published = (
  { coverage, changes }: Manifest,
  pointer: Pointer,
  unfinished: Unfinished,
): Outcome => ({
  outcome: 'published',
  ...settled(coverage.units, pointer),
  changes: changes && rowCounts(changes),
  unfinished,
});

/** The current release says already what the run found. */
export const unchanged = (units: Units, pointer: Pointer, unfinished: Unfinished): Outcome => ({
  outcome: 'unchanged',
  ...settled(units, pointer),
  changes: { added: 0, removed: 0, changed: 0, relabelled: 0 },
  unfinished,
});

/** Nothing is published, and what was staged stays. */
export const refused = (units: Units, reason: string): Outcome => ({
  outcome: 'refused',
  release: null,
  manifest: null,
  rows: null,
  units: countCoverage(units),
  changes: null,
  reason,
  unfinished: [],
});

/** What `status.json` will say of an outcome. */
export const checkOf = ({ now, run }: RunContext, { units, unfinished: _, ...outcome }: Outcome): Check => ({
  ...outcome,
  at: now(),
  run,
  coverage: units,
});
