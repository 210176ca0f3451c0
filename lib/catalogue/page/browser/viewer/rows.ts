// The first rows of a file, or the first that match: the filter's column is read alone, and the rest only where it must.

import { decompress } from 'fzstd';
import { parquetReadObjects } from 'hyparquet';
import type { OpenFile } from './file.ts';
import type { Filter } from './filter.ts';

export type FileRow = Readonly<Record<string, unknown>>;

export interface FoundRows {
  readonly rows: readonly FileRow[];
  /** No more of them are in the file. */
  readonly isAll: boolean;
}

/** Every file of ours is ZSTD. */
const compressors = { ZSTD: (input: Uint8Array) => decompress(input) };

/** At most so many rows. @throws {Error} in words if the file cannot be read */
export async function findRows(file: OpenFile, filter: Filter | null, most: number): Promise<FoundRows> {
  if (filter === null) {
    const rows = await read(file, { rowStart: 0, rowEnd: Math.min(most, file.rows) });
    return { rows, isAll: file.rows <= most };
  }
  const rows: FileRow[] = [];
  let start = 0;
  for (const group of file.metadata.row_groups) {
    const end = start + Number(group.num_rows);
    const column = await read(file, { rowStart: start, rowEnd: end, columns: [filter.column] });
    const hits = [...column.keys()].filter((at) => filter.matches(column[at]?.[filter.column]));
    const selected = hits.slice(0, most - rows.length);
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
