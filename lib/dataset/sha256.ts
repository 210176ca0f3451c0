// SHA-256 by WebCrypto, which Node.js and browsers have.
import { DatasetError, damaged } from './errors.ts';

/** SHA-256 in lower-case hexadecimal. @throws {DatasetError} `usage` in a page without WebCrypto */
export async function sha256(bytes: Uint8Array): Promise<string> {
  if (!globalThis.crypto?.subtle)
    throw new DatasetError(
      'usage',
      'SHA-256: expected WebCrypto, which browsers have in pages from https or localhost only; open the page over https',
    );
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @throws {DatasetError} `damaged` if the bytes have another SHA-256 */
export async function checkSha256(path: string, bytes: Uint8Array, expected: string): Promise<void> {
  const found = await sha256(bytes);
  if (found !== expected) throw damaged(path, `expected SHA-256 ${expected}, found ${found}`);
}
