// The top of the page: what it is, one line of facts, and a fold with all about the release.
import { findGaps, type Gap, type Gaps, gapsSentence, oldestAnswer } from '../gaps.ts';
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
<div class="titles"><h1>Internally displaced people, by country and area</h1>
<p class="eyebrow">${identity.synthetic ? 'Sample dataset' : identity.visibility === 'public' ? 'Open dataset' : 'Private dataset'} <code>${identity.dataset}</code></p></div>
<p class="lede">${lede(identity.synthetic)}</p>
${current ? releaseSummary(input, current) : noReleaseNotice(input)}
</header>`;
}

const lede = (isSynthetic: boolean): string =>
  isSynthetic
    ? 'What the figures of IOM’s Displacement Tracking Matrix (DTM) look like as open data, shown with an invented world: every count, in files that never change.'
    : 'People who live displaced within their own country, as the International Organization for Migration (IOM) counts them in its Displacement Tracking Matrix (DTM): every count that its API has, in files that never change.';

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
  const gaps = findGaps(current.manifest, countryNames(current));
  return html`<p class="notice" role="status" data-newer hidden></p>
${factsLine(current, gaps)}
${hasGaps(gaps) ? html`<div class="notice" role="note" data-gaps><strong>Gaps.</strong> ${gapsSentence(gaps)} ${gapsList(gaps)}</div>` : null}
<details class="about-release"><summary>About this release: what changed, rows, answers, credit line, contact</summary>
${releaseFacts(input, current, gaps)}
</details>`;
}

/** True if something is missing or stands in for it. A level without rows is no gap: the API said so. */
const hasGaps = ({ failed, carried }: Gaps): boolean => failed.length + carried.length > 0;

function factsLine(current: CurrentRelease, gaps: Gaps): Markup {
  const { manifest, published_at } = current;
  const newest = newestDay(current);
  const countries = countriesWithFiles(current).length;
  const missing = new Set([...gaps.failed, ...gaps.carried].map(({ country }) => country)).size;
  return html`<ul class="facts-line">
<li>Release <strong>${manifest.release}</strong> <span data-ago="${published_at}"></span></li>
<li>Newest count ${newest === null ? 'none' : html`<strong>${formatDay(newest)}</strong> <span data-ago="${newest}"></span>`}</li>
<li><strong>${formatNumber(countries)}</strong> ${countries === 1 ? 'country' : 'countries'}</li>
<li>${missing === 0 ? 'No gaps' : html`<strong class="warning">Gaps</strong> in ${formatCount(missing, 'country', 'countries')}`}</li>
<li>${/licence/i.test(manifest.licence) ? null : 'Licence: '}${linkIfAddress(manifest.licence)}</li>
</ul>`;
}

function releaseFacts(input: PageInput, current: CurrentRelease, gaps: Gaps): Markup {
  const { manifest, published_at } = current;
  const newest = newestDay(current);
  const listedRelease = input.releases.find(({ release }) => release === manifest.release);
  return html`<dl class="facts">
<div class="fact lead"><dt>Newest release</dt><dd><strong>${manifest.release}</strong>, published ${formatDay(published_at)} <span data-ago="${published_at}"></span></dd></div>
<div class="fact"><dt>Newest count</dt><dd>${newest === null ? 'none' : html`${formatDay(newest)} <span data-ago="${newest}"></span>`}</dd></div>
<div class="fact"><dt>Countries with figures</dt><dd>${formatNumber(countriesWithFiles(current).length)}</dd></div>
<div class="fact"><dt>Rows</dt><dd>${rows(manifest)}</dd></div>
<div class="fact wide"><dt>What changed</dt><dd>${isolateName(listedRelease?.changes ?? 'Not listed yet.')}</dd></div>
<div class="fact wide"><dt>Gaps</dt><dd>${hasGaps(gaps) ? 'See the notice above.' : gapsSentence(gaps)}${oldestAnswerSentence(current)} <span data-last-check></span>${hasGaps(gaps) ? null : gapsList(gaps)}</dd></div>
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

function gapsList({ failed, carried, empty }: Gaps): Markup | null {
  const gaps = [...failed, ...carried, ...empty];
  return gaps.length === 0
    ? null
    : html`<details class="gaps"><summary>Which ones</summary><ul>${gaps.map(({ text }: Gap) => html`<li>${text}</li>`)}</ul></details>`;
}
