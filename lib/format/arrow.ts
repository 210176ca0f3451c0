// Converts columns to Arrow. Staged files keep strings as dictionaries. The Parquet writer gets plain strings:
// otherwise readers would see the type `dictionary<string>`.
import {
  Bool,
  type Data,
  type DataType,
  DateDay,
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
  tableToIPC,
  Utf8,
} from 'apache-arrow';
import {
  type Column,
  type Columns,
  columnOf,
  NULL_CODE,
  type NumberColumn,
  type StringColumn,
} from '../table/columns.ts';
import type { ColumnSchema, ColumnType } from '../table/definitions.ts';
import { packBits, validityBitmap } from './bitmap.ts';
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
