// Builds a column for each field of an answer while the field is checked. A value takes 4 bytes here; a row as an object
// takes 200.

/** The parts of a superstruct struct that the check uses. */
export interface FieldStruct {
  readonly type: string;
  is(value: unknown): boolean;
  validate(value: unknown): readonly [{ readonly message: string } | undefined, unknown?];
}

/** Strings as codes: a code is an index of `values`, which has each string once, in order of appearance. Code -1 is null. */
export interface StringField {
  readonly codes: Int32Array;
  readonly values: readonly string[];
}

/** Integers of 32 bits. A 0 in `valid` marks a null; if `valid` is null, there are no nulls. */
export interface IntegerField {
  readonly integers: Int32Array;
  readonly valid: Uint8Array | null;
}

export type FieldColumn = StringField | IntegerField;

/** Builds one column, row by row. */
export interface ColumnBuilder {
  /** Sets the value of a row. Returns false and sets nothing if the struct does not accept the value. */
  readonly setValue: (row: number, value: unknown) => boolean;
  /** Sets the row to null. */
  readonly setNull: (row: number) => void;
  readonly finish: () => FieldColumn;
}

/** Creates the builder for a struct. Values that are neither strings nor integers are checked, but not stored. */
export function createColumnBuilder(struct: FieldStruct, nullable: boolean, rows: number): ColumnBuilder {
  return struct.type === 'int32' ? integerBuilder(nullable, rows) : stringBuilder(struct, nullable, rows);
}

const NULL_CODE = -1;

function stringBuilder(struct: FieldStruct, nullable: boolean, rows: number): ColumnBuilder {
  const codes = new Int32Array(rows);
  const dictionary = new Map<string, number>();
  // Null is handled before the comparison with `last`, so it can stand for "no value yet".
  let last: unknown = null;
  let code = NULL_CODE;
  const setValue = (row: number, value: unknown): boolean => {
    if (value === null) {
      codes[row] = NULL_CODE;
      return nullable;
    }
    // Most rows repeat the value of the row before.
    if (value !== last) {
      if (typeof value !== 'string') return struct.is(value);
      const existing = dictionary.get(value);
      if (existing === undefined && !struct.is(value)) return false;
      code = existing ?? dictionary.size;
      if (existing === undefined) dictionary.set(value, code);
      last = value;
    }
    codes[row] = code;
    return true;
  };
  const setNull = (row: number): void => {
    codes[row] = NULL_CODE;
  };
  return { setValue, setNull, finish: () => ({ codes, values: [...dictionary.keys()] }) };
}

function integerBuilder(nullable: boolean, rows: number): ColumnBuilder {
  const integers = new Int32Array(rows);
  let valid: Uint8Array | null = null;
  const setNull = (row: number): void => {
    valid ??= new Uint8Array(rows).fill(1);
    valid[row] = 0;
  };
  const setValue = (row: number, value: unknown): boolean => {
    if (typeof value === 'number' && (value | 0) === value) {
      integers[row] = value;
      return true;
    }
    if (value !== null || !nullable) return false;
    setNull(row);
    return true;
  };
  return { setValue, setNull, finish: () => ({ integers, valid }) };
}
