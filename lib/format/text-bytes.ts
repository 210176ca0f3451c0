// Text as bytes, without strings in between: four million values of a large table are copied, not joined.

/** Texts side by side in UTF-8: text i is the bytes from `offsets[i]` to `offsets[i + 1]`. */
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

/** The bytes of the longest one. */
export function maxTextBytes({ offsets }: EncodedTexts): number {
  let longest = 0;
  for (let at = 1; at < offsets.length; at++)
    longest = Math.max(longest, (offsets[at] as number) - (offsets[at - 1] as number));
  return longest;
}

/** Copies text number `text` to `at`, where there is room for it; returns where it ends. */
export function copyText(to: Uint8Array, at: number, { bytes, offsets }: EncodedTexts, text: number): number {
  const end = offsets[text + 1] as number;
  let into = at;
  // Most texts are some bytes long: a loop beats a call of `set`.
  for (let from = offsets[text] as number; from < end; from++) to[into++] = bytes[from] as number;
  return into;
}

/** Writes a whole number in decimal digits to `at`, where there is room for it; returns where it ends. */
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

/** A larger buffer with the same `used` bytes, and room for so many more. */
export function growBuffer(buffer: Uint8Array, used: number, more: number): Uint8Array {
  const larger = new Uint8Array(Math.max(buffer.length * 2, used + more));
  larger.set(buffer.subarray(0, used));
  return larger;
}

/** A buffer that grows as it is written to. */
export interface ByteSink {
  readonly copy: (texts: EncodedTexts, at: number) => void;
  /** A whole number in decimal digits. */
  readonly integer: (value: number) => void;
  /** What was written so far, as a copy; the sink begins anew. */
  readonly take: () => Buffer;
}

const ZERO = 0x30;

/** Digits and sign of a whole number within 2^53. */
export const MAX_INTEGER_DIGITS = 17;

export function createByteSink(): ByteSink {
  let buffer: Uint8Array = new Uint8Array(1 << 16);
  let at = 0;

  const reserve = (bytes: number): void => {
    if (at + bytes > buffer.length) buffer = growBuffer(buffer, at, bytes);
  };

  const copy = (texts: EncodedTexts, text: number): void => {
    reserve((texts.offsets[text + 1] as number) - (texts.offsets[text] as number));
    at = copyText(buffer, at, texts, text);
  };

  const integer = (value: number): void => {
    reserve(MAX_INTEGER_DIGITS);
    at = writeInteger(buffer, at, value);
  };

  const take = (): Buffer => {
    const written = Buffer.from(buffer.subarray(0, at));
    at = 0;
    return written;
  };

  return { copy, integer, take };
}
