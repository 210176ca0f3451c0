// Checks every field of every row against its struct and lays the rows out as columns, in one pass: a struct costs a
// microsecond, so it runs once per distinct string, and for integers only to say what is wrong.
import {
  type ColumnBuilder,
  createColumnBuilder,
  type FieldColumn,
  type FieldStruct,
} from './field-columns.ts';

/** What is wrong with one row; `field` is undefined when the row itself is no object. */
export interface Fault {
  readonly row: number;
  readonly field: string | undefined;
  readonly expected: string;
  readonly received: unknown;
}

/** Rows whose fields are all right, with what they have too many and too few: field name to number of rows. */
export interface CheckedRows {
  readonly unknownFields: ReadonlyMap<string, number>;
  readonly absentFields: ReadonlyMap<string, number>;
  /** Every known field, null where a row left it out. */
  readonly columns: ReadonlyMap<string, FieldColumn>;
}

/** A struct per field. */
export type FieldStructs = Readonly<Record<string, FieldStruct>>;
type Row = Readonly<Record<string, unknown>>;

interface Field extends ColumnBuilder {
  readonly name: string;
  readonly struct: FieldStruct;
  readonly optional: boolean;
}

/** What rows of the same keys in the same order have in common: the field of each key, undefined where none is known. */
interface RowLayout {
  readonly keys: readonly string[];
  readonly fields: readonly (Field | undefined)[];
  readonly missing: readonly Field[];
  /** The first row that has it. */
  readonly firstRow: number;
}

/** Checks `rows` against a struct per field, in row order, and returns the first fault, or drift and columns. */
export function checkRows(rows: readonly unknown[], structs: FieldStructs): Fault | CheckedRows {
  const fields = Object.entries(structs).map(([name, struct]) => createField(name, struct, rows.length));
  const drift = { unknownFields: new Map<string, number>(), absentFields: new Map<string, number>() };
  let layout = layoutOf([], fields, 0);
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index];
    if (!isRow(row)) return { row: index, field: undefined, expected: 'an object', received: row };
    const keys = Object.keys(row);
    if (index === 0 || !haveSameKeys(keys, layout.keys)) {
      countDrift(layout, index, drift);
      layout = layoutOf(keys, fields, index);
    }
    if (!setRow(layout, row, index)) return { row: index, ...faultOf(row, fields) };
  }
  countDrift(layout, rows.length, drift);
  return { ...drift, columns: new Map(fields.map(({ name, finish }) => [name, finish()])) };
}

/** True if the rows were at fault. */
export const isFault = (result: Fault | CheckedRows): result is Fault => 'row' in result;

function createField(name: string, struct: FieldStruct, rows: number): Field {
  const { nullable, optional } = traitsOf(struct);
  return { name, struct, optional, ...createColumnBuilder(struct, nullable, rows) };
}

interface Traits {
  readonly nullable: boolean;
  readonly optional: boolean;
}

const traits = new WeakMap<FieldStruct, Traits>();

/** What a struct lets pass beside values, asked once: for a "no" superstruct makes an error with its stack. */
function traitsOf(struct: FieldStruct): Traits {
  const cached = traits.get(struct) ?? { nullable: struct.is(null), optional: struct.is(undefined) };
  traits.set(struct, cached);
  return cached;
}

function isRow(row: unknown): row is Row {
  return typeof row === 'object' && row !== null && !Array.isArray(row);
}

/** Whether two rows have the same keys in the same order, as nearly all of an answer have. */
function haveSameKeys(keys: readonly string[], others: readonly string[]): boolean {
  if (keys.length !== others.length) return false;
  for (let at = 0; at < keys.length; at++) if (keys[at] !== others[at]) return false;
  return true;
}

function layoutOf(keys: readonly string[], fields: readonly Field[], from: number): RowLayout {
  const byName = new Map(fields.map((field) => [field.name, field]));
  const missing = fields.filter(({ name }) => !keys.includes(name));
  return { keys, fields: keys.map((key) => byName.get(key)), missing, firstRow: from };
}

/** Takes a row into the columns, unless it is at fault. */
function setRow({ fields, missing }: RowLayout, row: Row, index: number): boolean {
  const values = Object.values(row);
  for (let at = 0; at < fields.length; at++) {
    const field = fields[at];
    if (field !== undefined && !field.setValue(index, values[at])) return false;
  }
  for (const { optional, setNull } of missing) {
    if (!optional) return false;
    setNull(index);
  }
  return true;
}

/** The first field that is wrong, in the order of the struct, whatever the order of the row. */
function faultOf(row: Row, fields: readonly Field[]): Omit<Fault, 'row'> {
  const isWrong = ({ name, struct }: Field) => !struct.is(row[name]);
  const { name, struct } = fields.find(isWrong) as Field;
  return { field: name, expected: expected(struct, row[name]), received: row[name] };
}

function expected(struct: FieldStruct, value: unknown): string {
  const [failure] = struct.validate(value);
  const words = failure?.message ?? 'something else';
  return traitsOf(struct).nullable ? `${words} or null` : words;
}

/** Counts what the rows of a shape, up to `end`, have too many and too few. */
function countDrift(
  { keys, fields, missing, firstRow }: RowLayout,
  end: number,
  { unknownFields, absentFields }: { unknownFields: Map<string, number>; absentFields: Map<string, number> },
): void {
  if (end === firstRow) return;
  const add = (counts: Map<string, number>, name: string) =>
    counts.set(name, (counts.get(name) ?? 0) + end - firstRow);
  for (const [at, key] of keys.entries()) if (!fields[at]) add(unknownFields, key);
  for (const { name } of missing) add(absentFields, name);
}
