// The metrics of a finished run.
import { readCurrent } from '../../catalogue/pointer.ts';
import { readStatus } from '../../catalogue/status.ts';
import { checkedUnits, withAges } from '../../release/unit-ages.ts';
import type { RunContext } from '../context.ts';
import type { FinishedRun } from '../finish.ts';
import type { Plan } from '../plan.ts';
import type { Outcome } from './outcome.ts';

export interface RunMetrics {
  readonly units: Outcome['units'];
  /** Rows of all level tables of the current release; null if the run was refused. */
  readonly rows: number | null;
  /** Bytes of all answers, decompressed. */
  readonly bytes: number;
  /** Seconds from the plan to the end. */
  readonly seconds: number;
  /** Hours since the current release was published; null if there is none. */
  readonly releaseAgeHours: number | null;
  /** Number of different unknown fields in the answers. */
  readonly drift: number;
  /** Days since the oldest last answer of any unit; null if there are no units. */
  readonly oldestAnswerDays: number | null;
  /** Whether the run ended as published or unchanged. */
  readonly isSuccessful: boolean;
}

/** Computes the metrics of a run that has just ended. */
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
