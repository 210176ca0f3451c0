// The writer keeps a footer's key-values in a hash map with a seed of its own for every file, so it writes them in
// another order each time. Equal rows must give equal bytes: here they are put in the order of their keys.

/** Parquet spec: the file ends in the footer, its length in 4 bytes, and `PAR1`. */
const TAIL = 8;

/** Sorts a file's key-values by key, in place, and returns it. @throws {Error} if they do not lie there side by side */
export function sortKeyValues(file: Uint8Array, keyValues: ReadonlyMap<string, string>): Uint8Array {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const end = bytes.length - TAIL;
  const footer = bytes.subarray(end - bytes.readUInt32LE(end), end);
  const sorted = [...keyValues.keys()].sort().map((key) => encodeKeyValue(key, keyValues.get(key) ?? ''));
  const start = Math.min(...sorted.map((entry) => footer.indexOf(entry)));
  const region = footer.subarray(Math.max(start, 0), start + Buffer.concat(sorted).length);
  if (!isPermutation(region, sorted))
    throw new Error('the key-values of a Parquet footer are not where they were');
  Buffer.concat(sorted).copy(region);
  return file;
}

/** Thrift compact protocol: fields 1 and 2 are binary (0x18: one field on, type 8), 0 ends the struct. */
const encodeKeyValue = (key: string, value: string): Buffer =>
  Buffer.concat([...[key, value].flatMap((text) => [Buffer.of(0x18), lengthPrefixed(text)]), Buffer.of(0)]);

function lengthPrefixed(text: string): Buffer {
  const bytes = Buffer.from(text);
  const varint = [];
  let rest = bytes.length;
  for (; rest > 0x7f; rest >>>= 7) varint.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.of(...varint, rest), bytes]);
}

function isPermutation(region: Buffer, entries: readonly Buffer[]): boolean {
  const left = [...entries];
  let at = 0;
  while (left.length > 0) {
    const next = left.findIndex((entry) => entry.equals(region.subarray(at, at + entry.length)));
    if (next < 0) return false;
    at += (left.splice(next, 1)[0] as Buffer).length;
  }
  return at === region.length;
}
