// Converts columns to a worksheet with a header. A null has no cell; an empty text has a cell with an empty text.
import type { Columns } from '../../table/columns.ts';
import type { ColumnSchema } from '../../table/definitions.ts';
import { type CellColumn, headerEnd, prepareCells } from './cell-column.ts';
import { rowBlocks } from './row-blocks.ts';
import type { SharedStrings } from './shared-strings.ts';
import { columnLetters, type SheetFrame, sheetEndXml, sheetStartXml } from './sheet-parts.ts';

export interface TableSheet {
  readonly name: string;
  readonly schema: readonly ColumnSchema[];
  readonly columns: Columns;
}

/** Excel's limit of rows, without the header. */
export const MAX_SHEET_ROWS = 1_048_576 - 1;

/** Column widths in characters; a filter's button covers a part of its header. */
const [NARROWEST, WIDEST, BUTTON] = [8, 42, 4];

/**
 * The worksheet's XML in blocks, of which each overwrites the one before. All its texts are added to `texts` at once;
 * rows are written when their block is requested.
 * @throws {RangeError} if there are more rows than a sheet can hold
 */
export function tableSheetXml(
  { name, schema, columns }: TableSheet,
  texts: SharedStrings,
  frame: Pick<SheetFrame, 'selected' | 'footer'>,
): Iterable<Uint8Array> {
  if (columns.length > MAX_SHEET_ROWS)
    throw new RangeError(`sheet ${name}: ${columns.length} rows, a sheet holds ${MAX_SHEET_ROWS}`);
  const headers = schema.map(({ name }, at) => `<c r="${columnLetters(at)}1${headerEnd(name, texts)}`);
  const cells = prepareCells(schema, columns, texts);
  const widths = schema.map(({ name }, at) => widthOf(name, cells[at] as CellColumn));
  const fullFrame = { ...frame, widths, rows: columns.length + 1, header: true };
  return sheetBlocks(fullFrame, `<row r="1">${headers.join('')}</row>`, rowBlocks(cells, columns.length));
}

function* sheetBlocks(frame: SheetFrame, header: string, rows: Iterable<Uint8Array>): Generator<Uint8Array> {
  yield Buffer.from(sheetStartXml(frame) + header);
  yield* rows;
  yield Buffer.from(sheetEndXml(frame));
}

const widthOf = (name: string, { longestValue }: CellColumn): number =>
  Math.min(Math.max(name.length + BUTTON, longestValue + 1, NARROWEST), WIDEST);
