// Warnings of a run, in sentences. A warning does not change the outcome. Every report of a run shows it.
import { readCurrent } from '../../catalogue/pointer.ts';
import { readStatus } from '../../catalogue/status.ts';
import { isFuture } from '../../release/clocks.ts';
import type { ManifestUnit } from '../../release/manifest.ts';
import { ageText, checkedUnits, overdueUnits, type UnitAge, withAges } from '../../release/unit-ages.ts';
import type { RunContext } from '../context.ts';

/** Units named in a warning. */
const MAX_SHOWN_UNITS = 3;

/** Warns of units without an answer for `maxAge` days, and of times in the future. */
export async function collectWarnings(
  { store, now }: Pick<RunContext, 'store' | 'now'>,
  units: readonly ManifestUnit[],
  maxAge: number,
): Promise<string[]> {
  // An unreadable status is reported by the step that writes it.
  const status = await readStatus(store).catch(() => null);
  const ages = withAges(checkedUnits({ coverage: { units: [...units] } }, status), now());
  return [...ageWarnings(ages, maxAge), ...(await futureWarnings({ store, now }, ages))];
}

/** A sentence about the units whose last answer is too old. Empty if there are none. */
export function ageWarnings(ages: readonly UnitAge[], maxAge: number): string[] {
  const overdue = overdueUnits(ages, maxAge).sort((a, b) => (b.age_days ?? 0) - (a.age_days ?? 0));
  if (overdue.length === 0) return [];
  const more = overdue.length > MAX_SHOWN_UNITS ? `; and ${overdue.length - MAX_SHOWN_UNITS} more` : '';
  return [
    `${overdue.length} ${overdue.length === 1 ? 'unit has' : 'units have'} had no answer for ${maxAge} days or more (--max-age): ${overdue
      .slice(0, MAX_SHOWN_UNITS)
      .map((unit) => ageText(unit))
      .join('; ')}${more}`,
  ];
}

async function futureWarnings(
  { store, now }: Pick<RunContext, 'store' | 'now'>,
  ages: readonly UnitAge[],
): Promise<string[]> {
  const { pointer, manifest } = await readCurrent(store).catch(() => ({ pointer: null, manifest: null }));
  const times = [pointer?.published_at, manifest?.created_at, ...ages.map(({ answered_at }) => answered_at)];
  const futureTime = times.find((time) => time && isFuture(time, now()));
  return futureTime
    ? [
        `a time in the prefix lies in the future (${futureTime}): this machine's clock is behind, or that of an earlier run was ahead; runs go by what supersedes what, so nothing waits for that time`,
      ]
    : [];
}
