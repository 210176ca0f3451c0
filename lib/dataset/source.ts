// Where the bytes of a dataset come from. A source of your own needs one function.
import { damaged } from './errors.ts';

/** Bytes of a file from `start` on, without `end`. `size` is the length of the whole file. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
  readonly size: number;
}

export interface GetOptions {
  /** The part that is needed. A source may return the whole file instead. */
  readonly range?: ByteRange;
  /** The file may be this long at most. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes with the version of the file, such as an ETag. Null if there is none. */
export interface VersionedBytes {
  readonly bytes: Uint8Array;
  readonly version: string | null;
}

/** Gets files by their path relative to the dataset, such as `latest.json`. */
export interface Source {
  /** The bytes of a file, or of a part of it; null if there is no such file. */
  get(path: string, options: GetOptions): Promise<Uint8Array | VersionedBytes | null>;
}

/** Gets bytes with their version. */
export async function getVersioned(
  source: Source,
  path: string,
  options: GetOptions,
): Promise<VersionedBytes | null> {
  options.signal?.throwIfAborted();
  const found = await source.get(path, options);
  options.signal?.throwIfAborted();
  return found instanceof Uint8Array ? { bytes: found, version: null } : found;
}

/** Bytes of a file that is read whole. @throws {DatasetError} `damaged` if it is longer than `maxBytes` */
export async function getWhole(
  source: Source,
  path: string,
  options: GetOptions,
): Promise<Uint8Array | null> {
  const found = await getVersioned(source, path, options);
  if (found && found.bytes.length > options.maxBytes)
    throw damaged(path, `expected ${options.maxBytes} bytes at most, found ${found.bytes.length}`);
  return found?.bytes ?? null;
}
