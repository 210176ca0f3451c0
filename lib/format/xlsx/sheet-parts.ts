// Writes the XML of a worksheet before and after its rows, in the order that ECMA-376 Part 1, 18.3.1.99 requires.
import { escapeXml } from './cell-text.ts';

export const XML_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
export const MAIN_NAMESPACE = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

/** The letters of column `at`, counted from 0: `A`, `Z`, `AA`. */
export const columnLetters = (at: number): string =>
  (at >= 26 ? columnLetters(Math.floor(at / 26) - 1) : '') + String.fromCharCode(65 + (at % 26));

/** The look of a sheet, without its rows. */
export interface SheetFrame {
  /** Widths of the columns, in characters. */
  readonly widths: readonly number[];
  /** Number of rows, with the header. */
  readonly rows: number;
  /** True if the first row is a header: it stays visible, has filters, and is printed on every page. */
  readonly header: boolean;
  /** True if the workbook opens with this sheet. */
  readonly selected: boolean;
  /** Text at the foot of every printed page. */
  readonly footer: string;
  /** Ranges of merged cells, such as `B3:E3`. */
  readonly merged?: readonly string[];
}

/** The range of all cells of a sheet, such as `A1:Q50`. */
export const rangeOf = ({ widths, rows }: Pick<SheetFrame, 'widths' | 'rows'>): string =>
  `A1:${columnLetters(widths.length - 1)}${Math.max(rows, 1)}`;

const FROZEN =
  '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft" activeCell="A2" sqref="A2"/>';

/** The XML before the rows. */
export function sheetStartXml(frame: SheetFrame): string {
  const selected = frame.selected ? ' tabSelected="1"' : '';
  const columns = frame.widths.map(
    (width, at) => `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`,
  );
  return [
    XML_HEAD,
    `<worksheet xmlns="${MAIN_NAMESPACE}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>`,
    `<dimension ref="${rangeOf(frame)}"/>`,
    `<sheetViews><sheetView${selected} workbookViewId="0">${frame.header ? FROZEN : ''}</sheetView></sheetViews>`,
    `<sheetFormatPr defaultRowHeight="15"/><cols>${columns.join('')}</cols><sheetData>`,
  ].join('');
}

const mergedCells = (ranges: readonly string[]): string =>
  ranges.length === 0
    ? ''
    : `<mergeCells count="${ranges.length}">${ranges.map((range) => `<mergeCell ref="${range}"/>`).join('')}</mergeCells>`;

/**
 * The XML after the rows. It turns off Excel's warning for numbers stored as text, because P-codes of digits are text.
 */
export function sheetEndXml(frame: SheetFrame): string {
  const range = rangeOf(frame);
  // In a footer `&` begins a code, so `&&` stands for the character.
  const credit = escapeXml(frame.footer.replaceAll('&', '&&'));
  return [
    `</sheetData>${frame.header ? `<autoFilter ref="${range}"/>` : ''}${mergedCells(frame.merged ?? [])}`,
    '<pageMargins left="0.5" right="0.5" top="0.5" bottom="0.75" header="0.3" footer="0.3"/>',
    '<pageSetup orientation="landscape" fitToHeight="0"/>',
    `<headerFooter><oddFooter>&amp;L${credit}&amp;R&amp;P / &amp;N</oddFooter></headerFooter>`,
    `<ignoredErrors><ignoredError sqref="${range}" numberStoredAsText="1"/></ignoredErrors></worksheet>`,
  ].join('');
}
