// How long ago the API last answered for each unit. A release is cut only when rows change, so its manifest says when the
import type { Status } from './status.ts';
// answers came that its rows are from; `status.json` says of the last check when each unit was last answered at all.

import type { Manifest } from './manifest.ts';

/** A unit as the last check left it; `answered_at` is ISO 8601, null if the API never answered for it. */
export type CheckedUnit = NonNullable<Status['units']>[number];

/** A unit with its age in whole days, null if it was never answered. */
export type UnitAge = CheckedUnit & { readonly age_days: number | null };

/** Days without an answer from which on a unit is overdue. */
export const MAX_AGE = 30;

const MS_PER_DAY = 24 * 60 * 60 * 1000;

/** All units that were ever asked for: as the last check has them, else as the release has them. */
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

/** The same with their ages; a time in the future counts as none ago. */
export const withAges = (units: readonly CheckedUnit[], now: Date): UnitAge[] =>
  units.map((unit) => ({ ...unit, age_days: ageOf(unit.answered_at, now) }));

const ageOf = (answeredAt: string | null, now: Date): number | null =>
  answeredAt === null ? null : Math.max(0, Math.floor((now.getTime() - Date.parse(answeredAt)) / MS_PER_DAY));

/** Units whose last answer is older than so many days: whatever stands in for it is old news. */
export const overdueUnits = (ages: readonly UnitAge[], maxAge: number): UnitAge[] =>
  ages.filter(({ age_days }) => age_days !== null && age_days >= maxAge);

/** Units without an answer at the last check, with earlier rows in its place or with none. */
export const unitsWithoutAnswer = (ages: readonly UnitAge[]): UnitAge[] =>
  ages.filter(({ status }) => status === 'failed' || status === 'carried');

/** `admin0/AFG, last answered 2026-05-08, 204 days ago`; `more` comes after the unit's name. */
export function ageText({ level, country, answered_at, age_days }: UnitAge, more = ''): string {
  const name = `admin${level}/${country}${more === '' ? '' : ` ${more}`}`;
  if (answered_at === null) return `${name}, never answered`;
  return `${name}, last answered ${answered_at.slice(0, 10)}, ${age_days} ${age_days === 1 ? 'day' : 'days'} ago`;
}
