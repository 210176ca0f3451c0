// The section "Look into it": a container for the viewer of Parquet files, which the browser loads on request.
import { html, type Markup } from '../html.ts';
import type { CurrentRelease } from '../input.ts';

export function viewerSection({ manifest }: CurrentRelease): Markup | null {
  if (!manifest.files.some(({ format }) => format === 'parquet')) return null;
  return html`<section id="look" aria-labelledby="look-title">
<h2 id="look-title">Look into it</h2>
<p>The first rows of any Parquet file, and the rows that match a filter. Only the parts that are needed are fetched, and you are told how many bytes that took.</p>
<noscript><p class="notice">This needs scripts. The files above can be downloaded without.</p></noscript>
<div data-viewer></div>
</section>`;
}
