// Counts what JSON.parse would make of a body, before it makes it: 3 bytes of `{},` become 64 of memory. Two native searches
// find objects and lists, at a twentieth of what parsing costs. Commas are counted only in bodies larger than any known
// answer, since less than that can do no harm.

/** What a body has too much of: what was expected in words, and how many there are. */
export interface Excess {
  readonly expected: string;
  readonly received: number;
}

/** So many are never too many: a list has one object per country or operation, and each is short. */
const ALWAYS_ALLOWED = 65_536;

/**
 * API: the shortest row of figures that there can be (v2, admin0, all texts empty and all counts 0) has an object in 197
 * bytes, one of the country list with an empty name an object in 38. Recorded rows have one in 236 to 509. What is left is
 * for braces in names and for fields that the API may add.
 */
const BYTES_PER_OBJECT = 32;

/** API: the shortest rows have a comma in 18.5 bytes, recorded ones in 25 to 31. */
const BYTES_PER_COMMA = 16;

/** API: the largest known answer has 5.4 MB. */
const COMMAS_FROM = 8 * 1024 * 1024;

const COMMAS = [0x2c];
const OPENERS = [0x7b, 0x5b];

/** What the body has more of than an honest answer of its size could have; undefined if there is nothing. */
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

/** Whether there are more than `most` objects and lists; it looks no further than that. */
function hasMoreObjects(most: number, body: Uint8Array): boolean {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  let found = 0;
  for (const mark of OPENERS) {
    for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) {
      if (++found > most) return true;
    }
  }
  return false;
}

/** Slower than a search where marks are few, faster where they are many. */
function count(body: Uint8Array, marks: readonly number[]): number {
  const isMark = new Uint8Array(256);
  for (const mark of marks) isMark[mark] = 1;
  let found = 0;
  // Not for...of, whose iterator costs twenty times as much here.
  for (let at = 0; at < body.length; at++) found += isMark[body[at] as number] as number;
  return found;
}
