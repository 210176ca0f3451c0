// Finds the first rows of a file, or the first rows that match a filter.
import type { PlainRow } from '../../../../dataset/parquet/open.ts';
import { readRows } from '../../../../dataset/parquet/rows.ts';
import type { OpenFile } from './file.ts';
import type { Filter } from './filter.ts';

export interface FoundRows {
  readonly rows: readonly PlainRow[];
  /** True if the file has no more such rows. */
  readonly isAll: boolean;
}

/** Finds at most `maxRows` rows. @throws {DatasetError} if the file cannot be read */
export async function findRows(
  { parquet, columns }: OpenFile,
  filter: Filter | null,
  maxRows: number,
): Promise<FoundRows> {
  const rows: PlainRow[] = [];
  const request = {
    columns: columns.map(({ name }) => name),
    matchers: filter ? [{ ...filter, mayMatch: () => true }] : [],
    // One more tells whether there are more.
    limit: maxRows + 1,
  };
  for await (const found of readRows(parquet, request)) rows.push(...found);
  return { rows: rows.slice(0, maxRows), isAll: rows.length <= maxRows };
}
