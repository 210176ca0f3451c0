// Decompresses in another thread, chunk by chunk, so that a large file is never in memory as a whole.
import { createGunzip, createInflateRaw } from 'node:zlib';

/** Bytes of a chunk. */
const CHUNK_SIZE = 1 << 20;

/**
 * Yields the decompressed chunks of a gzip file or of raw deflate.
 * @throws {Error} if the bytes are damaged, or hold more than `maxBytes`
 */
export async function* inflate(
  packed: Uint8Array,
  { isRaw = false, maxBytes }: { isRaw?: boolean; maxBytes: number },
): AsyncGenerator<Uint8Array> {
  const stream = isRaw
    ? createInflateRaw({ chunkSize: CHUNK_SIZE })
    : createGunzip({ chunkSize: CHUNK_SIZE });
  stream.end(packed);
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`it holds more than ${maxBytes} bytes`);
    yield chunk;
  }
}
