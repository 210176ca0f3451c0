// Checks every field of every row against its struct and builds the columns, in one pass. A struct takes a microsecond, so it
// runs only once for each distinct string, and for an integer only to describe a fault.
import {
  type ColumnBuilder,
  createColumnBuilder,
  type FieldColumn,
  type FieldStruct,
} from './field-columns.ts';

/** What is wrong with one row. `field` is undefined if the row is not an object. */
export interface Fault {
  readonly row: number;
  readonly field: string | undefined;
  readonly expected: string;
  readonly received: unknown;
}

/** The result of a check without faults. Unknown and absent fields map a field name to a number of rows. */
export interface CheckedRows {
  readonly unknownFields: ReadonlyMap<string, number>;
  readonly absentFields: ReadonlyMap<string, number>;
  /** A column for every struct's field. Null where a row does not have the field. */
  readonly columns: ReadonlyMap<string, FieldColumn>;
}

/** The struct of each field. */
export type FieldStructs = Readonly<Record<string, FieldStruct>>;
type Row = Readonly<Record<string, unknown>>;

interface Field extends ColumnBuilder {
  readonly name: string;
  readonly struct: FieldStruct;
  readonly optional: boolean;
}

/**
 * Layout of rows that have the same keys in the same order. `fields` has the field of each key, undefined if no struct
 * knows it.
 */
interface RowLayout {
  readonly keys: readonly string[];
  readonly fields: readonly (Field | undefined)[];
  readonly missing: readonly Field[];
  /** Index of the first row with this layout. */
  readonly firstRow: number;
}

/**
 * Checks `rows` in order, each field against its struct. Returns the first fault, or the columns and the drift (unknown and
 * absent fields).
 */
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

/** True if the check found a fault. */
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

/**
 * Whether a struct accepts null and undefined. The result is cached: for each "no" superstruct creates an error with its
 * stack.
 */
function traitsOf(struct: FieldStruct): Traits {
  const cached = traits.get(struct) ?? { nullable: struct.is(null), optional: struct.is(undefined) };
  traits.set(struct, cached);
  return cached;
}

function isRow(row: unknown): row is Row {
  return typeof row === 'object' && row !== null && !Array.isArray(row);
}

/** True if two rows have the same keys in the same order, as nearly all rows of an answer do. */
function haveSameKeys(keys: readonly string[], others: readonly string[]): boolean {
  if (keys.length !== others.length) return false;
  for (let i = 0; i < keys.length; i++) if (keys[i] !== others[i]) return false;
  return true;
}

function layoutOf(keys: readonly string[], fields: readonly Field[], from: number): RowLayout {
  const byName = new Map(fields.map((field) => [field.name, field]));
  const missing = fields.filter(({ name }) => !keys.includes(name));
  return { keys, fields: keys.map((key) => byName.get(key)), missing, firstRow: from };
}

/** Adds a row to the columns. Returns false if the row has a fault. */
function setRow({ fields, missing }: RowLayout, row: Row, index: number): boolean {
  const values = Object.values(row);
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i];
    if (field !== undefined && !field.setValue(index, values[i])) return false;
  }
  for (const { optional, setNull } of missing) {
    if (!optional) return false;
    setNull(index);
  }
  return true;
}

/** The first field with a fault, in the order of the structs and not of the row. */
function faultOf(row: Row, fields: readonly Field[]): Omit<Fault, 'row'> {
  const isWrong = ({ name, struct }: Field) => !struct.is(row[name]);
  const { name, struct } = fields.find(isWrong) as Field;
  return { field: name, expected: expected(struct, row[name]), received: row[name] };
}

function expected(struct: FieldStruct, value: unknown): string {
  const [failure] = struct.validate(value);
  const message = failure?.message ?? 'something else';
  return traitsOf(struct).nullable ? `${message} or null` : message;
}

/** Counts the unknown and absent fields of the rows of a layout, up to row `end`. */
function countDrift(
  { keys, fields, missing, firstRow }: RowLayout,
  end: number,
  { unknownFields, absentFields }: { unknownFields: Map<string, number>; absentFields: Map<string, number> },
): void {
  if (end === firstRow) return;
  const add = (counts: Map<string, number>, name: string) =>
    counts.set(name, (counts.get(name) ?? 0) + end - firstRow);
  for (const [i, key] of keys.entries()) if (!fields[i]) add(unknownFields, key);
  for (const { name } of missing) add(absentFields, name);
}
