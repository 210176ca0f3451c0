// Ready-made code that loads a release. If a public address is configured, the snippets contain it. Else they contain a
// placeholder, and the browser replaces it with the address of the page.
import { html, type Markup } from './html.ts';
import type { CurrentRelease, PageInput } from './input.ts';

/** Placeholder for the dataset's address, which ends in a slash. */
export const ADDRESS_PLACEHOLDER = 'https://YOUR-ADDRESS/';

export interface Snippet {
  readonly name: string;
  readonly note: string;
  readonly code: string;
}

/** Creates the snippets of a release; `base` is the dataset's address. */
export function createSnippets(
  { manifest, athenaDatabase }: Pick<CurrentRelease, 'manifest' | 'athenaDatabase'>,
  base: string,
): Snippet[] {
  const releaseUrl = `${base}releases/${manifest.release}/`;
  return [
    {
      name: 'DuckDB',
      note: 'The newest national total of every operation. Rows of one country count the same people: never add them up.',
      code: `SELECT admin0_name, operation, assessment_type, reporting_date, idps
FROM '${releaseUrl}tables/snapshots/snapshots.parquet'
WHERE level = 0 AND is_latest
ORDER BY admin0_name, reporting_date DESC;`,
    },
    {
      name: 'Python (pandas)',
      note: 'Needs pandas and pyarrow.',
      code: `import pandas as pd

release = "${releaseUrl}"
snapshots = pd.read_parquet(release + "tables/snapshots/snapshots.parquet")
newest = snapshots[(snapshots["level"] == 0) & snapshots["is_latest"]]
print(newest[["admin0_name", "operation", "assessment_type", "reporting_date", "idps"]])`,
    },
    {
      name: 'R',
      note: 'Base R, no package. NA is both an empty text and no value; blanks at the edges of names stay. R takes codes of digits alone for numbers, quoted or not: of admin1 and admin2 name such columns in colClasses, as admin1_pcode = "character".',
      code: `release <- "${releaseUrl}"
snapshots <- read.csv(
  gzcon(url(paste0(release, "csv/snapshots.csv.gz")), text = TRUE),
  na.strings = "", encoding = "UTF-8",
  colClasses = c(reporting_date = "Date", is_latest = "logical", levels_agree = "logical")
)
newest <- subset(snapshots, level == 0 & is_latest)
newest[c("admin0_name", "operation", "assessment_type", "reporting_date", "idps")]`,
    },
    {
      name: 'Excel (Power Query)',
      note: 'Data, Get Data, Blank Query, Advanced Editor. Refresh reads this release again; change the address for another.',
      code: `let
  Source = Binary.Decompress(Web.Contents("${releaseUrl}csv/snapshots.csv.gz"), Compression.GZip),
  Table = Csv.Document(Source, [Delimiter = ",", Encoding = 65001, QuoteStyle = QuoteStyle.Csv]),
  Named = Table.PromoteHeaders(Table, [PromoteAllScalars = true]),
  Typed = Table.TransformColumnTypes(Named, {{"reporting_date", type date}, {"idps", Int64.Type}}, "en-US")
in
  Typed`,
    },
    {
      name: 'Athena',
      note: 'Run the statements of athena.sql once; they make the database and its views.',
      code: `SELECT admin0_name, operation, assessment_type, reporting_date, idps
FROM ${athenaDatabase}.latest_snapshots
ORDER BY admin0_name, reporting_date DESC;`,
    },
    {
      name: 'dtm-exporter',
      note: 'Takes a part of the release, checks every file, and goes on where it stopped.',
      code: `npx dtm-exporter download ${base} --to ./dtm --tables snapshots,admin1 --formats csv`,
    },
  ];
}

/** The snippets as markup of the page. */
export function snippetsSection({ publicUrl }: PageInput, current: CurrentRelease): Markup {
  const base = publicUrl ?? ADDRESS_PLACEHOLDER;
  return html`<h3 id="snippets-title">Load it</h3>
<div class="snippets" data-base="${base}">${createSnippets(current, base).map(
    (
      { name, note, code },
      at,
    ) => html`<details name="snippet"${at === 0 ? html` open` : null}><summary>${name}</summary><p>${note}</p><div class="code-block"><pre tabindex="0" aria-label="${name}"><code>${code}</code></pre></div></details>
`,
  )}</div>`;
}
