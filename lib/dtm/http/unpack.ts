// gzip to bytes, in one piece and within bounds.
import { constants, gunzipSync } from 'node:zlib';

/** Deflate makes at most this many bytes of one. */
const MAX_RATIO = 1032;

/** The least that zlib is given room for at once. */
const MIN_CHUNK = 16_384;

/** RFC 1952: a gzip ends in the size of what is in it, which is only a hint: nothing holds a sender to it. */
function sizeHint(packed: Uint8Array): number {
  if (packed.length < 4) return 0;
  const size = new DataView(packed.buffer, packed.byteOffset + packed.length - 4).getUint32(0, true);
  return Math.min(size, packed.length * MAX_RATIO);
}

/**
 * The bytes in a gzip.
 * @throws {Error} with zlib's code if it is none or was cut; `isTooLarge` if they are more than `most`
 */
export function unpack(packed: Uint8Array, maxBytes: number): Uint8Array {
  // One more than is expected, so that the end is seen without another piece; of one that lies, a thousand pieces at most.
  const chunkSize = Math.max(Math.min(sizeHint(packed), maxBytes) + 1, packed.length, MIN_CHUNK);
  return gunzipSync(packed, { chunkSize, maxOutputLength: maxBytes });
}

/** Whether it was more than fits. */
export const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';

/** What can be read of a gzip that was cut; nothing of what is none, or of more than `most`. */
export function unpackSome(packed: Uint8Array, most: number): Uint8Array {
  try {
    return gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: most });
  } catch {
    return new Uint8Array();
  }
}
