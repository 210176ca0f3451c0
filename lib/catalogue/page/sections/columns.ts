// The section "Columns and warnings": the meaning of every column, and mistakes that people make when they add figures up.
import { type TableName, tablesOf } from '../../../table/schema.ts';
import { html, type Markup } from '../html.ts';
import type { CurrentRelease } from '../input.ts';
import { isolateName } from '../words.ts';

/** Traps in the API's data: a rule and its reason. */
const WARNINGS = [
  [
    'A stock, not a flow.',
    'A figure is how many people are present at a date. Adding dates up means nothing.',
  ],
  [
    'Levels repeat the same people.',
    'Level 0 is the country, level 1 its areas, level 2 theirs: adding levels triples everybody.',
  ],
  [
    'Assessment types repeat the same people.',
    'A baseline (BA) and a site assessment (SA) often count the same people.',
  ],
  [
    'Operations overlap.',
    'Two operations of one country may cover the same areas. Choose one; never add them.',
  ],
  [
    'Within one count, add reasons and origins.',
    'One area has a row for each reason and origin. The table snapshots has added them up.',
  ],
  ['The newest count is the latest date.', 'Round numbers belong to an operation and do not only grow.'],
  [
    'History is revised.',
    'Old dates appear late and figures are corrected: keep the release’s name with what you publish.',
  ],
  ['Empty is not zero.', 'No rows may mean that nobody counted. See the gaps above.'],
  [
    'Males and females may be missing, or not add up to all.',
    'Where one row lacks a figure, the sum says no figure.',
  ],
] as const;

export function columnsSection({ manifest }: CurrentRelease): Markup {
  return html`<section id="columns" aria-labelledby="columns-title">
<h2 id="columns-title">Columns and warnings</h2>
<div class="warnings">
<h3>Before you add anything up</h3>
<ul>${WARNINGS.map(([rule, reason]) => html`<li><strong>${rule}</strong> ${reason}</li>`)}</ul>
</div>
${checks(manifest)}
<h3>Columns</h3>
<p>Schema ${manifest.schema_version}; the same as <a href="releases/${manifest.release}/schema.json">schema.json</a>. Every table’s rows are sorted by its key.</p>
${manifest.tables.map((table) => tableColumns(manifest, table))}
</section>`;
}

function checks({ release, quality }: CurrentRelease['manifest']): Markup {
  const { failed, passed } = quality;
  const link = html`<a href="releases/${release}/quality.json">quality.json</a>`;
  if (failed.length === 0) return html`<p>All ${passed} checks of this release passed: ${link}.</p>`;
  return html`<h3>What the checks of this release found</h3>
<p>${passed} checks found nothing; these found something. The figures are published as sent, and ${link} names every case.</p>
<ul>${failed.map((check) => html`<li>${isolateName(check)}</li>`)}</ul>`;
}

function tableColumns(
  { api_version }: CurrentRelease['manifest'],
  { name: table, columns }: CurrentRelease['manifest']['tables'][number],
): Markup {
  const schema = tablesOf(api_version)[table as TableName];
  const texts = new Map(schema?.columns.map((column) => [column.name, column.description]));
  const id = `columns-${table}`;
  return html`<details><summary><code>${table}</code> <span class="hint">${schema?.description ?? ''}</span></summary>
<div class="scroll" role="region" aria-labelledby="${id}" tabindex="0">
<table>
<caption id="${id}">Columns of ${table}</caption>
<thead><tr><th scope="col">Column</th><th scope="col">Type</th><th scope="col">May be null</th><th scope="col">What it says</th></tr></thead>
<tbody>${columns.map(
    (column) =>
      html`<tr><th scope="row"><code>${column.name}</code></th><td>${column.type}</td><td>${column.nullable ? 'yes' : 'no'}</td><td class="name">${texts.get(column.name) ?? ''}</td></tr>`,
  )}</tbody>
</table>
</div>
</details>`;
}
