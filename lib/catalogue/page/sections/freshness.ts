// The section "Freshness": the newest count of each operation. Ages depend on today, so the browser computes them. Without
// scripts, the table shows dates and usual intervals.
import { html, type Markup } from '../html.ts';
import type { CurrentRelease, NewestCount } from '../input.ts';
import { formatDay, formatNumber, formatPersons, isolateName } from '../words.ts';

/** An empty container for the dot plot, and the table of all operations. */
export function freshnessSection({ newest }: CurrentRelease): Markup | null {
  if (newest === null || newest.length === 0) return null;
  return html`<section id="freshness" aria-labelledby="freshness-title">
<h2 id="freshness-title">Freshness</h2>
<p>“Active” is what the API’s operation list says; it does not mean fresh. An operation is <strong>overdue</strong> when its newest count is older than twice its usual interval, the median of the days between its counts.</p>
<div data-dots></div>
<p class="filter" data-overdue-filter hidden><label><input type="checkbox" data-overdue-only> <span>Only active operations that are overdue <span data-overdue-count></span></span></label></p>
<div class="scroll tall" role="region" aria-labelledby="freshness-caption" tabindex="0">
<table data-sortable id="freshness-table">
<caption id="freshness-caption">Newest count of each operation and assessment type</caption>
<thead><tr><th scope="col">Country</th><th scope="col">Operation</th><th scope="col"><abbr title="Assessment type">Type</abbr></th><th scope="col">Status</th><th scope="col">Newest count</th><th scope="col" data-age-column hidden>Age</th><th scope="col" class="n">Usual interval</th><th scope="col" class="n">People present</th></tr></thead>
<tbody>${newest.map((count, at) => row(count, newest[at - 1]))}</tbody>
</table>
</div>
</section>`;
}

/** The first row of a country is the target of links to it, in a page without scripts. */
const row = (count: NewestCount, before: NewestCount | undefined): Markup =>
  html`<tr${count.country === before?.country ? null : html` id="country=${count.country}"`} data-country="${count.country}" data-last="${count.date}" data-round="${count.round}"${levelData(count)}${usual(count)}><th scope="row" data-sort="${count.name}">${isolateName(count.name)}</th><td class="name">${isolateName(count.operation)}</td><td>${isolateName(count.assessment_type)}</td><td class="status">${status(count)}</td><td data-sort="${count.date}">${formatDay(count.date)}</td><td data-age hidden></td><td class="n" data-sort="${count.usual_days ?? ''}">${interval(count)}</td><td class="n" data-sort="${count.idps ?? ''}">${formatPersons(count.idps)}${level(count)}</td></tr>
`;

/** Scripts take the level of a country's sum as 0. */
const levelData = ({ level: at }: NewestCount): Markup | null =>
  at === 0 ? null : html` data-level="${at}"`;

const usual = ({ usual_days }: NewestCount): Markup | null =>
  usual_days === null ? null : html` data-usual="${usual_days}"`;

const status = ({ status: listed }: NewestCount): Markup =>
  listed === null
    ? html`<span class="none">not listed</span>`
    : html`<span data-status>${isolateName(listed)}</span>`;

const interval = ({ usual_days }: NewestCount): Markup =>
  usual_days === null ? html`<span class="none">one count</span>` : html`${formatNumber(usual_days)} days`;

const level = ({ level: at }: NewestCount): Markup | null =>
  at === 0 ? null : html` <span class="hint">level ${at}</span>`;
