// How a run ended.
import type { Check, Coverage } from '../release/ledger.ts';
import { type Manifest, type ManifestUnit, type RowCounts, rowCounts } from '../release/manifest.ts';
import type { Current } from '../release/pointer.ts';
import type { RunContext } from './context.ts';
import { countCoverage } from './coverage.ts';

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
}

type Units = readonly Pick<ManifestUnit, 'status'>[];

/** The prefix now says what the run found: in a new release, or in one that said it already. */
const settled = (units: Units, { pointer }: Current) => ({
  release: pointer?.release ?? null,
  manifest: pointer?.manifest ?? null,
  rows: pointer?.rows ?? null,
  units: countCoverage(units),
  reason: null,
});

/** The run's own release is the current one. */
export const published = ({ coverage, changes }: Manifest, current: Current): Outcome => ({
  outcome: 'published',
  ...settled(coverage.units, current),
  changes: changes && rowCounts(changes),
});

/** The current release says already what the run found. */
export const unchanged = (units: Units, current: Current): Outcome => ({
  outcome: 'unchanged',
  ...settled(units, current),
  changes: { added: 0, removed: 0, changed: 0, relabelled: 0 },
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
});

/** What `status.json` will say of an outcome. */
export const checkOf = ({ now, run }: RunContext, { units, ...outcome }: Outcome): Check => ({
  ...outcome,
  at: now(),
  run,
  coverage: units,
});
