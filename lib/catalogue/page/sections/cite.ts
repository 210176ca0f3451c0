// The section "Cite this release": a citation sentence and a BibTeX entry to copy.
import { html, type Markup } from '../html.ts';
import type { CurrentRelease } from '../input.ts';
import { releaseHref } from '../release-facts.ts';

export function citationSection({ manifest, bibtex }: CurrentRelease): Markup {
  const folder = releaseHref(manifest.release);
  return html`<h3 id="cite">Cite this release</h3>
<p>Name the release with what you publish: figures are revised, and the release says which ones you had. Files: <a href="${folder}CITATION.txt">CITATION.txt</a>, <a href="${folder}CITATION.cff">CITATION.cff</a>.</p>
${block('Citation', manifest.citation)}
${block('BibTeX', bibtex)}`;
}

const block = (label: string, text: string): Markup =>
  html`<div class="code-block wrapped"><pre tabindex="0" aria-label="${label}"><code>${text}</code></pre></div>
`;
