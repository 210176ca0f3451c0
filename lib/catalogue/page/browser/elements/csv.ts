// CSV as the dataset's files have it (lib/format/csv.ts): text and header always quoted, numbers and dates never, LF, UTF-8.

/** A date as `2026-10-31`, which CSV does not quote. */
export interface CsvDate {
  readonly date: string;
}

/** A cell; null is nothing between the commas. */
export type CsvValue = string | number | CsvDate | null;

/** Writes the rows, each with the values of the columns in order. */
export const toCsv = (columns: readonly string[], rows: readonly (readonly CsvValue[])[]): string =>
  [columns, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');

function cell(value: CsvValue): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? `"${value.replaceAll('"', '""')}"` : value.date;
}
