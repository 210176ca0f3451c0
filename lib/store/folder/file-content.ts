// A file's facts and bytes, from one open file so that they belong together. The etag is the SHA-256 of the bytes up to
// 1 MiB: exact for everything that is ever compared and swapped. Above that it is made of size, time and inode, so that
// asking for a large file's facts does not read it; large files are created once, and every write makes a new inode.
import { createHash } from 'node:crypto';
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { ByteRange } from '../store.ts';
import { nullIfMissing } from './paths.ts';

/** The largest file, in bytes, that is told apart by its content. */
export const HASHED_BYTES = 1 << 20;

/** Bytes asked of the system in one call; it takes less than 2 GiB. */
const MAX_READ = 1 << 30;

/** Not through a link, and without waiting for the other end of a pipe (Windows knows neither). */
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export interface FileStat {
  readonly bytes: number;
  readonly etag: string;
  readonly modified: Date;
}

/** A file's facts, or null if there is no regular file at the path. */
export function statFile(path: string): FileStat | null {
  return withFile(path, (file, stats) => {
    const small = stats.size <= HASHED_BYTES ? readBytes(file, 0, Number(stats.size)) : null;
    return { bytes: Number(stats.size), etag: etagOf(small ?? stats), modified: stats.mtime };
  });
}

/** A file's bytes (or those of the range, cut at the file's end) and etag, or null if there is no regular file. */
export function readContent(path: string, range?: ByteRange): { body: Uint8Array; etag: string } | null {
  return withFile(path, (file, stats) => {
    const size = Number(stats.size);
    const { start, end } = range ? clampRange(range, size) : { start: 0, end: size };
    if (size > HASHED_BYTES) return { body: readBytes(file, start, end - start), etag: etagOf(stats) };
    const whole = readBytes(file, 0, size);
    return { body: range ? whole.slice(start, end) : whole, etag: etagOf(whole) };
  });
}

/** Opens a regular file, hands it over with its facts, and closes it; null if there is none. */
function withFile<T>(path: string, use: (file: number, stats: BigIntStats) => T): T | null {
  const file = nullIfMissing(() => openSync(path, READ));
  if (file === null) return null;
  try {
    const stats = fstatSync(file, { bigint: true });
    return stats.isFile() ? use(file, stats) : null;
  } finally {
    closeSync(file);
  }
}

/** The etag of a file: from all its bytes, or from its facts if it is larger than is hashed. */
export function etagOf(file: Uint8Array | BigIntStats): string {
  if (file instanceof Uint8Array) return createHash('sha256').update(file).digest('hex');
  return [file.size, file.mtimeNs, file.ino].map((part) => part.toString(16)).join('-');
}

/** Reads `length` bytes from `start`, fewer if the file ends before. */
function readBytes(file: number, start: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const read = readSync(file, bytes, filled, Math.min(length - filled, MAX_READ), start + filled);
    if (read === 0) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}

/** The range cut at the file's end and half-open; a RangeError is thrown if none of it is there. */
function clampRange({ start, end }: ByteRange, size: number): { start: number; end: number } {
  const isValid = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end;
  if (!isValid || start >= size) throw new RangeError(`has no bytes ${start}-${end}, only ${size}`);
  return { start, end: Math.min(end + 1, size) };
}
