// Sorts the key-values in a Parquet footer by key, so that equal rows give equal bytes. The writer keeps them in a hash
// map with a random seed, and so writes them in another order each time.

/** Parquet spec: a file ends with the footer, the footer's length in 4 bytes, and `PAR1`. */
const TAIL = 8;

/**
 * Sorts a file's key-values by key, in place, and returns the file.
 * @throws {Error} if they are not found side by side
 */
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

/** Thrift compact protocol: fields 1 and 2 are binary (0x18: the next field, type 8), 0 ends the struct. */
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
  const remaining = [...entries];
  let at = 0;
  while (remaining.length > 0) {
    const next = remaining.findIndex((entry) => entry.equals(region.subarray(at, at + entry.length)));
    if (next < 0) return false;
    at += (remaining.splice(next, 1)[0] as Buffer).length;
  }
  return at === region.length;
}
