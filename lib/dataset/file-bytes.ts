// The bytes of one published file, asked for by ranges. Bytes of two versions are never mixed: every answer must be of the
// same length and version. A file that comes whole is checked by its SHA-256, and not asked for again.
import { DatasetError, damaged } from './errors.ts';
import { checkSha256 } from './sha256.ts';
import { getVersioned, type Source } from './source.ts';

/** A file as a manifest lists it. `sha256` is null if it is not known: then it cannot be checked. */
export interface ListedFile {
  /** Relative to the dataset. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string | null;
}

/** The bytes of a file. */
export interface FileBytes {
  readonly file: ListedFile;
  /** Bytes from `start` on, without `end`. */
  read(start: number, end: number): Promise<ArrayBuffer>;
  /** True if the whole file came in place of a part. */
  readonly isWhole: () => boolean;
}

/** Opens a file; nothing is asked for yet. */
export function openFile(source: Source, file: ListedFile, signal?: AbortSignal): FileBytes {
  const { path, bytes: size } = file;
  let whole: Uint8Array | null = null;
  let version: string | null | undefined;

  const fetchRange = async (start: number, end: number): Promise<Uint8Array> => {
    const found = await getVersioned(source, path, { range: { start, end, size }, maxBytes: size, signal });
    if (found === null) throw missing(path);
    if (version !== undefined && version !== found.version)
      throw new DatasetError(
        'replaced',
        `${path} was replaced while it was read, or its servers name its version differently; read it again, or with { checked: true }`,
        { path },
      );
    version = found.version;
    const { bytes } = found;
    if (bytes.length !== size) {
      if (bytes.length === end - start) return bytes;
      throw damaged(path, `expected ${size} bytes, or ${end - start} of them, found ${bytes.length}`);
    }
    if (file.sha256 !== null) await checkSha256(path, bytes, file.sha256);
    whole = bytes;
    return bytes.subarray(start, end);
  };
  const read = async (start: number, end: number): Promise<ArrayBuffer> => {
    if (!(start >= 0 && start <= end && end <= size))
      throw damaged(path, `it names the bytes ${start} to ${end} of ${size}`);
    signal?.throwIfAborted();
    return bufferOf(whole ? whole.subarray(start, end) : await fetchRange(start, end));
  };
  return { file, read, isWhole: () => whole !== null };
}

/** Reads a whole file and checks its length and SHA-256. */
export async function readFile(source: Source, file: ListedFile, signal?: AbortSignal): Promise<Uint8Array> {
  const range = { start: 0, end: file.bytes, size: file.bytes };
  const found = await getVersioned(source, file.path, { range, maxBytes: file.bytes, signal });
  if (found === null) throw missing(file.path);
  if (found.bytes.length !== file.bytes)
    throw damaged(
      file.path,
      found.bytes.length > file.bytes
        ? `it is longer than the ${file.bytes} bytes that the manifest says`
        : `expected ${file.bytes} bytes, found ${found.bytes.length}`,
    );
  if (file.sha256 !== null) await checkSha256(file.path, found.bytes, file.sha256);
  return found.bytes;
}

/** A listed file that is not there. */
const missing = (path: string): DatasetError =>
  new DatasetError('damaged', `${path} is listed, but not there`, { path, status: 404 });

/** An own buffer with these bytes: a part of a whole file is copied. */
function bufferOf(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  return (
    byteLength === buffer.byteLength ? buffer : buffer.slice(byteOffset, byteOffset + byteLength)
  ) as ArrayBuffer;
}
