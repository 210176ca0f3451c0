// Converts columns to a worksheet with a header. A null has no cell; an empty text has a cell with an empty text.
import { type Column, type Columns, columnOf, NULL_CODE, type NumberColumn } from '../../table/columns.ts';
import type { ColumnSchema } from '../../table/definitions.ts';
import { dayText } from '../../table/ingest.ts';
import { type ByteSink, createByteSink, type EncodedTexts, encodeTexts } from '../text-bytes.ts';
import { looksLikeFormula } from './cell-text.ts';
import type { SharedStrings } from './shared-strings.ts';
import { columnLetters, type SheetFrame, sheetEndXml, sheetStartXml } from './sheet-parts.ts';
import { STYLE } from './sheet-styles.ts';

export interface TableSheet {
  readonly name: string;
  readonly schema: readonly ColumnSchema[];
  readonly columns: Columns;
}

/** Excel's limit of rows, without the header. */
export const MAX_SHEET_ROWS = 1_048_576 - 1;

/** Excel's number of 1970-01-01. Excel counts a 29 February 1900, which never existed. */
const DAYS_TO_1970 = 25_569;

/** 1900-03-01 in days since 1970-01-01: the first day with the same number in all spreadsheets. */
export const FIRST_EXCEL_DAY = 61 - DAYS_TO_1970;

/** Column widths in characters; a filter's button covers a part of its header. */
const [NARROWEST, WIDEST, BUTTON] = [8, 42, 4];

/** Characters of `2025-06-30` or of a large figure. */
const LONGEST_NUMBER = 10;

/** XML attributes of a cell after `r="B2"`. */
const CELL_ATTRIBUTES = {
  text: ' t="s"',
  header: ` s="${STYLE.header}" t="s"`,
  quoted: ` s="${STYLE.quoted}" t="s"`,
  date: ` s="${STYLE.date}"`,
  boolean: ` s="${STYLE.boolean}" t="b"`,
  number: ` s="${STYLE.number}"`,
  figure: ` s="${STYLE.figure}"`,
};

/** The encoded XML of a cell after its row number. Cells of equal value share it. */
const cellEnd = (as: string, value: number): EncodedTexts => encodeTexts([`"${as}><v>${value}</v></c>`]);

const [ROW, ROW_OPENED, ROW_CLOSED, NUMBER, FIGURE, CELL_CLOSED] = [0, 1, 2, 3, 4, 5];
const TAGS = encodeTexts([
  ...['<row r="', '">', '</row>'],
  ...[`"${CELL_ATTRIBUTES.number}><v>`, `"${CELL_ATTRIBUTES.figure}><v>`, '</v></c>'],
]);

/** Writes the cells of one column. */
interface ColumnWriter {
  /** Writes the value of table row `at`; `row` is the encoded row number in the sheet. */
  readonly write: (at: number, row: EncodedTexts) => void;
  /** Characters of the longest value so far. */
  readonly longest: () => number;
}

/**
 * The worksheet's XML. Its texts are added to `texts`.
 * @throws {RangeError} if there are more rows than a sheet can hold
 */
export function tableSheetXml(
  { name, schema, columns }: TableSheet,
  texts: SharedStrings,
  frame: Pick<SheetFrame, 'selected' | 'footer'>,
): Uint8Array {
  if (columns.length > MAX_SHEET_ROWS)
    throw new RangeError(`sheet ${name}: ${columns.length} rows, a sheet holds ${MAX_SHEET_ROWS}`);
  const sink = createByteSink();
  const headers = schema.map(({ name }) => cellEnd(CELL_ATTRIBUTES.header, texts.indexOf(name)));
  const cellStarts = schema.map((_, at) => encodeTexts([`<c r="${columnLetters(at)}`]));
  const writers = schema.map(({ name, unit }, at) => {
    const cell = cellSink(sink, cellStarts[at] as EncodedTexts, unit === undefined ? NUMBER : FIGURE);
    return writerOf(columnOf(columns, name), texts, cell);
  });
  writeRow(sink, 1, (number) => {
    for (const [at, end] of headers.entries())
      cellSink(sink, cellStarts[at] as EncodedTexts, NUMBER).end(number, end);
  });
  for (let at = 0; at < columns.length; at++)
    writeRow(sink, at + 2, (number) => {
      for (const { write } of writers) write(at, number);
    });
  const widths = schema.map(({ name }, at) => widthOf(name, writers[at] as ColumnWriter));
  const fullFrame = { ...frame, widths, rows: columns.length + 1, header: true };
  return Buffer.concat([
    Buffer.from(sheetStartXml(fullFrame)),
    sink.take(),
    Buffer.from(sheetEndXml(fullFrame)),
  ]);
}

function writeRow(sink: ByteSink, at: number, cells: (number: EncodedTexts) => void): void {
  const number = encodeTexts([String(at)]);
  sink.copy(TAGS, ROW);
  sink.copy(number, 0);
  sink.copy(TAGS, ROW_OPENED);
  cells(number);
  sink.copy(TAGS, ROW_CLOSED);
}

const widthOf = (name: string, { longest }: ColumnWriter): number =>
  Math.min(Math.max(name.length + BUTTON, longest() + 1, NARROWEST), WIDEST);

/** Writes cells of one column. `tag` is the index in `TAGS` that starts a number. */
function cellSink(sink: ByteSink, cellStart: EncodedTexts, tag: number) {
  const end = (row: EncodedTexts, rest: EncodedTexts): void => {
    sink.copy(cellStart, 0);
    sink.copy(row, 0);
    sink.copy(rest, 0);
  };
  const number = (row: EncodedTexts, value: number): void => {
    sink.copy(cellStart, 0);
    sink.copy(row, 0);
    sink.copy(TAGS, tag);
    sink.integer(value);
    sink.copy(TAGS, CELL_CLOSED);
  };
  return { end, number };
}
type CellSink = ReturnType<typeof cellSink>;

function writerOf(column: Column, texts: SharedStrings, cell: CellSink): ColumnWriter {
  if (column.type !== 'string') return numberWriter(column, texts, cell);
  const { codes, values } = column;
  // The dictionary may belong to a larger table, so only texts of these rows get an index.
  const ends: EncodedTexts[] = [];
  let longest = 0;
  const endOf = (code: number): EncodedTexts => {
    const text = values[code] as string;
    longest = Math.max(longest, text.length);
    ends[code] = textEnd(text, texts);
    return ends[code];
  };
  const write = (at: number, row: EncodedTexts): void => {
    const code = codes[at] as number;
    if (code !== NULL_CODE) cell.end(row, ends[code] ?? endOf(code));
  };
  return { write, longest: () => longest };
}

const textEnd = (text: string, texts: SharedStrings): EncodedTexts =>
  cellEnd(looksLikeFormula(text) ? CELL_ATTRIBUTES.quoted : CELL_ATTRIBUTES.text, texts.indexOf(text));

function numberWriter(
  { type, values, valid }: NumberColumn,
  texts: SharedStrings,
  cell: CellSink,
): ColumnWriter {
  const ends = new Map<number, EncodedTexts>();
  const endOf = (value: number): EncodedTexts => {
    const end = type === 'date' ? dateEnd(value, texts) : cellEnd(CELL_ATTRIBUTES.boolean, value);
    ends.set(value, end);
    return end;
  };
  const put =
    type === 'date' || type === 'boolean'
      ? (row: EncodedTexts, value: number) => cell.end(row, ends.get(value) ?? endOf(value))
      : cell.number;
  const write = (at: number, row: EncodedTexts): void => {
    if (valid === null || valid[at] === 1) put(row, values[at] as number);
  };
  return { write, longest: () => LONGEST_NUMBER };
}

const dateEnd = (day: number, texts: SharedStrings): EncodedTexts =>
  day < FIRST_EXCEL_DAY ? textEnd(dayText(day), texts) : cellEnd(CELL_ATTRIBUTES.date, day + DAYS_TO_1970);
