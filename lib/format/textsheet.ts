// Lines of text to a worksheet, for people to read.
import { looksLikeFormula } from './celltext.ts';
import type { SharedTexts } from './sharedtexts.ts';
import { columnLetters, type SheetFrame, sheetFoot, sheetHead } from './sheetparts.ts';
import { STYLE } from './sheetstyles.ts';

/** One line: its cells from the left, nothing below `''`. */
export interface Line {
  readonly style: 'title' | 'banner' | 'heading' | 'header' | 'plain';
  readonly cells: readonly string[];
}

export interface TextSheet {
  readonly name: string;
  /** In characters, one a column; texts in the last column are wrapped. */
  readonly widths: readonly number[];
  readonly lines: readonly Line[];
}

/** The worksheet's XML; its texts are numbered in `texts`. */
export function textSheetXml(
  { widths, lines }: TextSheet,
  texts: SharedTexts,
  frame: Pick<SheetFrame, 'selected' | 'footer'>,
): Uint8Array {
  const whole = { ...frame, widths, rows: lines.length, header: false };
  const rows = lines.map((line, at) => rowXml(line, at + 1, { columns: widths.length, texts }));
  return Buffer.from(`${sheetHead(whole)}${rows.join('')}${sheetFoot(whole)}`);
}

/** A banner and a header are coloured from edge to edge. */
function rowXml(
  { style, cells }: Line,
  row: number,
  { columns, texts }: { columns: number; texts: SharedTexts },
): string {
  const width = style === 'banner' || style === 'header' ? columns : cells.length;
  const inside = Array.from({ length: width }, (_, at) => {
    const text = cells[at] ?? '';
    const opened = `<c r="${columnLetters(at)}${row}" s="${styleOf(style, text, at === columns - 1)}"`;
    return text === '' ? `${opened}/>` : `${opened} t="s"><v>${texts.numberOf(text)}</v></c>`;
  });
  return `<row r="${row}">${inside.join('')}</row>`;
}

function styleOf(style: Line['style'], text: string, isLast: boolean): number {
  if (style !== 'plain') return STYLE[style];
  if (looksLikeFormula(text)) return STYLE.quoted;
  return isLast ? STYLE.wrapped : STYLE.plain;
}
