// Converts columns to Arrow and back. Staged files keep strings as dictionaries. The Parquet writer gets plain strings:
// otherwise readers would see the type `dictionary<string>`.
import {
  Bool,
  type Data,
  DataType,
  DateDay,
  DateUnit,
  Dictionary,
  Field,
  Int32,
  Int64,
  makeData,
  makeVector,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableFromIPC,
  tableToIPC,
  Utf8,
  type Vector,
} from 'apache-arrow';
import {
  type Column,
  type Columns,
  codeFor,
  columnOf,
  NULL_CODE,
  type NumberColumn,
  type StringColumn,
} from '../table/columns.ts';
import type { ColumnSchema, ColumnType } from '../table/definitions.ts';
import { isBitSet, packBits, validityBitmap } from './bitmap.ts';
import { encodeTexts } from './text-bytes.ts';

/** The layout of strings in Arrow. */
type StringLayout = 'dictionary' | 'plain';

const NUMBER_TYPES = {
  int32: () => new Int32(),
  int64: () => new Int64(),
  date: () => new DateDay(),
  boolean: () => new Bool(),
} as const;

/** Writes the columns of the schema as an Arrow IPC stream for staging: strings as dictionaries. */
export const writeStagedStream = (schema: readonly ColumnSchema[], columns: Columns): Uint8Array =>
  writeStream(
    schema.map((column, at) => arrowData(column, columnOf(columns, column.name), 'dictionary', at)),
    schema.map(({ name, nullable }) => ({ name, nullable, metadata: null })),
    { length: columns.length, metadata: null },
  );

/**
 * Writes the columns of the schema as an Arrow IPC stream for readers: plain strings, a description in each field, and
 * `metadata` in the Arrow schema. pyarrow and others show both.
 */
export const writeDescribedStream = (
  schema: readonly ColumnSchema[],
  columns: Columns,
  metadata: ReadonlyMap<string, string>,
): Uint8Array =>
  writeStream(
    schema.map((column, at) => arrowData(column, columnOf(columns, column.name), 'plain', at)),
    schema.map(({ name, nullable, description, hxl }) => ({
      name,
      nullable,
      metadata: new Map(Object.entries({ description, ...(hxl && { hxl }) })),
    })),
    { length: columns.length, metadata: new Map(metadata) },
  );

interface FieldDefinition {
  readonly name: string;
  readonly nullable: boolean;
  readonly metadata: Map<string, string> | null;
}

function writeStream(
  children: readonly Data[],
  definitions: readonly FieldDefinition[],
  { length, metadata }: { length: number; metadata: Map<string, string> | null },
): Uint8Array {
  const fields = definitions.map(
    ({ name, nullable, metadata: fieldMetadata }, at) =>
      new Field(name, typeOf(children[at]), nullable, fieldMetadata),
  );
  const struct = makeData({
    type: new Struct(fields),
    length,
    nullCount: 0,
    children: [...children],
  });
  const arrowSchema = new Schema(fields, metadata);
  return tableToIPC(new Table(arrowSchema, [new RecordBatch(arrowSchema, struct)]), 'stream');
}

const typeOf = (data: Data | undefined): DataType => (data as Data).type;

function arrowData(schema: ColumnSchema, column: Column, layout: StringLayout, id: number): Data {
  if (column.type !== 'string') return numberData(schema.type, column);
  return layout === 'plain' ? plainStrings(column) : dictionaryStrings(column, id);
}

function numberData(type: ColumnType, column: NumberColumn): Data {
  const length = column.values.length;
  const nulls = validityBitmap(length, column.valid, 0);
  const kind = type as keyof typeof NUMBER_TYPES;
  if (kind === 'int64')
    return makeData({
      type: NUMBER_TYPES.int64(),
      length,
      ...nulls,
      data: BigInt64Array.from(column.values, BigInt),
    });
  if (kind === 'boolean')
    return makeData({ type: NUMBER_TYPES.boolean(), length, ...nulls, data: packBits(column.values) });
  const data = column.values as Int32Array;
  if (kind === 'date') return makeData({ type: NUMBER_TYPES.date(), length, ...nulls, data });
  return makeData({ type: NUMBER_TYPES.int32(), length, ...nulls, data });
}

function dictionaryStrings({ codes, values }: StringColumn, id: number): Data {
  const all = { type: 'string', codes: Int32Array.from(values.keys()), values } as const;
  const nulls = validityBitmap(codes.length, codes, NULL_CODE);
  return makeData({
    type: new Dictionary(new Utf8(), new Int32(), id),
    length: codes.length,
    ...nulls,
    data: nulls.nullCount > 0 ? codes.map((code) => Math.max(code, 0)) : codes,
    dictionary: makeVector(plainStrings(all)),
  });
}

function plainStrings({ codes, values }: StringColumn): Data<Utf8> {
  const { bytes, offsets } = encodeTexts(values);
  const valueOffsets = new Int32Array(codes.length + 1);
  let length = 0;
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] as number;
    if (code !== NULL_CODE) length += (offsets[code + 1] as number) - (offsets[code] as number);
    valueOffsets[row + 1] = length;
  }
  const data = new Uint8Array(length);
  let at = 0;
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] as number;
    if (code === NULL_CODE) continue;
    const end = offsets[code + 1] as number;
    // Most texts have only a few bytes, so a loop is faster than `set`.
    for (let from = offsets[code] as number; from < end; from++) data[at++] = bytes[from] as number;
  }
  const nulls = validityBitmap(codes.length, codes, NULL_CODE);
  return makeData({ type: new Utf8(), length: codes.length, ...nulls, valueOffsets, data });
}

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
