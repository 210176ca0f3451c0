// Converts lines of text to a worksheet for people to read. Every row has an explicit height, because spreadsheets do
// not fit the height of a row to a merged cell, and not all of them to a wrapped cell.
import { looksLikeFormula } from './cell-text.ts';
import type { SharedStrings } from './shared-strings.ts';
import { columnLetters, type SheetFrame, sheetEndXml, sheetStartXml } from './sheet-parts.ts';
import { STYLE } from './sheet-styles.ts';

/**
 * One line of cells, from left to right. `''` is an empty cell. The last cell extends to the right edge of the sheet.
 */
export interface TextLine {
  readonly style: 'title' | 'banner' | 'heading' | 'header' | 'plain';
  readonly cells: readonly string[];
}

export interface TextSheet {
  readonly name: string;
  /** Widths of the columns, in characters. Texts of plain lines are wrapped. */
  readonly widths: readonly number[];
  readonly lines: readonly TextLine[];
}

/** Heights in points: of a plain line (11 points) and of highlighted lines. */
const LINE_HEIGHT = 15;
const HEIGHTS = { title: 26, banner: 21, heading: 21, header: 18 };

/** ECMA-376: the greatest height of a row, in points. */
const MAX_ROW_HEIGHT = 409;

/** A title has larger letters: only this part of the usual number of characters fits into a width. */
const TITLE_USED = 0.6;

/** The worksheet's XML. Its texts are added to `texts`. */
export function textSheetXml(
  { widths, lines }: TextSheet,
  texts: SharedStrings,
  frame: Pick<SheetFrame, 'selected' | 'footer'>,
): string {
  const merged = lines.flatMap((line, at) => mergedRange(line, at + 1, widths.length));
  const fullFrame = { ...frame, widths, rows: lines.length, header: false, merged };
  const rows = lines.map((line, at) => rowXml(line, at + 1, { widths, texts }));
  return `${sheetStartXml(fullFrame)}${rows.join('')}${sheetEndXml(fullFrame)}`;
}

/** The range of a line's last cell and the unused cells to its right; empty if there are none. */
function mergedRange({ cells }: TextLine, row: number, columns: number): string[] {
  const last = cells.length - 1;
  return last < 0 || cells.length === columns
    ? []
    : [`${columnLetters(last)}${row}:${columnLetters(columns - 1)}${row}`];
}

/** The XML of a row. A banner and a header are coloured over the full width, so they get all cells. */
function rowXml(
  line: TextLine,
  row: number,
  { widths, texts }: { widths: readonly number[]; texts: SharedStrings },
): string {
  const { style, cells } = line;
  const width = style === 'banner' || style === 'header' ? widths.length : cells.length;
  const inside = Array.from({ length: width }, (_, at) => {
    const text = cells[at] ?? '';
    const opened = `<c r="${columnLetters(at)}${row}" s="${styleOf(style, text)}"`;
    return text === '' ? `${opened}/>` : `${opened} t="s"><v>${texts.indexOf(text)}</v></c>`;
  });
  return `<row r="${row}" ht="${heightOf(line, widths)}" customHeight="1">${inside.join('')}</row>`;
}

function styleOf(style: TextLine['style'], text: string): number {
  if (style !== 'plain') return STYLE[style];
  return looksLikeFormula(text) ? STYLE.quotedText : STYLE.text;
}

function heightOf({ style, cells }: TextLine, widths: readonly number[]): number {
  if (style !== 'plain' && style !== 'title') return HEIGHTS[style];
  const [line, used] = style === 'title' ? [HEIGHTS.title, TITLE_USED] : [LINE_HEIGHT, 1];
  const lines = cells.map((text, at) => {
    const isLast = at === cells.length - 1;
    const room = isLast ? widths.slice(at).reduce((sum, width) => sum + width, 0) : (widths[at] ?? 1);
    return countLines(text, Math.floor(room * used));
  });
  return Math.min(Math.max(...lines, 1) * line, MAX_ROW_HEIGHT);
}

/**
 * The number of lines that a text needs if `room` characters fit into a line. Only words longer than a line are split.
 */
function countLines(text: string, room: number): number {
  return text
    .split(/\r\n?|\n/)
    .map((paragraph) => {
      let [lines, used] = [1, 0];
      for (const word of paragraph.split(' ').map(widthOf)) {
        if (used > 0 && used + 1 + word > room) [lines, used] = [lines + 1, 0];
        used += (used > 0 ? 1 : 0) + word;
        if (used > room) [lines, used] = [lines + Math.ceil(used / room) - 1, used % room];
      }
      return lines;
    })
    .reduce((sum, lines) => sum + lines, 0);
}

/** The width of a word in usual characters. An East Asian character counts as 2, a capital as 1.5. */
const widthOf = (word: string): number =>
  [...word].reduce((sum, char) => sum + (char >= '\u2e80' ? 2 : CAPITAL.test(char) ? CAPITAL_WIDTH : 1), 0);

const CAPITAL = /\p{Lu}/u;
const CAPITAL_WIDTH = 1.5;
