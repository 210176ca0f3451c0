// What a finished run is measured by.

import { readCurrent } from '../../catalogue/pointer.ts';
import { readStatus } from '../../catalogue/status.ts';
import { checkedUnits, withAges } from '../../release/unit-ages.ts';
import type { RunContext } from '../context.ts';
import type { FinishedRun } from '../finish.ts';
import type { Plan } from '../plan.ts';
import type { Outcome } from './outcome.ts';

export interface RunMetrics {
  readonly units: Outcome['units'];
  /** In all level tables of the current release; null where the run did not settle. */
  readonly rows: number | null;
  /** Of the answers, decompressed. */
  readonly bytes: number;
  /** From plan to end. */
  readonly seconds: number;
  /** Since the current release was published; null where there is none. */
  readonly releaseAgeHours: number | null;
  /** Fields that came without being asked for, each counted once. */
  readonly drift: number;
  /** Since the unit that nobody answered for the longest was last answered; null where none ever was. */
  readonly oldestAnswerDays: number | null;
  /** Whether the prefix now says what the run found. */
  readonly isSuccessful: boolean;
}

/** Measures a run that has just ended. */
export async function measureRun(
  { store, now }: RunContext,
  plan: Plan,
  { outcome, reports }: FinishedRun,
): Promise<RunMetrics> {
  const { pointer, manifest } = await readCurrent(store);
  const ages = withAges(checkedUnits(manifest, await readStatus(store)), now());
  const elapsed = (time: string): number => Math.max(0, now().getTime() - Date.parse(time));
  const rows = outcome.rows && Object.values(outcome.rows).reduce((sum, count) => sum + count, 0);
  return {
    units: outcome.units,
    rows,
    bytes: reports.reduce((sum, { raw_bytes }) => sum + (raw_bytes ?? 0), 0),
    seconds: elapsed(plan.created_at) / 1000,
    releaseAgeHours: pointer?.release ? elapsed(pointer.published_at) / 3_600_000 : null,
    drift: new Set(reports.flatMap(({ unknown_fields }) => Object.keys(unknown_fields))).size,
    oldestAnswerDays: ages.length > 0 ? Math.max(...ages.map(({ age_days }) => age_days ?? 0)) : null,
    isSuccessful: outcome.outcome === 'published' || outcome.outcome === 'unchanged',
  };
}
