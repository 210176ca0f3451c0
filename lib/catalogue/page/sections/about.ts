// The top of the page: the release, its terms and its gaps, before any figure.
import { findGaps, type Gap, gapsSentence, oldestAnswer } from '../gaps.ts';
import { html, type Markup } from '../html.ts';
import type { CurrentRelease, PageInput } from '../input.ts';
import { countriesWithFiles, countryNames, newestDay } from '../release-facts.ts';
import { formatCount, formatDay, formatNumber, isolateName, joinWithAnd, linkIfAddress } from '../words.ts';

/** Warns that a sample world's figures are invented. */
export const banner = ({ identity }: PageInput): Markup | null =>
  identity.synthetic
    ? html`<aside class="banner" aria-label="About these figures"><p><strong>Invented figures.</strong> This is a sample world made by dtm-exporter’s simulator. No number here is about real people or places.</p></aside>`
    : null;

/** The page's header, with or without a current release. */
export function aboutSection(input: PageInput): Markup {
  const { identity, current } = input;
  return html`<header id="about">
<p class="eyebrow">${identity.synthetic ? 'Sample dataset' : identity.visibility === 'public' ? 'Open dataset' : 'Private dataset'} <code>${identity.dataset}</code></p>
<h1>Internally displaced people, by country and area</h1>
<p class="lede">${lede(identity.synthetic)}</p>
${current ? releaseSummary(input, current) : noReleaseNotice(input)}
</header>`;
}

const lede = (isSynthetic: boolean): string =>
  isSynthetic
    ? 'What the figures of IOM’s Displacement Tracking Matrix (DTM) look like as open data, shown with an invented world: every count, by country and area, in files that never change.'
    : 'How many people live displaced within their own country, counted by the International Organization for Migration (IOM) in its Displacement Tracking Matrix (DTM): every count that its API has, in files that never change.';

function noReleaseNotice({ releases }: PageInput): Markup {
  const [last] = releases;
  const withdrawn = last?.withdrawn;
  return html`<p class="notice" role="note"><strong>No release stands at the moment.</strong> ${
    withdrawn
      ? html`Release ${last.release} was withdrawn on ${formatDay(withdrawn.date)}: ${isolateName(withdrawn.reason)}`
      : 'Nothing has been published here yet.'
  } The next one will be on this page and in the feed.</p>`;
}

function releaseSummary(input: PageInput, current: CurrentRelease): Markup {
  const { manifest, published_at } = current;
  const newest = newestDay(current);
  const listedRelease = input.releases.find(({ release }) => release === manifest.release);
  const gaps = findGaps(manifest, countryNames(current));
  return html`<p class="notice" role="status" data-newer hidden></p>
<dl class="facts">
<div class="fact lead"><dt>Newest release</dt><dd><strong>${manifest.release}</strong>, published ${formatDay(published_at)} <span data-ago="${published_at}"></span></dd></div>
<div class="fact"><dt>Newest count</dt><dd>${newest === null ? 'none' : html`${formatDay(newest)} <span data-ago="${newest}"></span>`}</dd></div>
<div class="fact"><dt>Countries with figures</dt><dd>${formatNumber(countriesWithFiles(current).length)}</dd></div>
<div class="fact"><dt>Rows</dt><dd>${rows(manifest)}</dd></div>
<div class="fact wide"><dt>What changed</dt><dd>${isolateName(listedRelease?.changes ?? 'Not listed yet.')}</dd></div>
<div class="fact wide"><dt>Gaps</dt><dd>${gapsSentence(gaps)}${oldestAnswerSentence(current)} <span data-last-check></span>${gapsList(gaps)}</dd></div>
<div class="fact"><dt>Licence</dt><dd>${linkIfAddress(manifest.licence)}</dd></div>
<div class="fact wide"><dt>Credit line</dt><dd>${isolateName(manifest.credit)}</dd></div>
<div class="fact"><dt>Contact</dt><dd>${manifest.contact === null ? html`<span class="none">none given</span>` : linkIfAddress(manifest.contact)}</dd></div>
</dl>`;
}

function oldestAnswerSentence(current: CurrentRelease): Markup | null {
  const oldest = oldestAnswer(current.manifest, countryNames(current));
  if (oldest === null) return null;
  const { at, countries } = oldest;
  return html` The oldest answer behind these figures is of ${formatDay(at)} <span data-ago="${at}"></span>${countries === null ? null : html` (${countries})`}.`;
}

const rows = ({ tables }: CurrentRelease['manifest']): Markup =>
  html`${joinWithAnd(
    tables
      .filter(({ name: table }) => table.startsWith('admin'))
      .map(({ name: table, rows: count }) => html`${formatCount(count, 'row')} at level ${table.slice(5)}`),
  )}`;

function gapsList({ failed, carried, empty }: ReturnType<typeof findGaps>): Markup | null {
  const gaps = [...failed, ...carried, ...empty];
  return gaps.length === 0
    ? null
    : html`<details class="gaps"><summary>Which ones</summary><ul>${gaps.map(({ text }: Gap) => html`<li>${text}</li>`)}</ul></details>`;
}
