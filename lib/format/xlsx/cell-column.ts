// Prepares the cells of one column, so that rows can be written by copying bytes. A cell is `<c r="B`, the number of its
// row, and its end, such as `" t="s"><v>12</v></c>`. Cells of equal value have the same end, which is encoded once.
import {
  type Column,
  type Columns,
  columnOf,
  NULL_CODE,
  type NumberColumn,
  type StringColumn,
} from '../../table/columns.ts';
import type { ColumnSchema } from '../../table/definitions.ts';
import { dayText } from '../../table/ingest.ts';
import { type EncodedTexts, encodeTexts, MAX_INTEGER_DIGITS, maxTextBytes } from '../text-bytes.ts';
import { looksLikeFormula } from './cell-text.ts';
import type { SharedStrings } from './shared-strings.ts';
import { STYLE } from './sheet-styles.ts';

/** Excel's number of 1970-01-01. Excel counts a 29 February 1900, which never existed. */
const DAYS_TO_1970 = 25_569;

/** 1900-03-01 in days since 1970-01-01: the first day with the same number in all spreadsheets. */
const FIRST_EXCEL_DAY = 61 - DAYS_TO_1970;

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

/** The XML of a cell after its row number, up to its value, and after its value. */
const opened = (as: keyof typeof CELL_ATTRIBUTES): string => `"${CELL_ATTRIBUTES[as]}><v>`;
const CLOSED = '</v></c>';

const cellEnd = (as: keyof typeof CELL_ATTRIBUTES, value: number): string => `${opened(as)}${value}${CLOSED}`;

/**
 * The cells of a column. If `distinct`, `codes` has the index of each row's end in `ends`; `NULL_CODE` is no cell. If
 * not, `codes` has integers; their cells begin with end 0 and close with end 1.
 */
export interface CellColumn {
  readonly distinct: boolean;
  readonly ends: EncodedTexts;
  readonly codes: Int32Array | Float64Array;
  /** A 0 in it means no cell. */
  readonly valid: Uint8Array | null;
  /** Bytes of the longest end. */
  readonly longestEnd: number;
  /** Characters of the longest value. */
  readonly longestValue: number;
}

/** Collects the cells of one column. */
interface CellCollector {
  /** Adds the value of a row; absent if the column has integers, which need no preparation. */
  readonly add?: (row: number) => void;
  readonly finish: () => CellColumn;
}

/** The XML of a header's cell after its row number. */
export const headerEnd = (name: string, texts: SharedStrings): string =>
  cellEnd('header', texts.indexOf(name));

/**
 * Prepares the cells of a table. Its texts are added to `texts` row by row: the texts of a row then have close indexes,
 * which compress better.
 */
export function prepareCells(
  schema: readonly ColumnSchema[],
  columns: Columns,
  texts: SharedStrings,
): CellColumn[] {
  const collectors = schema.map((column) => collectorOf(columnOf(columns, column.name), column, texts));
  const adds = collectors.flatMap(({ add }) => add ?? []);
  for (let row = 0; row < columns.length; row++) for (const add of adds) add(row);
  return collectors.map(({ finish }) => finish());
}

function collectorOf(column: Column, { unit }: ColumnSchema, texts: SharedStrings): CellCollector {
  switch (column.type) {
    case 'string':
      return textCollector(column, texts);
    case 'date':
      return distinctCollector(column, (day) => dateEnd(day, texts));
    case 'boolean':
      return distinctCollector(column, (value) => cellEnd('boolean', value));
    default:
      return { finish: () => integerCells(column, opened(unit === undefined ? 'number' : 'figure')) };
  }
}

/** The dictionary may belong to a larger table, so only texts of these rows get an index. */
function textCollector({ codes, values }: StringColumn, texts: SharedStrings): CellCollector {
  const ends: string[] = new Array(values.length).fill('');
  let longest = 0;
  const add = (row: number): void => {
    const code = codes[row] as number;
    if (code === NULL_CODE || ends[code] !== '') return;
    const text = values[code] as string;
    ends[code] = textEnd(text, texts);
    longest = Math.max(longest, text.length);
  };
  return { add, finish: () => distinctCells(ends, codes, longest) };
}

const textEnd = (text: string, texts: SharedStrings): string =>
  cellEnd(looksLikeFormula(text) ? 'quoted' : 'text', texts.indexOf(text));

const dateEnd = (day: number, texts: SharedStrings): string =>
  day < FIRST_EXCEL_DAY ? textEnd(dayText(day), texts) : cellEnd('date', day + DAYS_TO_1970);

/** For numbers with few distinct values. */
function distinctCollector({ values, valid }: NumberColumn, endOf: (value: number) => string): CellCollector {
  const dictionary = new Map<number, number>();
  const ends: string[] = [];
  const codes = new Int32Array(values.length).fill(NULL_CODE);
  const add = (row: number): void => {
    if (valid !== null && valid[row] === 0) return;
    const value = values[row] as number;
    let code = dictionary.get(value);
    if (code === undefined) {
      code = ends.push(endOf(value)) - 1;
      dictionary.set(value, code);
    }
    codes[row] = code;
  };
  return { add, finish: () => distinctCells(ends, codes, LONGEST_NUMBER) };
}

function distinctCells(texts: readonly string[], codes: Int32Array, longestValue: number): CellColumn {
  const ends = encodeTexts(texts);
  return { distinct: true, ends, codes, valid: null, longestEnd: maxTextBytes(ends), longestValue };
}

const integerCells = ({ values, valid }: NumberColumn, opened: string): CellColumn => ({
  distinct: false,
  ends: encodeTexts([opened, CLOSED]),
  codes: values,
  valid,
  longestEnd: opened.length + MAX_INTEGER_DIGITS + CLOSED.length,
  longestValue: LONGEST_NUMBER,
});
