// How a run ended.
import type { Check, Coverage } from '../release/ledger.ts';
import type { ManifestUnit } from '../release/manifest.ts';
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
  readonly reason: string | null;
}

type Units = readonly Pick<ManifestUnit, 'status'>[];

/** The prefix now says what the run found: in a new release, or in one that said it already. */
export const settled = (outcome: 'published' | 'unchanged', units: Units, { pointer }: Current): Outcome => ({
  outcome,
  release: pointer?.release ?? null,
  manifest: pointer?.manifest ?? null,
  rows: pointer?.rows ?? null,
  units: countCoverage(units),
  reason: null,
});

/** Nothing is published, and what was staged stays. */
export const refused = (units: Units, reason: string): Outcome => ({
  outcome: 'refused',
  release: null,
  manifest: null,
  rows: null,
  units: countCoverage(units),
  reason,
});

/** What `status.json` will say of an outcome. */
export const checkOf = ({ now, run }: RunContext, { units, ...outcome }: Outcome): Check => ({
  ...outcome,
  at: now(),
  run,
  coverage: units,
});
