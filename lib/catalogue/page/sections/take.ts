// The section "Take it": a link, the size and the SHA-256 of every data file. Whole tables come first.
import type { ManifestFile } from '../../../release/manifest.ts';
import { html, type Markup } from '../html.ts';
import type { CurrentRelease, PageInput } from '../input.ts';
import { countriesWithFiles, fileHref, releaseHref } from '../release-facts.ts';
import { snippetsSection } from '../snippets.ts';
import { formatBytes, formatNumber, isolateName } from '../words.ts';
import { citationSection } from './cite.ts';

const FORMATS: Readonly<Record<string, string>> = { parquet: 'Parquet', csv: 'CSV', xlsx: 'Excel' };

/** The data files, how to check them and how to load them. */
export function downloadSection(input: PageInput, current: CurrentRelease): Markup {
  const { release } = current.manifest;
  const folder = releaseHref(release);
  return html`<section id="take" aria-labelledby="take-title">
<h2 id="take-title">Take it</h2>
<p>These files never change: a new release gets addresses of its own. ${workbooks(current)}Parquet files are for DuckDB, pandas, R, Athena and the like; CSV files are gzipped. Names stand in CSV as they were sent, also those that a spreadsheet would take for a formula, since they begin with = + - or @: import such columns as text, or take the workbook, in which they are text.</p>
${wholeTables(current)}
${byCountry(current)}
<p>To check what you took: <a href="${folder}SHA256SUMS">SHA256SUMS</a> (<code>sha256sum -c SHA256SUMS</code>). For programs: <a href="${folder}manifest.json">manifest.json</a>, <a href="${folder}datapackage.json">datapackage.json</a>, <a href="${folder}croissant.json">croissant.json</a>, <a href="${folder}sql/duckdb.sql">duckdb.sql</a>, <a href="${folder}sql/athena.sql">athena.sql</a>. Terms: <a href="${folder}LICENSE.txt">LICENSE.txt</a>.</p>
${snippetsSection(input, current)}
${citationSection(current)}
</section>`;
}

/** A sentence about the workbooks that exist: of countries, of a whole table, or both. Empty without workbooks. */
function workbooks({ manifest }: CurrentRelease): string {
  const books = manifest.files.filter(({ format }) => format === 'xlsx');
  const kinds = [
    ...(books.some(({ country }) => country !== null) ? ['a workbook of each country'] : []),
    ...(books.some(({ country, table }) => country === null && table !== null)
      ? ['one with the totals of all countries']
      : []),
  ];
  return kinds.length === 0 ? '' : `For Excel there is ${kinds.join(', and ')}. `;
}

/** A download link with format and size, also as data attributes for the page's scripts. */
function link({ manifest }: CurrentRelease, file: ManifestFile): Markup {
  const tooltip = `${FORMATS[file.format] ?? file.format}, ${formatBytes(file.bytes)}, ${file.path.split('/').at(-1)}`;
  return html`<a href="${fileHref(manifest, file)}" download data-bytes="${file.bytes}" data-format="${file.format}" title="${tooltip}">${FORMATS[file.format] ?? file.format} <span class="size">${formatBytes(file.bytes)}</span></a>`;
}

const checksumList = (files: readonly ManifestFile[]): Markup =>
  html`<details class="sums"><summary>SHA-256</summary><ul>${files.map(
    ({ path, sha256 }) => html`<li>${path.split('/').at(-1) ?? ''}<br><code>${sha256}</code></li>`,
  )}</ul></details>`;

function wholeTables(current: CurrentRelease): Markup {
  const { tables, files } = current.manifest;
  const rows = tables.map((table) => {
    const tableFiles = files.filter((file) => file.table === table.name && file.country === null);
    return html`<tr><th scope="row"><code>${table.name}</code></th><td class="n">${formatNumber(table.rows)}</td><td class="links">${tableFiles.map((file) => html`${link(current, file)} `)}</td><td>${checksumList(tableFiles)}</td></tr>
`;
  });
  return html`<div class="scroll" role="region" aria-labelledby="whole-caption" tabindex="0">
<table id="whole-tables">
<caption id="whole-caption">Whole tables</caption>
<thead><tr><th scope="col">Table</th><th scope="col" class="n">Rows</th><th scope="col">Download</th><th scope="col">Checksums</th></tr></thead>
<tbody>${rows}</tbody>
</table>
</div>`;
}

function byCountry(current: CurrentRelease): Markup | null {
  const countries = countriesWithFiles(current);
  if (countries.length === 0) return null;
  const { files } = current.manifest;
  const filesByCountry = Map.groupBy(files, ({ country }) => country);
  const columns = columnsOf(files);
  return html`<details id="by-country">
<summary>One country at a time <span class="hint">${formatNumber(countries.length)} countries</span></summary>
<div class="scroll tall" role="region" aria-labelledby="country-caption" tabindex="0">
<table id="country-files">
<caption id="country-caption">Files by country and table</caption>
<thead><tr><th scope="col">Country</th>${columns.map(({ title }) => html`<th scope="col">${title}</th>`)}<th scope="col">Checksums</th></tr></thead>
<tbody>${countries.map(({ code, name: country }) => countryRow(current, columns, { code, country, files: filesByCountry.get(code) ?? [] }))}</tbody>
</table>
</div>
</details>`;
}

/** One column for each table. The first column is for files of no table, such as a country's workbook. */
function columnsOf(files: readonly ManifestFile[]): { title: Markup; table: string | null }[] {
  const tables = new Set(files.filter(({ country }) => country !== null).map(({ table }) => table));
  return [...tables]
    .sort((a, b) => (a ?? '').localeCompare(b ?? ''))
    .map((table) => ({ table, title: table === null ? html`All levels` : html`<code>${table}</code>` }));
}

function countryRow(
  current: CurrentRelease,
  columns: ReturnType<typeof columnsOf>,
  { code, country, files }: { code: string; country: string; files: readonly ManifestFile[] },
): Markup {
  const cell = (table: string | null): Markup => {
    const cellFiles = files.filter((file) => file.table === table);
    return html`<td class="links">${cellFiles.length === 0 ? html`<span class="none">no rows</span>` : cellFiles.map((file) => html`${link(current, file)} `)}</td>`;
  };
  return html`<tr data-files="${code}"><th scope="row">${isolateName(country)} <span class="code">${code}</span></th>${columns.map(({ table }) => cell(table))}<td>${checksumList(files)}</td></tr>
`;
}
