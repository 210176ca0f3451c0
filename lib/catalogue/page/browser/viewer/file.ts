// Opens a Parquet file of the page with the reader of `lib/dataset`, and counts the bytes and requests.
import { DatasetError } from '../../../../dataset/errors.ts';
import { type FileBytes, openFile as openBytes } from '../../../../dataset/file-bytes.ts';
import { openParquet, type ParquetFile } from '../../../../dataset/parquet/open.ts';
import type { Source } from '../../../../dataset/source.ts';
import { WEB_DEFAULTS } from '../../../../dataset/web/options.ts';
import { webSource } from '../../../../dataset/web/source.ts';
import { numberText, sizeText } from '../locale.ts';

export interface FileColumn {
  readonly name: string;
  readonly kind: 'text' | 'number' | 'date' | 'boolean';
}

export interface OpenFile {
  readonly parquet: ParquetFile;
  readonly columns: readonly FileColumn[];
  /** A sentence about the bytes and requests so far. */
  cost(): string;
}

/** Bytes and requests so far, and whether the server sent a whole file in place of a part. */
interface FetchStatistics {
  bytes: number;
  requests: number;
  hasRanges: boolean;
}

/** Opens a file of `bytes` bytes. @throws {DatasetError} */
export async function openFile(href: string, bytes: number): Promise<OpenFile> {
  const statistics: FetchStatistics = { bytes: 0, requests: 0, hasRanges: true };
  const file = openBytes(countingSource(statistics), { path: href, bytes, sha256: null });
  const parquet = await openParquet(withCache(file));
  const columns = parquet.columns.map(({ name, type }) => ({ name, kind: KINDS[type] ?? 'text' }));
  return { parquet, columns, cost: () => costText(statistics, bytes) };
}

const KINDS: Readonly<Record<string, FileColumn['kind']>> = {
  int32: 'number',
  int64: 'number',
  date: 'date',
  boolean: 'boolean',
};

/** The files beside the page. */
function countingSource(statistics: FetchStatistics): Source {
  const source = webSource({
    ...WEB_DEFAULTS,
    url: new URL('.', document.baseURI),
    fetch: async (url, init) => {
      statistics.requests++;
      const response = await fetch(url, init);
      if ('Range' in init.headers && response.status === 200) statistics.hasRanges = false;
      return response;
    },
  });
  return {
    get: async (path, options) => {
      const found = await source.get(path, options);
      if (found) statistics.bytes += 'bytes' in found ? found.bytes.length : found.length;
      return found;
    },
  };
}

/** Keeps what was read, for the next filter. A failed part is read again. */
function withCache(file: FileBytes): FileBytes {
  const cached = new Map<string, Promise<ArrayBuffer>>();
  return {
    ...file,
    read: (start, end) => {
      const key = `${start}-${end}`;
      const part = cached.get(key) ?? file.read(start, end);
      cached.set(key, part);
      part.catch(() => cached.delete(key));
      return part;
    },
  };
}

function costText({ bytes, requests, hasRanges }: FetchStatistics, size: number): string {
  const took = `Read ${sizeText(bytes)} (${numberText(bytes)} bytes) of ${sizeText(size)} in ${numberText(requests)} ${requests === 1 ? 'request' : 'requests'}.`;
  return !hasRanges ? `${took} This server knows no ranges, so the whole file was fetched.` : took;
}

/** An error as a sentence for the reader of the page. */
export function errorText(error: unknown): string {
  if (!(error instanceof DatasetError)) return (error as Error).message;
  const { kind, status, message } = error;
  if (status === 404 || status === 403 || kind === 'replaced')
    return 'This file is not there any more: its release was withdrawn or replaced. Load the page again for the newest one.';
  if (status !== undefined)
    return `The server answered with status ${status}. Try again, or download the file above.`;
  if (kind === 'unreachable')
    return 'The file could not be reached. Check the connection and try again, or download it above.';
  return `The file is not the one that this page lists (${message}). Load the page again.`;
}
