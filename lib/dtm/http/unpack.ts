// Decompresses gzip in one call, up to a size limit.
import { constants, gunzipSync } from 'node:zlib';

/** Deflate: one compressed byte expands to at most this many bytes. */
const MAX_RATIO = 1032;

/** Smallest output chunk for zlib, in bytes. */
const MIN_CHUNK = 16_384;

/**
 * RFC 1952: the last 4 bytes of a gzip give its decompressed size. It is only a hint, because the sender may write any
 * number.
 */
function sizeHint(packed: Uint8Array): number {
  if (packed.length < 4) return 0;
  const size = new DataView(packed.buffer, packed.byteOffset + packed.length - 4).getUint32(0, true);
  return Math.min(size, packed.length * MAX_RATIO);
}

/**
 * Decompresses a gzip.
 * @throws {Error} with zlib's code if it is not a whole gzip; `isTooLarge` is true for the error if there are more than
 * `maxBytes` bytes
 */
export function unpack(packed: Uint8Array, maxBytes: number): Uint8Array {
  // One byte more than expected, so that zlib needs one chunk only. A wrong size field costs at most a thousand chunks.
  const chunkSize = Math.max(Math.min(sizeHint(packed), maxBytes) + 1, packed.length, MIN_CHUNK);
  return gunzipSync(packed, { chunkSize, maxOutputLength: maxBytes });
}

/** True if `unpack` stopped at its size limit. */
export const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';

/**
 * Decompresses as much as possible of a truncated gzip. Empty if it is not gzip, or if there are more than `maxBytes`
 * bytes.
 */
export function unpackSome(packed: Uint8Array, maxBytes: number): Uint8Array {
  try {
    return gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: maxBytes });
  } catch {
    return new Uint8Array();
  }
}
