// Chooses the count that stands for a country on the map and in its ranked list: always one count of one series, because
// counts of different operations or assessment types must not be added. Shared by the page's HTML and its scripts.

/** What the choice depends on: the newest count of a series, as `NewestCount` has it. */
export interface ChoosableCount {
  readonly country: string;
  readonly name: string;
  readonly operation: string;
  readonly assessment_type: string;
  readonly date: string;
  readonly idps: number | null;
  readonly usual_days: number | null;
}

/** `most`: most people of those on time. `newest`: newest date. `type`: as `most`, of one assessment type only. */
export type ChoiceRule =
  | { readonly kind: 'most' }
  | { readonly kind: 'newest' }
  | { readonly kind: 'type'; readonly type: string };

/** The rule of the page as it is published. */
export const DEFAULT_RULE: ChoiceRule = { kind: 'most' };

/** How old a count is for its series: `single` is the only count of its series, and more than a year old. */
export type Timeliness = 'on time' | 'overdue' | 'single';

const MS_PER_DAY = 86_400_000;
/** Days after which the only count of a series no longer counts as on time. */
const MAX_SINGLE_AGE = 365;

/** Whole days from one day to another; both are ISO 8601 dates or times. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to.slice(0, 10)) - Date.parse(from.slice(0, 10))) / MS_PER_DAY);

/** The timeliness of a count on a day. It is overdue when it is older than twice the usual interval of its series. */
export function timelinessOn(
  { date, usual_days }: Pick<ChoosableCount, 'date' | 'usual_days'>,
  day: string,
): Timeliness {
  const age = daysBetween(date, day);
  if (usual_days === null) return age > MAX_SINGLE_AGE ? 'single' : 'on time';
  return age > 2 * usual_days ? 'overdue' : 'on time';
}

/** One count for each country that has one by this rule, ranked by persons; counts without a figure come last. */
export function chooseCounts<C extends ChoosableCount>(
  counts: readonly C[],
  { rule, day }: { rule: ChoiceRule; day: string },
): C[] {
  const allowed = counts.filter((count) => rule.kind !== 'type' || count.assessment_type === rule.type);
  const isBetter = rule.kind === 'newest' ? isNewer : isMoreOnTime(day);
  const byCountry = Map.groupBy(allowed, ({ country }) => country);
  return rankCounts([...byCountry.values()].map((own) => own.reduce((a, b) => (isBetter(b, a) ? b : a))));
}

/** Counts by persons, the greatest first; equal ones by name. */
export const rankCounts = <C extends ChoosableCount>(counts: readonly C[]): C[] =>
  counts.toSorted((a, b) => persons(b) - persons(a) || a.name.localeCompare(b.name, 'en'));

/** The assessment types of the counts, sorted. */
export const assessmentTypes = (counts: readonly ChoosableCount[]): string[] =>
  [...new Set(counts.map(({ assessment_type }) => assessment_type))].sort();

/** For comparisons only: a missing figure comes after 0. */
const persons = ({ idps }: ChoosableCount): number => idps ?? -1;

type IsBetter = (a: ChoosableCount, b: ChoosableCount) => boolean;

const isNewer: IsBetter = (a, b) => (a.date === b.date ? hasMore(a, b) : a.date > b.date);

/** Equal counts keep an order that depends on their names only, so that equal releases give equal pages. */
const hasMore: IsBetter = (a, b) =>
  persons(a) === persons(b) ? nameOf(a) < nameOf(b) : persons(a) > persons(b);

const isMoreOnTime =
  (day: string): IsBetter =>
  (a, b) => {
    const [isFirst, isSecond] = [a, b].map((count) => timelinessOn(count, day) === 'on time');
    if (isFirst !== isSecond) return isFirst === true;
    if (!isFirst) return isNewer(a, b);
    return persons(a) === persons(b) ? isNewer(a, b) : persons(a) > persons(b);
  };

const nameOf = ({ operation, assessment_type }: ChoosableCount): string =>
  JSON.stringify([operation, assessment_type]);
