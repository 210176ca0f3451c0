// Reads columns from Arrow, chunk by chunk and without a call a value.
import { type Data, DataType, DateUnit, tableFromIPC, type Utf8, type Vector } from 'apache-arrow';
import {
  type Column,
  type Columns,
  codeFor,
  NULL_CODE,
  type NumberColumn,
  type StringColumn,
} from '../table/columns.ts';
import type { ColumnSchema, ColumnType } from '../table/definitions.ts';
import { isBitSet } from './bitmap.ts';

/**
 * Reads the columns of the schema from an Arrow IPC stream or file.
 * @throws {Error} if the bytes are no Arrow stream, or a column is missing or has another type
 */
export function readArrow(schema: readonly ColumnSchema[], bytes: Uint8Array): Columns {
  const table = tableFromIPC(bytes);
  const byName = new Map(
    schema.map((column) => [column.name, columnFromVector(column, table.getChild(column.name))]),
  );
  return { length: table.numRows, byName };
}

function columnFromVector({ name, type }: ColumnSchema, vector: Vector | null): Column {
  if (!vector) throw new Error(`no column ${name}`);
  const found = arrowTypeName(vector.type);
  if (found !== type) throw new Error(`column ${name}: expected ${type}, found ${found}`);
  return type === 'string' ? readStrings(vector) : readNumbers(type, vector);
}

function arrowTypeName(type: DataType): ColumnType | string {
  const value = DataType.isDictionary(type) ? type.dictionary : type;
  if (DataType.isUtf8(value)) return 'string';
  if (DataType.isInt(value) && value.isSigned) return `int${value.bitWidth}`;
  if (DataType.isDate(value) && value.unit === DateUnit.DAY) return 'date';
  return DataType.isBool(value) ? 'boolean' : String(value);
}

function readStrings({ data: chunks, length }: Vector): StringColumn {
  const dictionary = new Map<string, number>();
  const codes = new Int32Array(length);
  let at = 0;
  for (const chunk of chunks) {
    const into = codes.subarray(at, at + chunk.length);
    if (DataType.isDictionary(chunk.type)) readDictionaryCodes(chunk, dictionary, into);
    else readPlainCodes(chunk as Data<Utf8>, dictionary, into);
    forEachNull(chunk, (row) => {
      into[row] = NULL_CODE;
    });
    at += chunk.length;
  }
  return { type: 'string', codes, values: [...dictionary.keys()] };
}

function readDictionaryCodes(chunk: Data, dictionary: Map<string, number>, into: Int32Array): void {
  const texts = readStrings(chunk.dictionary as Vector);
  const recoded = Int32Array.from(texts.codes, (code) => codeFor(dictionary, texts.values[code] as string));
  const indexes = chunk.values as Int32Array;
  for (let row = 0; row < into.length; row++) into[row] = recoded[indexes[row] as number] as number;
}

/** Rows are sorted, so most texts equal the text before: their bytes are compared, and only a new text is decoded. */
function readPlainCodes(
  { valueOffsets, values }: Data<Utf8>,
  dictionary: Map<string, number>,
  into: Int32Array,
): void {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  let [start, end, code] = [0, -1, NULL_CODE];
  for (let row = 0; row < into.length; row++) {
    const [from, to] = [valueOffsets[row] as number, valueOffsets[row + 1] as number];
    if (to - from !== end - start || bytes.compare(bytes, from, to, start, end) !== 0) {
      // Arrow's own decoder would remove a byte order mark at the start of a text.
      code = codeFor(dictionary, bytes.toString('utf8', from, to));
      [start, end] = [from, to];
    }
    into[row] = code;
  }
}

function readNumbers(type: NumberColumn['type'], { data: chunks, length, nullCount }: Vector): NumberColumn {
  const values = type === 'int64' ? new Float64Array(length) : new Int32Array(length);
  const valid = nullCount > 0 ? new Uint8Array(length).fill(1) : null;
  let at = 0;
  for (const chunk of chunks) {
    const into = values.subarray(at, at + chunk.length);
    readChunk(type, chunk, into);
    const start = at;
    forEachNull(chunk, (row) => {
      into[row] = 0;
      if (valid) valid[start + row] = 0;
    });
    at += chunk.length;
  }
  return { type, values, valid };
}

/** Arrow spec: buffers are padded, so they may hold more values than the chunk has. Booleans are bits. */
function readChunk(type: NumberColumn['type'], chunk: Data, into: Int32Array | Float64Array): void {
  if (type === 'boolean') {
    const bits = chunk.values as Uint8Array;
    for (let row = 0; row < into.length; row++) into[row] = isBitSet(bits, chunk.offset + row) ? 1 : 0;
  } else if (type === 'int64') {
    const integers = chunk.values as BigInt64Array;
    for (let row = 0; row < into.length; row++) into[row] = Number(integers[row]);
  } else into.set((chunk.values as Int32Array).subarray(0, into.length));
}

function forEachNull({ nullCount, nullBitmap, offset, length }: Data, visit: (row: number) => void): void {
  if (nullCount === 0 || !nullBitmap) return;
  for (let row = 0; row < length; row++) if (!isBitSet(nullBitmap, offset + row)) visit(row);
}
