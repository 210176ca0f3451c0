// The columns that an answer's fields become while they are checked: 4 bytes a value, where a row as an object takes 200.

/** What is needed of a superstruct struct, whatever type it stands for. */
export interface FieldStruct {
  readonly type: string;
  is(value: unknown): boolean;
  validate(value: unknown): readonly [{ readonly message: string } | undefined, unknown?];
}

/** Strings by code into `values`, which holds each once, in order of appearance; -1 is null. */
export interface StringField {
  readonly codes: Int32Array;
  readonly values: readonly string[];
}

/** Integers of 32 bits; where `valid` is given, 0 in it means null. */
export interface IntegerField {
  readonly integers: Int32Array;
  readonly valid: Uint8Array | null;
}

export type FieldColumn = StringField | IntegerField;

/** A column in the making. */
export interface ColumnBuilder {
  /** Takes a row's value; false, and nothing is taken, if it is none that the struct lets pass. */
  readonly setValue: (row: number, value: unknown) => boolean;
  /** The row has no value. */
  readonly setNull: (row: number) => void;
  readonly finish: () => FieldColumn;
}

/** The filler for a struct's values; one of neither strings nor integers is checked and not kept. */
export function createColumnBuilder(struct: FieldStruct, nullable: boolean, rows: number): ColumnBuilder {
  return struct.type === 'int32' ? integerBuilder(nullable, rows) : stringBuilder(struct, nullable, rows);
}

const NULL_CODE = -1;

function stringBuilder(struct: FieldStruct, nullable: boolean, rows: number): ColumnBuilder {
  const codes = new Int32Array(rows);
  const dictionary = new Map<string, number>();
  // Never a value's own: null is told apart before.
  let last: unknown = null;
  let code = NULL_CODE;
  const take = (row: number, value: unknown): boolean => {
    if (value === null) {
      codes[row] = NULL_CODE;
      return nullable;
    }
    // Rows mostly repeat the row before.
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
  const leave = (row: number): void => {
    codes[row] = NULL_CODE;
  };
  return { setValue: take, setNull: leave, finish: () => ({ codes, values: [...dictionary.keys()] }) };
}

function integerBuilder(nullable: boolean, rows: number): ColumnBuilder {
  const integers = new Int32Array(rows);
  let valid: Uint8Array | null = null;
  const leave = (row: number): void => {
    valid ??= new Uint8Array(rows).fill(1);
    valid[row] = 0;
  };
  const take = (row: number, value: unknown): boolean => {
    if (typeof value === 'number' && (value | 0) === value) {
      integers[row] = value;
      return true;
    }
    if (value !== null || !nullable) return false;
    leave(row);
    return true;
  };
  return { setValue: take, setNull: leave, finish: () => ({ integers, valid }) };
}
