// The list of rules, and what each says: which count stands for a country.
import type { ChoiceRule } from '../../../world/choose-counts.ts';
import { element, isolate } from '../../elements/element.ts';
import { rulesFor, type World, type WorldChoice } from './choice.ts';

/** The name of a rule in the list. */
export const ruleName = (rule: ChoiceRule): string =>
  rule.kind === 'type'
    ? `Only ${rule.type}`
    : rule.kind === 'newest'
      ? 'Newest count'
      : 'Most people, not overdue';

/** The sentence of a rule after "Each country shows one count, never a sum:"; `day` is a text. */
export function ruleWords(rule: ChoiceRule, day: string): string {
  if (rule.kind === 'newest') return 'the newest of all its operations and assessment types.';
  const onTime = `the one with the most people that was not overdue on ${day}, else the newest.`;
  return rule.kind === 'type'
    ? `of its operations of the assessment type ${rule.type}, ${onTime} Other countries have no such count.`
    : `of its operations and assessment types, ${onTime}`;
}

/** The sentence of a choice: that of its rule, and the countries for which the reader chose. */
export function choiceWords({ rule, own }: WorldChoice, day: string): string {
  const names = own.map(({ name }) => isolate(name)).join(', ');
  return `${ruleWords(rule, day)}${names === '' ? '' : ` You chose: ${names}`}`;
}

/** The list of rules. */
export interface RuleChooser {
  readonly node: HTMLElement;
  /** Selects a rule, without a call of `onChoose`. */
  show(rule: ChoiceRule): void;
}

/** Creates the list of rules; `onChoose` gets the rule that the reader chose. */
export function ruleChooser(world: World, onChoose: (rule: ChoiceRule) => void): RuleChooser {
  const rules = rulesFor(world);
  const select = element(
    'select',
    { id: 'world-rule' },
    ...rules.map((rule, at) => element('option', { value: at, dir: 'auto' }, ruleName(rule))),
  );
  select.addEventListener('change', () => onChoose(rules[Number(select.value)] as ChoiceRule));
  return {
    node: element('p', { class: 'chooser-line' }, element('label', { for: 'world-rule' }, 'Show '), select),
    show: (rule) => {
      select.selectedIndex = rules.findIndex((one) => ruleName(one) === ruleName(rule));
    },
  };
}
