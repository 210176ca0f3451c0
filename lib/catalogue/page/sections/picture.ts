// The section "The picture": charts of one country at a time. Without scripts, the table of freshness has the newest counts.
import { html, type Markup } from '../html.ts';
import type { CurrentRelease } from '../input.ts';
import { countriesWithFiles } from '../release-facts.ts';
import { isolateName } from '../words.ts';

/** A container for the charts, and how to read them. */
export function chartsSection(current: CurrentRelease): Markup {
  const countries = countriesWithFiles(current).filter(
    ({ code }) => current.chartScripts[code] !== undefined,
  );
  return html`<section id="picture" aria-labelledby="picture-title">
<h2 id="picture-title">The picture</h2>
<p>People present in displacement at each count. Every line is one operation and one kind of assessment; lines are <strong>never added up</strong>.</p>
${current.newest === null ? unreadableNotice : countries.length === 0 ? emptyNotice : chooser(countries)}
</section>`;
}

const unreadableNotice = html`<p class="notice" role="note"><strong>No charts for this release.</strong> Its tables could not be read when this page was written. The downloads below are as they were published; <code>dtm-exporter verify</code> says what is wrong with them.</p>`;

const emptyNotice = html`<p class="notice" role="note"><strong>There is nothing to draw.</strong> The release has no rows: see the gaps above for what was asked and what the API said.</p>`;

const chooser = (
  countries: readonly { code: string; name: string }[],
): Markup => html`<noscript><p class="notice">Charts need scripts. The newest count of every operation is in the table below, and every figure in the files.</p></noscript>
<div class="chooser" data-chooser hidden>
<label for="country">Country</label>
<div class="combobox">
<input id="country" type="text" role="combobox" autocomplete="off" spellcheck="false" aria-expanded="false" aria-controls="countries" aria-autocomplete="list">
<ul id="countries" role="listbox" aria-label="Countries" hidden>${countries.map(
  ({ code, name: country }) =>
    html`<li role="option" id="country-${code}" data-code="${code}" aria-selected="false">${isolateName(country)} <span class="code">${code}</span></li>`,
)}</ul>
</div>
</div>
<p class="unseen" role="status" data-picture-said></p>
<div data-picture></div>
<details class="why"><summary>Why figures are not added</summary><p>Operations overlap, and a baseline (BA) and a site assessment (SA) count the same people. A point is a round; a count is a stock at a date, so dates are not added either.</p></details>`;
