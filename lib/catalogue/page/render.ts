// Renders the catalogue page `index.html`. A pure function. The page is readable without scripts; they add charts and filters.
import type { PageData } from './charts/page-data.ts';
import { html, isHtmlText, jsonBlock, type Markup } from './html.ts';
import type { CurrentRelease, PageInput } from './input.ts';
import { aboutSection, banner } from './sections/about.ts';
import { columnsSection } from './sections/columns.ts';
import { freshnessSection } from './sections/freshness.ts';
import { viewerSection } from './sections/look.ts';
import { chartsSection } from './sections/picture.ts';
import { releasesSection } from './sections/releases.ts';
import { sinceSection } from './sections/since.ts';
import { downloadSection } from './sections/take.ts';
import { worldSection } from './sections/world.ts';

/** Allows files of the page's own origin only, and no inline scripts or styles. The style sheet may hold `data:` images. */
export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'";

/** The page's bytes, which depend on the input only. */
export const renderPage = (input: PageInput): Uint8Array =>
  Buffer.from(`<!doctype html>\n${page(input).markup}\n`);

function page(input: PageInput): Markup {
  const { current, browser } = input;
  return html`<html lang="en" data-made-from="${input.sourceHash}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${CONTENT_SECURITY_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title(input)}</title>
<meta name="description" content="${current ? current.manifest.citation : 'No release stands at the moment.'}">
<link rel="icon" href="${browser.icon}" type="image/svg+xml">
<link rel="alternate" type="application/atom+xml" href="feed.xml" title="Releases">
${structuredData(input)}<link rel="stylesheet" href="${browser.style}">
<script src="${browser.page}" defer></script>
</head>
<body>
<a class="skip" href="#main">To the content</a>
${banner(input)}
<main id="main">
${aboutSection(input)}
${navigation(input)}
${current ? body(input, current) : null}
${sinceSection(input)}
${releasesSection(input)}
${current ? columnsSection(current) : null}
</main>
<footer>${footer(input)}</footer>
<script type="application/json" id="page-data">${jsonBlock(scriptData(input))}</script>
</body>
</html>`;
}

/** An inline data block. The policy allows it, because it covers only scripts that run. */
const structuredData = ({ current }: PageInput): Markup | null =>
  current &&
  html`<script type="application/ld+json">${jsonBlock(current.structuredData)}</script>
`;

const title = ({ identity, current }: PageInput): string =>
  `${identity.synthetic ? 'Sample: ' : ''}Internally displaced people${current ? `, release ${current.manifest.release}` : ''}`;

function body(input: PageInput, current: CurrentRelease): Markup {
  return html`${worldSection(current)}
${chartsSection(current)}
${freshnessSection(current)}
${downloadSection(input, current)}
${viewerSection(current)}`;
}

const SECTIONS = [
  ['world', 'World'],
  ['picture', 'Picture'],
  ['freshness', 'Freshness'],
  ['take', 'Take it'],
  ['look', 'Look into it'],
  ['since', 'Since your release'],
  ['releases', 'Releases'],
  ['columns', 'Columns and warnings'],
] as const;

function navigation({ current, since }: PageInput): Markup | null {
  if (!current) return null;
  const omitted = [...(current.newest?.length ? [] : ['world', 'freshness']), ...(since ? [] : ['since'])];
  const shown = SECTIONS.filter(([id]) => !omitted.includes(id));
  return html`<nav aria-label="On this page"><ul>${shown.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>`;
}

const footer = ({ current, identity }: PageInput): Markup =>
  html`<p>${current ? current.manifest.credit : identity.dataset}.${
    current ? html` Made by ${current.manifest.generator.name} ${current.manifest.generator.version}.` : null
  } This page loads nothing from elsewhere and keeps nothing about you.</p>`;

/** Data for the page's scripts. */
const scriptData = ({ current, browser, publicUrl, identity, since }: PageInput): PageData => ({
  release: current?.manifest.release ?? null,
  day: current?.published_at.slice(0, 10) ?? null,
  pictures: current?.chartScripts ?? {},
  exactTexts: exactTexts(current),
  since: since?.script ?? null,
  charts: browser.charts,
  country: browser.country,
  map: browser.map,
  viewer: browser.viewer,
  publicUrl,
  credit: current?.manifest.credit ?? null,
  licence: current?.manifest.licence ?? null,
  synthetic: identity.synthetic,
});

/** The texts of rows of the table of freshness of which HTML cannot hold every character. */
const exactTexts = (current: CurrentRelease | null): PageData['exactTexts'] =>
  Object.fromEntries(
    (current?.newest ?? []).flatMap(({ name, operation, assessment_type }, at) =>
      [name, operation, assessment_type].every(isHtmlText)
        ? []
        : [[at, { name, operation, assessment_type }]],
    ),
  );
