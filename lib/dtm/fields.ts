// Checks every field of every row against its struct, fast: a struct costs a microsecond, so it runs once per distinct
// string of a column (rows mostly repeat the row before), and for integers only to say what is wrong.

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
}

/** What is needed of a superstruct struct, whatever type it stands for. */
export interface FieldStruct {
  readonly type: string;
  is(value: unknown): boolean;
  validate(value: unknown): readonly [{ readonly message: string } | undefined, unknown?];
}
export type FieldStructs = Readonly<Record<string, FieldStruct>>;
type Row = Readonly<Record<string, unknown>>;

interface Field {
  readonly name: string;
  readonly struct: FieldStruct;
  readonly integer: boolean;
  readonly nullable: boolean;
  readonly optional: boolean;
  readonly seen: Set<string>;
  last: unknown;
  absent: number;
}

/** Checks `rows` against a struct per field, in row order, and returns the first fault or the drift. */
export function checkRows(rows: readonly unknown[], structs: FieldStructs): Fault | CheckedRows {
  const fields = Object.entries(structs).map(([name, struct]) => compile(name, struct));
  const unknownFields = new Map<string, number>();
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index];
    if (!isRow(row)) return { row: index, field: undefined, expected: 'an object', received: row };
    let present = 0;
    for (const field of fields) {
      const value = row[field.name];
      if (value === undefined && field.optional) field.absent++;
      else if (passes(field, value)) present++;
      else return { row: index, field: field.name, expected: expected(field, value), received: value };
    }
    if (Object.keys(row).length !== present) countUnknown(row, structs, unknownFields);
  }
  const absent = fields
    .filter((field) => field.absent > 0)
    .map(({ name, absent }) => [name, absent] as const);
  return { unknownFields, absentFields: new Map(absent) };
}

/** True if the rows were at fault. */
export const isFault = (result: Fault | CheckedRows): result is Fault => 'row' in result;

function compile(name: string, struct: FieldStruct): Field {
  return {
    name,
    struct,
    integer: struct.type === 'int32',
    nullable: struct.is(null),
    optional: struct.is(undefined),
    seen: new Set(),
    last: undefined,
    absent: 0,
  };
}

function isRow(row: unknown): row is Row {
  return typeof row === 'object' && row !== null && !Array.isArray(row);
}

function passes(field: Field, value: unknown): boolean {
  if (value === null) return field.nullable;
  if (field.integer) return typeof value === 'number' && (value | 0) === value;
  if (typeof value !== 'string') return field.struct.is(value);
  if (value === field.last) return true;
  if (!field.seen.has(value)) {
    if (!field.struct.is(value)) return false;
    field.seen.add(value);
  }
  field.last = value;
  return true;
}

function expected(field: Field, value: unknown): string {
  const [failure] = field.struct.validate(value);
  const words = failure?.message ?? 'something else';
  return field.nullable ? `${words} or null` : words;
}

function countUnknown(row: Row, structs: FieldStructs, counts: Map<string, number>): void {
  for (const key of Object.keys(row)) {
    if (!Object.hasOwn(structs, key)) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
}
