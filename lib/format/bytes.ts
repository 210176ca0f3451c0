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

/** A buffer that grows as it is written to. */
export interface ByteSink {
  readonly copy: (texts: EncodedTexts, at: number) => void;
  readonly byte: (byte: number) => void;
  /** A whole number in decimal digits. */
  readonly integer: (value: number) => void;
  /** What was written so far, as a copy; the sink begins anew. */
  readonly take: () => Buffer;
}

const MINUS = 0x2d;
const ZERO = 0x30;

export function byteSink(): ByteSink {
  let buffer = Buffer.allocUnsafe(1 << 16);
  let at = 0;

  const reserve = (bytes: number): void => {
    if (at + bytes <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, at + bytes));
    buffer.copy(larger, 0, 0, at);
    buffer = larger;
  };

  const copy = ({ bytes, offsets }: EncodedTexts, text: number): void => {
    const [start, end] = [offsets[text] as number, offsets[text + 1] as number];
    reserve(end - start);
    // Most texts are some bytes long: a loop beats a call of `set`.
    for (let from = start; from < end; from++) buffer[at++] = bytes[from] as number;
  };

  const byte = (value: number): void => {
    reserve(1);
    buffer[at++] = value;
  };

  const integer = (value: number): void => {
    if (value < 0 || value > 0x7fffffff) {
      if (value >= -0x7fffffff && value < 0) {
        byte(MINUS);
        integer(-value);
      } else copy(encodeTexts([String(value)]), 0);
      return;
    }
    reserve(10);
    let power = 1;
    while (power * 10 <= value) power *= 10;
    for (let rest = value; power >= 1; power = (power / 10) | 0) {
      const digit = (rest / power) | 0;
      buffer[at++] = ZERO + digit;
      rest -= digit * power;
    }
  };

  const take = (): Buffer => {
    const written = Buffer.from(buffer.subarray(0, at));
    at = 0;
    return written;
  };

  return { copy, byte, integer, take };
}
