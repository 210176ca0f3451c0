// What the reader chose for the map: a rule, and other counts for some countries.
import {
  assessmentTypes,
  type ChoiceRule,
  chooseCounts,
  DEFAULT_RULE,
  rankCounts,
} from '../../../world/choose-counts.ts';
import type { WorldCount } from '../counts.ts';

/** The newest counts of all series, and the day for which the rules choose. */
export interface World {
  readonly counts: readonly WorldCount[];
  /** Day of the release, `2026-11-24`. */
  readonly day: string;
}

/** A rule, and the counts that the reader chose in place of those of the rule: one for a country at most. */
export interface WorldChoice {
  readonly rule: ChoiceRule;
  readonly own: readonly WorldCount[];
}

export const NO_CHOICE: WorldChoice = { rule: DEFAULT_RULE, own: [] };

/** The count of each country by a rule, ranked. */
export const countsByRule = ({ counts, day }: World, rule: ChoiceRule): WorldCount[] =>
  chooseCounts(counts, { rule, day });

/** The count of each country by a choice, ranked. */
export const chosenCounts = (world: World, { rule, own }: WorldChoice): WorldCount[] =>
  rankCounts(
    countsByRule(world, rule).map((count) => own.find(({ country }) => country === count.country) ?? count),
  );

/** A choice with another count for a country. One that the rule chooses anyway is not the reader's own. */
export function withOwnCount(world: World, { rule, own }: WorldChoice, count: WorldCount): WorldChoice {
  const others = own.filter(({ country }) => country !== count.country);
  return { rule, own: countsByRule(world, rule).includes(count) ? others : [...others, count] };
}

/** The rules that the reader can choose. */
export const rulesFor = ({ counts }: World): ChoiceRule[] => [
  DEFAULT_RULE,
  { kind: 'newest' },
  ...assessmentTypes(counts).map((type) => ({ kind: 'type', type }) as const),
];
