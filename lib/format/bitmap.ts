// Packs and reads bits for Arrow columns: booleans, and which rows have a value.

/**
 * Arrow spec: validity is one bit a row, least significant first, 1 for a value. It is left out if no row is null.
 * A row is null if `values` holds `missing` there.
 */
export function validityBitmap(
  length: number,
  values: Int32Array | Uint8Array | null,
  missing: number,
): { nullCount: number; nullBitmap?: Uint8Array } {
  if (!values?.includes(missing)) return { nullCount: 0 };
  let nullCount = 0;
  const nullBitmap = new Uint8Array(Math.ceil(length / 64) * 8);
  for (let row = 0; row < length; row++) {
    if (values[row] === missing) nullCount++;
    else setBit(nullBitmap, row);
  }
  return { nullCount, nullBitmap };
}

/** Packs 0 and 1 of each row into bits, the lowest bit first. */
export function packBits(values: ArrayLike<number>): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 64) * 8);
  for (let row = 0; row < values.length; row++) if (values[row] === 1) setBit(bits, row);
  return bits;
}

export const isBitSet = (bits: Uint8Array, at: number): boolean =>
  ((bits[at >> 3] as number) & (1 << (at & 7))) !== 0;

function setBit(bits: Uint8Array, row: number): void {
  bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
}
