// Reads Parquet: footer, statistics, and the rows of one row group at a time. hyparquet decodes, fzstd decompresses.
import { decompress } from 'fzstd';
import type { AsyncBuffer, FileMetaData } from 'hyparquet';
import { parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet/src/index.js';
import { damaged } from '../errors.ts';
import type { FileBytes } from '../file-bytes.ts';
import { dateText, exactNumber } from './values.ts';
import type { ColumnRange, TypedColumn } from './where.ts';

export type Value = string | number | boolean | null;
export type PlainRow = Record<string, Value>;

/** A row group: its rows in the file, and what its statistics say of a column. */
export interface RowGroup {
  readonly start: number;
  readonly rows: number;
  range(column: string): ColumnRange;
}

export interface ParquetFile {
  readonly path: string;
  readonly rows: number;
  readonly columns: readonly TypedColumn[];
  readonly groups: readonly RowGroup[];
  /** Reads columns of the first rows of a group, all rows without `rows`. Keys are in the order of the file. */
  readGroup(group: RowGroup, columns: readonly string[], rows?: number): Promise<PlainRow[]>;
}

/** Bytes of the first request, from the file's end. The footers of our files are smaller. */
const FOOTER_BYTES = 1 << 15;

/** Files up to this size are fetched in one request: separate requests for footer and columns would cost more. */
const SMALL_FILE_BYTES = 1 << 17;

/** Texts with their byte order mark. Statistics may end within a character. */
const decoders = {
  data: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }),
  statistics: new TextDecoder('utf-8', { ignoreBOM: true }),
};
function createParsers(decoder: { decode(bytes: Uint8Array): string }) {
  const dates = new Map<number, string>();
  const dateFromDays = (days: number): string => {
    const text = dates.get(days) ?? dateText(days);
    dates.set(days, text);
    return text;
  };
  return { dateFromDays, stringFromBytes: (bytes: Uint8Array) => bytes && decoder.decode(bytes) };
}
const compressors = { ZSTD: (input: Uint8Array) => decompress(input) };

/** Reads the footer. @throws {DatasetError} */
export async function openParquet(bytes: FileBytes): Promise<ParquetFile> {
  const { path, bytes: size } = bytes.file;
  const metadata = await decode(bytes, (buffer) =>
    parquetMetadataAsync(buffer, {
      initialFetchSize: size <= SMALL_FILE_BYTES ? size : FOOTER_BYTES,
      parsers: createParsers(decoders.statistics),
      geoparquet: false,
    }),
  );
  const groups = groupsOf(metadata);
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  if (rows !== Number(metadata.num_rows))
    throw damaged(path, `expected ${metadata.num_rows} rows in its row groups, found ${rows}`);
  const common = { metadata, compressors, parsers: createParsers(decoders.data) };
  const readGroup: ParquetFile['readGroup'] = (group, names, count = group.rows) =>
    decode(bytes, async (file) => {
      const part = { rowStart: group.start, rowEnd: group.start + count, columns: [...names] };
      const read = await parquetReadObjects({ file, ...common, ...part });
      for (const row of read) for (const name of names) row[name] = checkValue(name, row[name]);
      return read;
    });
  return { path, rows, columns: columnsOf(metadata), groups, readGroup };
}

/**
 * Decodes a file. An error of the source is thrown as it is, and at once: hyparquet would wait for all other columns before.
 * An error of the decoder means that the file is damaged.
 */
function decode<T>(
  { file: { path, bytes: size }, read }: FileBytes,
  work: (buffer: AsyncBuffer) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const slice = (start: number, end = size): Promise<ArrayBuffer> => {
      const part = read(start, end);
      part.catch(reject);
      return part;
    };
    work({ byteLength: size, slice }).then(resolve, (error: Error) =>
      reject(damaged(path, `it cannot be read as Parquet (${error.message})`, error)),
    );
  });
}

/** @throws {RangeError} if a column is shorter than its row group, or a number is too large */
function checkValue(name: string, value: unknown): Value {
  if (typeof value === 'bigint') return exactNumber(value);
  if (value === undefined) throw new RangeError(`the column ${name} has too few values`);
  return value as Value;
}

function columnsOf(metadata: FileMetaData): TypedColumn[] {
  return parquetSchema(metadata).children.map(({ element }) => ({
    name: element.name,
    type: typeOf(element.type, element.converted_type ?? element.logical_type?.type),
  }));
}

/** The schema's name of a type. Parquet spec: a DATE is an INT32. */
function typeOf(type: string | undefined, meaning: string | undefined): string {
  if (meaning === 'DATE') return 'date';
  if (meaning === 'UTF8' || meaning === 'STRING') return 'string';
  return type?.toLowerCase() ?? 'group';
}

function groupsOf({ row_groups: groups }: FileMetaData): RowGroup[] {
  let next = 0;
  return groups.map((group) => {
    const [start, rows] = [next, Number(group.num_rows)];
    next += rows;
    return { start, rows, range: (column) => rangeOf(group, column) };
  });
}

const UNKNOWN: ColumnRange = { min: undefined, max: undefined, hasNulls: true };

/** The statistics of a column in a row group. */
function rangeOf({ columns }: FileMetaData['row_groups'][number], name: string): ColumnRange {
  const chunk = columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === name);
  const statistics = chunk?.meta_data?.statistics;
  if (!statistics) return UNKNOWN;
  return {
    min: bound(statistics.min_value),
    max: bound(statistics.max_value),
    hasNulls: statistics.null_count === undefined || statistics.null_count > 0,
  };
}

/** A bound of a column; undefined if it cannot be compared, such as a text that was cut within a character. */
function bound(value: unknown): string | number | boolean | undefined {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : undefined;
  if (typeof value === 'string') return value.includes('\uFFFD') ? undefined : value;
  return typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}
