// The parts of a worksheet around its rows, in the order that ECMA-376 Part 1, 18.3.1.99 demands.
import { escapeXml } from './cell-text.ts';

export const XML_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
export const MAIN_NAMESPACE = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

/** `A`, `Z`, `AA`: the letters of a column, counted from 0. */
export const columnLetters = (at: number): string =>
  (at >= 26 ? columnLetters(Math.floor(at / 26) - 1) : '') + String.fromCharCode(65 + (at % 26));

/** What a sheet looks like around its rows. */
export interface SheetFrame {
  /** In characters, one a column. */
  readonly widths: readonly number[];
  /** Rows with the header. */
  readonly rows: number;
  /** Whether the first row is a header: it stays in sight, filters, and is printed on every page. */
  readonly header: boolean;
  /** Whether the workbook opens with this sheet. */
  readonly selected: boolean;
  /** Printed at the foot of every page. */
  readonly footer: string;
  /** Ranges of cells that are one, `B3:E3`. */
  readonly merged?: readonly string[];
}

/** `A1:Q50`: all cells of a sheet. */
export const rangeOf = ({ widths, rows }: Pick<SheetFrame, 'widths' | 'rows'>): string =>
  `A1:${columnLetters(widths.length - 1)}${Math.max(rows, 1)}`;

const FROZEN =
  '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft" activeCell="A2" sqref="A2"/>';

/** All before the rows. */
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

/** All after the rows. A P-code of digits is text on purpose, which Excel would mark as a mistake. */
export function sheetEndXml(frame: SheetFrame): string {
  const range = rangeOf(frame);
  // In a footer `&` begins a code, `&&` is the sign itself.
  const credit = escapeXml(frame.footer.replaceAll('&', '&&'));
  return [
    `</sheetData>${frame.header ? `<autoFilter ref="${range}"/>` : ''}${mergedCells(frame.merged ?? [])}`,
    '<pageMargins left="0.5" right="0.5" top="0.5" bottom="0.75" header="0.3" footer="0.3"/>',
    '<pageSetup orientation="landscape" fitToHeight="0"/>',
    `<headerFooter><oddFooter>&amp;L${credit}&amp;R&amp;P / &amp;N</oddFooter></headerFooter>`,
    `<ignoredErrors><ignoredError sqref="${range}" numberStoredAsText="1"/></ignoredErrors></worksheet>`,
  ].join('');
}
