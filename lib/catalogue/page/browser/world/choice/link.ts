// A link to what the map shows: `#world=newest`, or `#world=only&type=SA`. For each country for which the reader chose,
// `&country=SDN&operation=...&type=BA` follows. It names things as the files do, so it finds them again in a later release.
import type { ChoiceRule } from '../../../world/choose-counts.ts';
import { shorten } from '../../elements/link.ts';
import type { WorldCount } from '../counts.ts';
import { countsByRule, NO_CHOICE, rulesFor, type World, type WorldChoice } from './choice.ts';

/** Of what a link names in vain, so many are said. */
const MAX_SAID = 3;

/** True for the hash of a link to a map. A link to the section is none. */
export const isMapHash = (hash: string): boolean => hash.startsWith('#world=');

const RULE_NAMES = { most: 'most', newest: 'newest', type: 'only' } as const;

/** Writes the hash of a choice. It names the rule also if it is the usual one. */
export function writeMapHash({ rule, own }: WorldChoice): string {
  const params = new URLSearchParams({ world: RULE_NAMES[rule.kind] });
  if (rule.kind === 'type') params.set('type', rule.type);
  for (const { country, operation, assessment_type } of own) {
    params.append('country', country);
    params.append('operation', operation);
    params.append('type', assessment_type);
  }
  return `#${params}`;
}

/** What a link chooses, and sentences about what this release does not have. */
export interface ReadMapLink {
  readonly choice: WorldChoice;
  readonly notices: readonly string[];
}

/** Reads a hash, which may be old or made by hand. Any hash that is no link to a map is the usual map. */
export function readMapHash(world: World, hash: string): ReadMapLink {
  if (!isMapHash(hash)) return { choice: NO_CHOICE, notices: [] };
  const [wanted = {}, ...countries] = readParts(hash);
  const rule = findRule(world, wanted);
  if (typeof rule === 'string') return { choice: NO_CHOICE, notices: [`${rule} The usual map is shown.`] };
  const { own, missing } = findOwn(world, rule, countries);
  return { choice: { rule, own }, notices: missing.length === 0 ? [] : [missingWords(missing)] };
}

/** The parameters of a rule or of a country. */
interface LinkPart {
  readonly world?: string;
  readonly country?: string;
  readonly operation?: string;
  readonly type?: string;
}

/** The parameters before the first country, then those of each country. */
function readParts(hash: string): LinkPart[] {
  const parts: Map<string, string>[] = [new Map()];
  for (const [name, value] of new URLSearchParams(hash.slice(1))) {
    if (name === 'country') parts.push(new Map());
    parts.at(-1)?.set(name, value);
  }
  return parts.map((part) => Object.fromEntries(part));
}

/** The rule of a link, or a sentence why there is none. */
function findRule(world: World, { world: name = '', type }: LinkPart): ChoiceRule | string {
  const found = rulesFor(world).find(
    (rule) => RULE_NAMES[rule.kind] === name && (rule.kind !== 'type' || rule.type.toWellFormed() === type),
  );
  if (found) return found;
  return name === RULE_NAMES.type
    ? `This release has no count of the assessment type “${shorten(type ?? '')}”.`
    : `The link’s rule for the map is “${shorten(name)}”, which this page does not know: ${Object.values(RULE_NAMES).join(' or ')}.`;
}

/** The counts that a link chooses for countries, where they differ from those of the rule, and what it names in vain. */
function findOwn(world: World, rule: ChoiceRule, parts: readonly LinkPart[]) {
  const byRule = new Map(countsByRule(world, rule).map((count) => [count.country, count]));
  const byCountry = Map.groupBy(world.counts, ({ country }) => country);
  const own = new Map<string, WorldCount>();
  const missing: string[] = [];
  for (const { country = '', operation, type } of parts) {
    const code = country.toUpperCase();
    const found = byCountry
      .get(code)
      ?.find(
        (count) =>
          count.operation.toWellFormed() === operation && count.assessment_type.toWellFormed() === type,
      );
    if (!found || !byRule.has(code))
      missing.push([country, operation, type].filter((part) => part).join(' '));
    else if (byRule.get(code) === found) own.delete(code);
    else own.set(code, found);
  }
  return { own: [...own.values()], missing };
}

function missingWords(missing: readonly string[]): string {
  const more = missing.length - MAX_SAID;
  const names = missing.slice(0, MAX_SAID).map((name) => `“${shorten(name)}”`);
  return `The map has no count of ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}. The rule says what is shown there.`;
}
