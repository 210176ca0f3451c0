// The section "World": the newest count of one series for each country, ranked. The map beside it is drawn by scripts.
import { type HtmlPart, html, type Markup } from '../html.ts';
import type { CurrentRelease, NewestCount } from '../input.ts';
import { countryNames } from '../release-facts.ts';
import { formatDay, formatNumber, formatPersons, isolateName, joinWithAnd } from '../words.ts';
import { chooseCounts, DEFAULT_RULE, rankCounts, timelinessOn } from '../world/choose-counts.ts';

/** Countries in the list beside the map; the table has all. */
const LISTED = 12;

/** The ranked list and the table of all countries, with a container for the map. Null without counts. */
export function worldSection(current: CurrentRelease): Markup | null {
  const { newest, published_at } = current;
  if (newest === null || newest.length === 0) return null;
  const day = published_at.slice(0, 10);
  const chosen = chooseCounts(newest, { rule: DEFAULT_RULE, day });
  return html`<section id="world" aria-labelledby="world-title">
<div class="world-head"><h2 id="world-title">Where people are displaced</h2><div data-rule></div></div>
<p class="rule">Each country shows <strong>one count, never a sum</strong>: <span data-rule-words>of its operations and assessment types, the one with the most people that was not overdue on ${formatDay(day)}, else the newest.</span></p>
<div class="world">
<div data-map><noscript><p class="notice">The map needs scripts. The list and the table have all of its figures.</p></noscript></div>
<div class="list-side"><h3 id="ranked-title">Countries by people present</h3>
<ol class="ranked" aria-labelledby="ranked-title" data-ranked="${LISTED}">${listItems(chosen.slice(0, LISTED), greatestOf(newest), day)}</ol></div>
<div class="map-notes"><p data-off-map hidden></p>
${missing(current)}<p data-map-words>No circle means that DTM has no count, not that nobody is displaced. The boundaries and names shown do not imply endorsement or acceptance by IOM or by the publisher of this page; dotted borders have no settled status. Shapes: Natural Earth.</p></div>
</div>
<details class="world-table" data-world-table><summary>All ${formatNumber(chosen.length)} countries as a table, with the operation behind each figure</summary>
<div class="scroll tall" role="region" aria-labelledby="world-caption" tabindex="0">
<table id="world-table">
<caption id="world-caption">One newest count of each country</caption>
<thead><tr><th scope="col">Country</th><th scope="col" class="n">People present</th><th scope="col">Operation and assessment type</th><th scope="col">Newest count</th><th scope="col">Age</th></tr></thead>
<tbody>${chosen.map((count) => tableRow(count, day))}</tbody>
</table>
</div></details>
</section>`;
}

const greatestOf = (counts: readonly NewestCount[]): number => Math.max(1, rankCounts(counts)[0]?.idps ?? 0);

/** Width of a bar in percent of the greatest figure. */
const widthOf = (idps: number | null, greatest: number): string =>
  ((100 * (idps ?? 0)) / greatest).toFixed(1);

const listItems = (counts: readonly NewestCount[], greatest: number, day: string): Markup[] =>
  counts.map(
    (count) =>
      html`<li><a href="${countryHref(count)}"><span class="who">${isolateName(count.name)}${lateness(count, day)}</span> <span class="figure">${formatPersons(count.idps)}</span> <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect width="${widthOf(count.idps, greatest)}" height="1"></rect></svg> <span class="when">${formatDay(count.date)}</span></a></li>
`,
  );

const tableRow = (count: NewestCount, day: string): Markup =>
  html`<tr><th scope="row"><a href="${countryHref(count)}">${isolateName(count.name)}</a></th><td class="n">${formatPersons(count.idps)}${level(count)}</td><td class="name">${isolateName(count.operation)} (${isolateName(count.assessment_type)})</td><td>${formatDay(count.date)}</td><td>${lateness(count, day)}</td></tr>
`;

/** Scripts show the country; without them, this is the country's first row in the table of freshness. */
const countryHref = ({ country }: NewestCount): string => `#country=${country}`;

/** Words about a count that was late when the release was published. Scripts replace them with the state of today. */
function lateness(count: NewestCount, day: string): Markup | null {
  const timeliness = timelinessOn(count, day);
  if (timeliness === 'on time') return null;
  return html` <span class="tag">${timeliness === 'overdue' ? 'overdue' : 'counted once'}</span>`;
}

const level = ({ level: at }: NewestCount): Markup | null =>
  at === 0 ? null : html` <span class="hint">level ${at}</span>`;

/** Names the countries that the release was made for and that have no count. */
function missing(current: CurrentRelease): Markup | null {
  const counted = new Set((current.newest ?? []).map(({ country }) => country));
  const names = countryNames(current);
  const without = [...new Set(current.manifest.coverage.units.map(({ country }) => country))]
    .filter((country) => !counted.has(country))
    .map((country) => names.get(country) ?? country)
    .sort((a, b) => a.localeCompare(b, 'en'));
  if (without.length === 0) return null;
  const list: HtmlPart = joinWithAnd(without.map((name) => isolateName(name)));
  return html`<p data-without-count>Without any count in this release: ${list}.</p>
`;
}
