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
export interface Filler {
  /** Takes a row's value; false, and nothing is taken, if it is none that the struct lets pass. */
  readonly take: (row: number, value: unknown) => boolean;
  /** The row has no value. */
  readonly leave: (row: number) => void;
  readonly column: () => FieldColumn;
}

/** The filler for a struct's values; one of neither strings nor integers is checked and not kept. */
export function fillerOf(struct: FieldStruct, nullable: boolean, rows: number): Filler {
  return struct.type === 'int32' ? integerFiller(nullable, rows) : stringFiller(struct, nullable, rows);
}

const NULL_CODE = -1;

function stringFiller(struct: FieldStruct, nullable: boolean, rows: number): Filler {
  const codes = new Int32Array(rows);
  const codeOf = new Map<string, number>();
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
      const known = codeOf.get(value);
      if (known === undefined && !struct.is(value)) return false;
      code = known ?? codeOf.size;
      if (known === undefined) codeOf.set(value, code);
      last = value;
    }
    codes[row] = code;
    return true;
  };
  const leave = (row: number): void => {
    codes[row] = NULL_CODE;
  };
  return { take, leave, column: () => ({ codes, values: [...codeOf.keys()] }) };
}

function integerFiller(nullable: boolean, rows: number): Filler {
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
  return { take, leave, column: () => ({ integers, valid }) };
}
