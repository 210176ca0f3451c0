// Reads a file's metadata and bytes from one open file, so that they belong together. Up to 1 MiB the etag is the
// SHA-256 of the bytes: exact for all files that are compared and swapped. For larger files it is made of size, time
// and inode, so the metadata needs no read. Large files are created only once, and every write makes a new inode.
import { createHash } from 'node:crypto';
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { ByteRange } from '../store.ts';
import { nullIfMissing } from './paths.ts';

/** The largest file, in bytes, whose etag is a hash of its content. */
export const HASHED_BYTES = 1 << 20;

/** Bytes to read in one system call. The system's limit is just below 2 GiB. */
const MAX_READ = 1 << 30;

/** Bytes to compare at once, so that a comparison needs little memory. */
const COMPARED_BYTES = 1 << 20;

/** Do not follow a link, and do not wait for the other end of a pipe. Windows has neither flag. */
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export interface FileStat {
  readonly bytes: number;
  readonly etag: string;
  readonly modified: Date;
}

/** A file's size, etag and time; null if there is no regular file at the path. */
export function statFile(path: string): FileStat | null {
  return withFile(path, (file, stats) => {
    const content = stats.size <= HASHED_BYTES ? readBytes(file, 0, Number(stats.size)) : null;
    return { bytes: Number(stats.size), etag: etagOf(content ?? stats), modified: stats.mtime };
  });
}

/** A file's etag and bytes, or the bytes of the range, cut at the file's end. Null if there is no regular file. */
export function readContent(path: string, range?: ByteRange): { body: Uint8Array; etag: string } | null {
  return withFile(path, (file, stats) => {
    const size = Number(stats.size);
    const { start, end } = range ? clampRange(range, size) : { start: 0, end: size };
    if (size > HASHED_BYTES) return { body: readBytes(file, start, end - start), etag: etagOf(stats) };
    const whole = readBytes(file, 0, size);
    return { body: range ? whole.slice(start, end) : whole, etag: etagOf(whole) };
  });
}

/** The etag of a file that has exactly these bytes; null if there is no such regular file. */
export function etagIfSame(path: string, body: Uint8Array): string | null {
  return withFile(path, (file, stats) => {
    if (Number(stats.size) !== body.length || !hasBytes(file, body)) return null;
    return etagOf(body.length <= HASHED_BYTES ? body : stats);
  });
}

/** True if the file begins with these bytes. */
function hasBytes(file: number, body: Uint8Array): boolean {
  for (let start = 0; start < body.length; start += COMPARED_BYTES) {
    const expected = body.subarray(start, start + COMPARED_BYTES);
    if (Buffer.compare(readBytes(file, start, expected.length), expected) !== 0) return false;
  }
  return true;
}

/** Opens a regular file, passes it to `use` with its stats, and closes it. Null if there is no regular file. */
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

/** The etag of a file, from all its bytes or from its stats. */
export function etagOf(file: Uint8Array | BigIntStats): string {
  if (file instanceof Uint8Array) return createHash('sha256').update(file).digest('hex');
  return [file.size, file.mtimeNs, file.ino].map((part) => part.toString(16)).join('-');
}

/** Reads `length` bytes from `start`, or fewer if the file ends earlier. */
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

/** Cuts the range at the file's end and makes it half-open. @throws {RangeError} if the file has no byte of it */
function clampRange({ start, end }: ByteRange, size: number): { start: number; end: number } {
  const isValid = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end;
  if (!isValid || start >= size) throw new RangeError(`has no bytes ${start}-${end}, only ${size}`);
  return { start, end: Math.min(end + 1, size) };
}
