// Opens a Parquet file at a URL with range requests, and counts the bytes and requests.
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetSchema } from 'hyparquet';
import { numberText, sizeText } from '../locale.ts';

export interface FileColumn {
  readonly name: string;
  readonly kind: 'text' | 'number' | 'date' | 'boolean';
}

export interface OpenFile {
  readonly buffer: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly columns: readonly FileColumn[];
  readonly rows: number;
  /** A sentence about the bytes and requests so far. */
  cost(): string;
}

/** Bytes and requests so far. `whole` is set after a small file, or a server without ranges, sent the whole file. */
interface FetchStatistics {
  bytes: number;
  requests: number;
  whole: ArrayBuffer | null;
  hasRanges: boolean;
}

/** Bytes of the first request, from the file's end. The footers of our files are smaller. */
const FOOTER_BYTES = 1 << 15;

/** Files up to this size are fetched in one request: separate requests for footer and columns would cost more. */
const SMALL_FILE_BYTES = 1 << 17;

const FILE_GONE_MESSAGE =
  'This file is not there any more: its release was withdrawn or replaced. Load the page again for the newest one.';

/** Opens a file of `bytes` bytes. @throws {Error} with a sentence for the reader if it cannot be read */
export async function openFile(href: string, bytes: number): Promise<OpenFile> {
  const statistics: FetchStatistics = { bytes: 0, requests: 0, whole: null, hasRanges: true };
  const cached = new Map<string, Promise<ArrayBuffer>>();
  const buffer: AsyncBuffer = {
    byteLength: bytes,
    slice: (start, end = bytes) => {
      const key = `${start}-${end}`;
      const part = cached.get(key) ?? fetchRange(href, { start, end, bytes }, statistics);
      cached.set(key, part);
      // A failed range is requested again next time.
      part.catch(() => cached.delete(key));
      return part;
    },
  };
  const metadata = await parquetMetadataAsync(buffer, {
    initialFetchSize: bytes <= SMALL_FILE_BYTES ? bytes : FOOTER_BYTES,
  });
  return {
    buffer,
    metadata,
    columns: columnsOf(metadata),
    rows: Number(metadata.num_rows),
    cost: () => costText(statistics, bytes),
  };
}

async function fetchRange(
  href: string,
  { start, end, bytes }: { start: number; end: number; bytes: number },
  statistics: FetchStatistics,
): Promise<ArrayBuffer> {
  if (statistics.whole) return statistics.whole.slice(start, end);
  const response = await fetch(href, { headers: { Range: `bytes=${start}-${end - 1}` } }).catch(() => {
    throw new Error(
      'The file could not be reached. Check the connection and try again, or download it above.',
    );
  });
  if (response.status === 404 || response.status === 403) throw new Error(FILE_GONE_MESSAGE);
  if (!response.ok)
    throw new Error(
      `The server answered with status ${response.status}. Try again, or download the file above.`,
    );
  const body = await response.arrayBuffer();
  statistics.requests++;
  statistics.bytes += body.byteLength;
  statistics.hasRanges = response.status !== 200;
  if (body.byteLength !== (statistics.hasRanges ? end - start : bytes))
    throw new Error('The file is not the one that this page lists. Load the page again.');
  if (body.byteLength === bytes) statistics.whole = body;
  return statistics.hasRanges ? body : body.slice(start, end);
}

function costText({ bytes, requests, hasRanges }: FetchStatistics, size: number): string {
  const took = `Read ${sizeText(bytes)} (${numberText(bytes)} bytes) of ${sizeText(size)} in ${numberText(requests)} ${requests === 1 ? 'request' : 'requests'}.`;
  return !hasRanges ? `${took} This server knows no ranges, so the whole file was fetched.` : took;
}

function columnsOf(metadata: FileMetaData): FileColumn[] {
  return parquetSchema(metadata).children.map(({ element }) => ({
    name: element.name,
    kind: kindOf(element.type, element.converted_type ?? element.logical_type?.type),
  }));
}

function kindOf(type: string | undefined, meaning: string | undefined): FileColumn['kind'] {
  if (meaning === 'DATE') return 'date';
  if (type === 'BOOLEAN') return 'boolean';
  return type === 'INT32' || type === 'INT64' ? 'number' : 'text';
}
