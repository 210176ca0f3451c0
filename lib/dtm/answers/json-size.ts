// Counts the objects and arrays in a body before JSON.parse: `{},` is 3 bytes of JSON and 64 bytes of memory. Two native
// searches count them in a twentieth of the time of parsing. Commas are counted only in bodies that are larger than any
// known answer: in a smaller body, values cannot fill the memory.

/** What a body has too many of: the limit in words, and the number found. */
export interface Excess {
  readonly expected: string;
  readonly received: number;
}

/** This number of objects is always allowed: a list has one short object per country or operation. */
const ALWAYS_ALLOWED = 65_536;

/**
 * API: the shortest possible row of counts (v2, admin0, all texts empty, all counts 0) has 197 bytes. The shortest row of
 * the country list has 38. Recorded rows have 236 to 509. The limit is lower, because names may contain braces and the API may
 * add fields.
 */
const BYTES_PER_OBJECT = 32;

/** API: the shortest rows have one comma in 18.5 bytes, recorded rows one in 25 to 31. */
const BYTES_PER_COMMA = 16;

/** Commas are counted in bodies larger than this. API: the largest known answer has 5.4 MB. */
const COMMAS_FROM = 8 * 1024 * 1024;

const COMMAS = [0x2c];
const OPENERS = [0x7b, 0x5b];

/** Reports if the body holds more objects or values than a real answer of its size can hold. Undefined if it does not. */
export function findExcess(body: Uint8Array): Excess | undefined {
  const objects = ALWAYS_ALLOWED + Math.floor(body.length / BYTES_PER_OBJECT);
  if (hasMoreObjects(objects, body)) {
    const expected = `at most ${objects} objects and lists in ${body.length} bytes`;
    return { expected, received: count(body, OPENERS) };
  }
  if (body.length <= COMMAS_FROM) return undefined;
  const values = ALWAYS_ALLOWED + Math.floor(body.length / BYTES_PER_COMMA);
  const received = count(body, COMMAS);
  return received > values
    ? { expected: `at most ${values} values in ${body.length} bytes`, received }
    : undefined;
}

/** True if there are more than `maxObjects` objects and arrays. The search stops there. */
function hasMoreObjects(maxObjects: number, body: Uint8Array): boolean {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  let total = 0;
  for (const mark of OPENERS) {
    for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) {
      if (++total > maxObjects) return true;
    }
  }
  return false;
}

/** Counts the bytes that are one of `marks`. With many marks this is faster than a search, with few it is slower. */
function count(body: Uint8Array, marks: readonly number[]): number {
  const isMark = new Uint8Array(256);
  for (const mark of marks) isMark[mark] = 1;
  let total = 0;
  // No for...of: its iterator takes twenty times as long here.
  for (let at = 0; at < body.length; at++) total += isMark[body[at] as number] as number;
  return total;
}
