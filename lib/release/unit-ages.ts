// How long ago the API last answered for each unit. The manifest has the times of the answers that its rows come from,
// but a release is cut only when rows change. So `status.json` has the time of each unit's last answer.
import type { Manifest } from './manifest.ts';
import type { Status } from './status.ts';

/** A unit after the last check. `answered_at` is ISO 8601; null if the API never answered for it. */
export type CheckedUnit = NonNullable<Status['units']>[number];

/** A unit with the age of its last answer in whole days; null if there was none. */
export type UnitAge = CheckedUnit & { readonly age_days: number | null };

/** A unit is overdue after this many days without an answer. */
export const MAX_AGE = 30;

const MS_PER_DAY = 24 * 60 * 60 * 1000;

/** All units that were ever requested: from the last check if it has them, else from the release. */
export function checkedUnits(
  manifest: Pick<Manifest, 'coverage'> | null,
  status: Status | null,
): CheckedUnit[] {
  const published = (manifest?.coverage.units ?? [])
    .filter((unit) => unit.status !== 'absent')
    .map(({ level, country, status, rows, fetched_at, reason }) => ({
      ...{ level, country, status, rows, reason },
      answered_at: fetched_at,
    }));
  const checked = new Map((status?.units ?? []).map((unit) => [`${unit.level}/${unit.country}`, unit]));
  const publishedNames = new Set(published.map(({ level, country }) => `${level}/${country}`));
  const others = [...checked].flatMap(([name, unit]) => (publishedNames.has(name) ? [] : unit));
  return [...published.map((unit) => checked.get(`${unit.level}/${unit.country}`) ?? unit), ...others];
}

/** Adds the age of each unit. A time in the future gives age 0. */
export const withAges = (units: readonly CheckedUnit[], now: Date): UnitAge[] =>
  units.map((unit) => ({ ...unit, age_days: ageOf(unit.answered_at, now) }));

const ageOf = (answeredAt: string | null, now: Date): number | null =>
  answeredAt === null ? null : Math.max(0, Math.floor((now.getTime() - Date.parse(answeredAt)) / MS_PER_DAY));

/** Units whose last answer is `maxAge` days old or older. */
export const overdueUnits = (ages: readonly UnitAge[], maxAge: number): UnitAge[] =>
  ages.filter(({ age_days }) => age_days !== null && age_days >= maxAge);

/** Units that got no answer in the last check, with or without carried rows. */
export const unitsWithoutAnswer = (ages: readonly UnitAge[]): UnitAge[] =>
  ages.filter(({ status }) => status === 'failed' || status === 'carried');

/** `admin0/AFG, last answered 2026-05-08, 204 days ago`; `more` is inserted after the unit's name. */
export function ageText({ level, country, answered_at, age_days }: UnitAge, more = ''): string {
  const name = `admin${level}/${country}${more === '' ? '' : ` ${more}`}`;
  if (answered_at === null) return `${name}, never answered`;
  return `${name}, last answered ${answered_at.slice(0, 10)}, ${age_days} ${age_days === 1 ? 'day' : 'days'} ago`;
}
