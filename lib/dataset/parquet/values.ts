// How values of Parquet become values of rows, and the order of texts in Parquet.

const MS_PER_DAY = 86_400_000;

/** A date as `2025-06-30`. @throws {RangeError} outside the years 0 to 9999, which need another form */
export function dateText(days: number): string {
  const text = new Date(days * MS_PER_DAY).toISOString();
  if (!/^\d{4}-/.test(text)) throw new RangeError(`a date ${days} days after 1970-01-01`);
  return text.slice(0, 10);
}

/** An INT64 as a number. @throws {RangeError} if no number has this value exactly */
export function exactNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value}, which no JavaScript number has exactly`);
  return number;
}

/** UTF-16 has the code units of U+10000 and above before U+E000; by code point, and in UTF-8, they come after. */
const codePointOrder = (unit: number): number =>
  unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit;

/** Compares texts by code point, which is the order of their UTF-8 bytes. Negative if `a` comes first. */
export function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (one !== other) return codePointOrder(one) - codePointOrder(other);
  }
  return a.length - b.length;
}
