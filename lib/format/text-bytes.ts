// Writes values as bytes without building strings. A large table has four million values: copying bytes is faster than
// joining strings.

/** Texts in UTF-8, one after the other: text i is the bytes from `offsets[i]` to `offsets[i + 1]`. */
export interface EncodedTexts {
  readonly bytes: Uint8Array;
  readonly offsets: Int32Array;
}

export function encodeTexts(texts: readonly string[]): EncodedTexts {
  const encoded = texts.map((text) => Buffer.from(text));
  const offsets = new Int32Array(texts.length + 1);
  for (const [at, { length }] of encoded.entries()) offsets[at + 1] = (offsets[at] as number) + length;
  return { bytes: new Uint8Array(Buffer.concat(encoded)), offsets };
}

/** The length of the longest text in bytes. */
export function maxTextBytes({ offsets }: EncodedTexts): number {
  let longest = 0;
  for (let at = 1; at < offsets.length; at++)
    longest = Math.max(longest, (offsets[at] as number) - (offsets[at - 1] as number));
  return longest;
}

/** Copies text number `text` to offset `at` and returns the offset after it. The buffer must be large enough. */
export function copyText(to: Uint8Array, at: number, { bytes, offsets }: EncodedTexts, text: number): number {
  const end = offsets[text + 1] as number;
  let into = at;
  // Most texts have only a few bytes, so a loop is faster than `set`.
  for (let from = offsets[text] as number; from < end; from++) to[into++] = bytes[from] as number;
  return into;
}

/**
 * Writes an integer in decimal digits at offset `at` and returns the offset after it. The buffer must be large enough.
 */
export function writeInteger(to: Uint8Array, at: number, value: number): number {
  if (value < 0 || value > 0x7fffffff) {
    const text = String(value);
    for (let digit = 0; digit < text.length; digit++) to[at + digit] = text.charCodeAt(digit);
    return at + text.length;
  }
  let digits = 1;
  for (let power = 10; power <= value; power *= 10) digits++;
  let rest = value;
  for (let place = at + digits - 1; place >= at; place--) {
    const tenth = (rest / 10) | 0;
    to[place] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  return at + digits;
}

/** Copies the first `used` bytes into a larger buffer with room for at least `more` bytes. */
export function growBuffer(buffer: Uint8Array, used: number, more: number): Uint8Array {
  const larger = new Uint8Array(Math.max(buffer.length * 2, used + more));
  larger.set(buffer.subarray(0, used));
  return larger;
}

const ZERO = 0x30;

/** The most digits, with sign, of an integer within 2^53. */
export const MAX_INTEGER_DIGITS = 17;
