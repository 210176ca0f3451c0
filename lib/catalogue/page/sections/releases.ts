// The section "Releases": every release that was ever published here; withdrawn ones have the reason.
import { releaseAnchor } from '../../../release/layout.ts';

import { html, type Markup } from '../html.ts';
import type { ListedRelease, PageInput } from '../input.ts';

import { formatDay, isolateName } from '../words.ts';

/** Releases that are visible at first; older ones are folded. */
const MAX_SHOWN_RELEASES = 10;

export function releasesSection({ releases: listed, current }: PageInput): Markup {
  const table = (
    rows: readonly ListedRelease[],
    id: string,
    title: string,
  ): Markup => html`<div class="scroll" role="region" aria-labelledby="${id}" tabindex="0">
<table>
<caption id="${id}">${title}</caption>
<thead><tr><th scope="col">Release</th><th scope="col">Published</th><th scope="col">What changed</th><th scope="col">Schema</th><th scope="col">Record</th></tr></thead>
<tbody>${rows.map((release) => row(release, release.release === current?.manifest.release))}</tbody>
</table>
</div>`;
  const older = listed.slice(MAX_SHOWN_RELEASES);
  return html`<section id="releases" aria-labelledby="releases-title">
<h2 id="releases-title">Releases</h2>
<p>A release is cut only when something changed, and is never altered. Follow the <a href="feed.xml">Atom feed</a>; programs read <a href="latest.json">latest.json</a> and <a href="releases.json">releases.json</a>.</p>
${table(listed.slice(0, MAX_SHOWN_RELEASES), 'releases-caption', 'Newest first')}
${older.length === 0 ? null : html`<details><summary>Older releases</summary>${table(older, 'older-caption', 'Older releases')}</details>`}
</section>`;
}

const row = (release: ListedRelease, isCurrent: boolean): Markup =>
  html`<tr id="${releaseAnchor(release.release)}"${release.withdrawn ? html` class="withdrawn"` : null}><th scope="row">${release.release}${isCurrent ? html` <span class="tag good">current</span>` : null}${
    release.withdrawn ? html` <span class="tag bad">withdrawn</span>` : null
  }</th><td>${formatDay(release.published_at)}</td><td class="name">${withdrawalOrExpiry(release)}${isolateName(release.changes)}</td><td>${release.schema_version}</td><td class="links"><a href="${release.manifest}">manifest</a>${release.changesFile === null ? null : html`<a href="${release.changesFile}">changes</a>`}</td></tr>
`;

function withdrawalOrExpiry({ withdrawn, expires_at }: ListedRelease): Markup | null {
  if (withdrawn)
    return html`<strong>Withdrawn on ${formatDay(withdrawn.date)}: ${isolateName(withdrawn.reason)}</strong> Its data files are gone; its manifest stays as the record. `;
  return expires_at === null
    ? null
    : html`<strong>Its data files are kept until ${formatDay(expires_at)}.</strong> Its manifest and changes stay. `;
}
