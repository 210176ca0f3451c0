// The section "Since the release that you took": what differs from an earlier release at country level. The browser fills
// it in for the chosen release. Without scripts, the list of releases links to the changes of each.
import { html, type Markup } from '../html.ts';
import type { EarlierReleases, PageInput } from '../input.ts';
import { formatDay } from '../words.ts';

export function sinceSection({ since, current, releases, publicUrl }: PageInput): Markup | null {
  if (!since || !current) return null;
  const oldest = since.releases.at(-1);
  const isCut = since.releases.length + 1 < releases.length;
  return html`<section id="since" aria-labelledby="since-title" data-published="${current.published_at}">
<h2 id="since-title">Since the release that you took</h2>
<p>Figures of the past are revised: a number that was right when you took it may be another one now. Choose the release that you used, or the day on which you took it, to see which totals at country level are new, revised or gone in release <strong>${current.manifest.release}</strong>.</p>
<noscript><p class="notice">Choosing needs scripts. In the list of releases below, “changes” says for each release what differs from the one before.</p></noscript>
${chooser(since)}
<div data-since aria-live="polite"></div>
<p>${isCut && oldest ? html`This list reaches back to release ${oldest.release} of ${formatDay(oldest.published_at)}. ` : null}Every level, every row and every release that can be compared:</p>
<div class="code-block wrapped"><pre tabindex="0" aria-label="Command for all changes"><code data-since-command>npx dtm-exporter diff ${publicUrl ?? 'SOURCE'} ${oldest?.release ?? ''}</code></pre></div>
</section>`;
}

const chooser = ({
  releases,
}: EarlierReleases): Markup => html`<div class="chooser since" data-since-chooser hidden>
<label for="since-release">Release</label>
<select id="since-release"><option value="">Choose a release</option>${releases.map(
  ({ release, published_at }) =>
    html`<option value="${release}" data-published="${published_at}">${release}, published ${published_at.slice(0, 10)}</option>`,
)}</select>
<label for="since-day">or day</label>
<input id="since-day" type="date">
</div>`;
