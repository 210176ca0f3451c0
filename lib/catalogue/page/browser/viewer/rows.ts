// Finds the first rows of a file, or the first rows that match a filter. It reads the filter's column first, and the other columns
// only in row groups with matches.
import { decompress } from 'fzstd';
import { parquetReadObjects } from 'hyparquet';
import type { OpenFile } from './file.ts';
import type { Filter } from './filter.ts';

export type FileRow = Readonly<Record<string, unknown>>;

export interface FoundRows {
  readonly rows: readonly FileRow[];
  /** True if the file has no more such rows. */
  readonly isAll: boolean;
}

/** All our files use ZSTD. */
const compressors = { ZSTD: (input: Uint8Array) => decompress(input) };

/** Finds at maxRows `maxRows` rows. @throws {Error} with a sentence for the reader if the file cannot be read */
export async function findRows(file: OpenFile, filter: Filter | null, maxRows: number): Promise<FoundRows> {
  if (filter === null) {
    const rows = await read(file, { rowStart: 0, rowEnd: Math.min(maxRows, file.rows) });
    return { rows, isAll: file.rows <= maxRows };
  }
  const rows: FileRow[] = [];
  let start = 0;
  for (const group of file.metadata.row_groups) {
    const end = start + Number(group.num_rows);
    const column = await read(file, { rowStart: start, rowEnd: end, columns: [filter.column] });
    const hits = [...column.keys()].filter((at) => filter.matches(column[at]?.[filter.column]));
    const selected = hits.slice(0, maxRows - rows.length);
    if (selected.length > 0) {
      const whole = await read(file, { rowStart: start, rowEnd: start + (selected.at(-1) as number) + 1 });
      rows.push(...selected.map((at) => whole[at] as FileRow));
    }
    if (hits.length > selected.length) return { rows, isAll: false };
    start = end;
  }
  return { rows, isAll: true };
}

const read = (
  { buffer, metadata }: OpenFile,
  part: { rowStart: number; rowEnd: number; columns?: string[] },
): Promise<FileRow[]> => parquetReadObjects({ file: buffer, metadata, compressors, ...part });
