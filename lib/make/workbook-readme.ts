// Builds a workbook's first sheet: what the dataset is, its traps, and the meaning of each sheet and column. It uses the
// same texts as schema.json and the metadata.
import { isTooLong, MAX_CELL_CHARACTERS } from '../format/xlsx/cell-text.ts';
import type { TextLine, TextSheet } from '../format/xlsx/text-sheet.ts';
import { creditOf, type Identity, type Terms } from '../release/terms.ts';
import { type Columns, columnOf } from '../table/columns.ts';
import type { ColumnSchema, ColumnType } from '../table/definitions.ts';
import { LEVEL_TABLES, SCHEMA_VERSION, type TableSchema } from '../table/schema.ts';
import { titleOf as datasetTitle, sourceOf, usageWarnings } from './metadata/describe.ts';

/** Identity and licence of the dataset, which every workbook states. */
export interface WorkbookInfo {
  readonly identity: Identity;
  readonly terms: Pick<Terms, 'licence'>;
}

/** A table to show in a workbook: its rows of one country, or of all countries. */
export interface SheetTable {
  readonly schema: TableSchema;
  readonly columns: Columns;
}

/** The country of a workbook. */
export interface WorkbookCountry {
  /** ISO 3166-1 alpha-3. */
  readonly country: string;
  readonly name: string;
}

export const READ_ME = 'Read me';

/** Width of each column, in characters. */
const WIDTHS = [26, 36, 30, 26, 108];

export const workbookTitle = ({ identity }: WorkbookInfo, country: WorkbookCountry | null): string =>
  `${country === null ? 'All countries' : countryText(country)}: ${datasetTitle(identity)}`;

const countryText = ({ country, name }: WorkbookCountry): string => `${name} (${country})`;

/** The first sheet of a country's workbook, or of the workbook of all countries if `country` is null. */
export const readMeSheet = (
  tables: readonly SheetTable[],
  info: WorkbookInfo,
  country: WorkbookCountry | null,
): TextSheet => ({
  name: READ_ME,
  widths: WIDTHS,
  lines: [
    line('title', workbookTitle(info, country)),
    ...banner(info.identity),
    line('plain'),
    ...aboutLines(info, country),
    ...section('Before you add anything up', usageWarnings(info.identity)),
    line('plain'),
    ...sheetLines(tables, country),
    line('plain'),
    ...columnLines(tables),
    ...section('How cells are written', [...CELLS, ...truncationNotes(tables)]),
  ],
});

const line = (style: TextLine['style'], ...cells: string[]): TextLine => ({ style, cells });

const section = (heading: string, sentences: readonly string[]): TextLine[] => [
  line('plain'),
  line('heading', heading),
  ...sentences.map((sentence) => line('plain', sentence)),
];

const banner = ({ synthetic }: Identity): TextLine[] =>
  synthetic
    ? [line('banner', 'INVENTED FIGURES of a simulator, for trying things out: nothing here was counted.')]
    : [];

/** An unchanged workbook is the same file in every release, so it cannot hold the times and gaps of one release. */
const FROM_A_RELEASE =
  'When the API was asked, and what is missing, stands in manifest.json of the release that this file is from.';

function aboutLines({ identity, terms }: WorkbookInfo, country: WorkbookCountry | null): TextLine[] {
  const credit = creditOf(identity.synthetic);
  return [
    country === null
      ? line('plain', 'Countries', 'All that have figures; xlsx/ has a workbook of each, with every row.')
      : line('plain', 'Country', countryText(country)),
    line('plain', 'What it is', sourceOf(identity)),
    line('plain', 'Dataset', `${identity.dataset}, schema ${SCHEMA_VERSION}`),
    line('plain', 'Credit', credit),
    line('plain', 'Licence', terms.licence),
    line('plain', 'Dates and gaps', FROM_A_RELEASE),
  ];
}

/** The rows of all countries are too many for a sheet. */
const ELSEWHERE = 'No sheet here: each country has its own workbook; whole tables are in tables/ and csv/.';

const NO_ROWS =
  'No rows and no sheet: the API has none, gave no answer, or was not asked. manifest.json says which.';

function sheetLines(tables: readonly SheetTable[], country: WorkbookCountry | null): TextLine[] {
  const names = tables.map(({ schema }) => schema.name);
  return [
    line('heading', 'The sheets'),
    line('header', 'sheet', 'rows', 'what it holds'),
    ...tables.map(({ schema, columns }) =>
      line('plain', schema.name, columns.length.toLocaleString('en'), schema.description),
    ),
    ...LEVEL_TABLES.filter((table) => !names.includes(table)).map((table) =>
      country === null ? line('plain', table, '', ELSEWHERE) : line('plain', table, '0', NO_ROWS),
    ),
  ];
}

const TYPES: Record<ColumnType, string> = {
  string: 'text',
  int32: 'whole number',
  int64: 'whole number',
  date: 'date',
  boolean: 'TRUE or FALSE',
};

/** Each column once, with the sheets in which it has the same meaning. */
function columnLines(tables: readonly SheetTable[]): TextLine[] {
  const byMeaning = new Map<string, { column: ColumnSchema; sheets: string[] }>();
  for (const { schema } of tables) {
    for (const column of schema.columns) {
      const meaning = `${column.name}: ${column.description}`;
      const { sheets } = byMeaning.get(meaning) ?? { sheets: [] };
      byMeaning.set(meaning, { column, sheets: [...sheets, schema.name] });
    }
  }
  return [
    line('heading', 'The columns'),
    line('header', 'column', 'in sheets', 'holds', 'HXL hashtag', 'what it means'),
    ...[...byMeaning.values()].map(({ column, sheets }) => {
      const holds = `${TYPES[column.type]}${column.nullable ? ', may be empty' : ''}`;
      return line('plain', column.name, sheets.join(', '), holds, column.hxl ?? '', column.description);
    }),
  ];
}

const CELLS = [
  'An empty cell is what is called null above: there is no value, which is not 0.',
  'A text without a character is a cell with a text: ISBLANK says FALSE of it, though a filter shows both as blanks.',
  'Codes are text and keep their zeros; a text that begins with = + - or @ is no formula.',
  'Dates are days without a time. One before 1 March 1900, which spreadsheets count differently or not at all, is text.',
];

/** A warning if texts were truncated because they are longer than a cell allows. Each truncated text says so, too. */
function truncationNotes(tables: readonly SheetTable[]): string[] {
  const cut = tables.reduce((sum, table) => sum + countTooLong(table), 0);
  return cut === 0
    ? []
    : [
        `ATTENTION: ${cut} texts are longer than the ${MAX_CELL_CHARACTERS} characters that a cell holds. Each ends in [cut here: ...]; they stand whole in the CSV and Parquet files.`,
      ];
}

function countTooLong({ schema, columns }: SheetTable): number {
  const counts = schema.columns.map(({ name }) => {
    const column = columnOf(columns, name);
    if (column.type !== 'string') return 0;
    const long = new Set(column.values.flatMap((value, code) => (isTooLong(value) ? [code] : [])));
    return long.size === 0 ? 0 : column.codes.filter((code) => long.has(code)).length;
  });
  return counts.reduce((sum, count) => sum + count, 0);
}
