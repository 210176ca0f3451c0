// Writes the XML of rows block by block, into the same buffer. So a sheet needs memory for one block, however long it is.
import { NULL_CODE } from '../../table/columns.ts';
import { copyText, encodeTexts, writeInteger } from '../text-bytes.ts';
import type { CellColumn } from './cell-column.ts';
import { columnLetters } from './sheet-parts.ts';

/** Rows of a block: about 0.5 MB of XML. */
export const BLOCK_ROWS = 1000;

/** The header is row 1. */
const FIRST_ROW = 2;

/** Digits of the last row of a sheet. */
const MAX_ROW_DIGITS = 7;

const TAGS = encodeTexts(['<row r="', '">', '</row>']);
const [ROW, ROW_OPENED, ROW_CLOSED] = [0, 1, 2];

/**
 * Yields the rows below the header, in blocks. The caller must use a block before it asks for the next one, which
 * overwrites it.
 */
export function* rowBlocks(columns: readonly CellColumn[], rows: number): Generator<Uint8Array> {
  const starts = encodeTexts(columns.map((_, at) => `<c r="${columnLetters(at)}`));
  const longestCells = columns.reduce((sum, { longestEnd }) => sum + longestEnd + MAX_ROW_DIGITS, 0);
  const longestRow = TAGS.bytes.length + MAX_ROW_DIGITS + starts.bytes.length + longestCells;
  const buffer = new Uint8Array(longestRow * Math.min(rows, BLOCK_ROWS));

  const writeRow = (from: number, row: number): number => {
    const numberStart = copyText(buffer, from, TAGS, ROW);
    const numberEnd = writeInteger(buffer, numberStart, row + FIRST_ROW);
    let at = copyText(buffer, numberEnd, TAGS, ROW_OPENED);
    for (let column = 0; column < columns.length; column++) {
      const { distinct, ends, codes, valid } = columns[column] as CellColumn;
      const value = codes[row] as number;
      if (distinct ? value === NULL_CODE : valid !== null && valid[row] === 0) continue;
      at = copyText(buffer, at, starts, column);
      for (let digit = numberStart; digit < numberEnd; digit++) buffer[at++] = buffer[digit] as number;
      at = distinct
        ? copyText(buffer, at, ends, value)
        : copyText(buffer, writeInteger(buffer, copyText(buffer, at, ends, 0), value), ends, 1);
    }
    return copyText(buffer, at, TAGS, ROW_CLOSED);
  };

  for (let start = 0; start < rows; start += BLOCK_ROWS) {
    let at = 0;
    for (let row = start; row < Math.min(start + BLOCK_ROWS, rows); row++) at = writeRow(at, row);
    yield buffer.subarray(0, at);
  }
}
