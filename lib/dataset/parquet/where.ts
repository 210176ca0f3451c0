// Conditions on rows: what a program may ask for, the check of it, and the test of values and of statistics.
import { DatasetError } from '../errors.ts';
import { compareTexts } from './values.ts';

/** A value, one of several values, or a range with both ends included. Null matches missing values only. */
export type Condition<V> =
  | V
  | readonly V[]
  | (NonNullable<V> extends boolean ? never : Range<NonNullable<V>>);

/** Has at least one of both ends. Missing values are in no range. */
export type Range<V> = { readonly min: V; readonly max?: V } | { readonly min?: V; readonly max: V };

/** Conditions by column. A row must match all of them. */
export type Where<R> = { readonly [C in keyof R]?: Condition<R[C]> };

/** Smallest and largest value of a column in a row group, and whether it has nulls; undefined if unknown. */
export interface ColumnRange {
  readonly min: Value | undefined;
  readonly max: Value | undefined;
  readonly hasNulls: boolean;
}

type Value = string | number | boolean;

/** A condition that was checked. */
export interface Matcher {
  readonly column: string;
  readonly matches: (value: Value | null) => boolean;
  /** False if no value of such a row group can match. */
  readonly mayMatch: (range: ColumnRange) => boolean;
}

export interface TypedColumn {
  readonly name: string;
  readonly type: string;
}

const usage = (column: string, expected: string, got: unknown): DatasetError =>
  new DatasetError('usage', `where.${column}: expected ${expected}, got ${show(got)}`);

const show = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60));
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return typeof value === 'object' && value !== null
    ? `an object with ${Object.keys(value).join(', ') || 'no key'}`
    : String(value);
};

/** Texts by code point, numbers by size, false before true. Both values are of the column's type. */
const compare = (a: Value, b: Value): number =>
  typeof a === 'string' ? compareTexts(a, b as string) : Number(a) - Number(b);

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a text',
  date: 'a date such as 2025-06-30',
  boolean: 'true or false',
  int32: 'a number',
  int64: 'a number',
};

/** True if the value is of the column's type. */
function isOfType(type: string, value: unknown): value is Value {
  if (type === 'boolean') return typeof value === 'boolean';
  if (type === 'int32' || type === 'int64') return typeof value === 'number' && !Number.isNaN(value);
  if (typeof value !== 'string') return false;
  return type !== 'date' || isDate(value);
}

const isDate = (text: string): boolean => {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
};

/** Checks a condition on a column. @throws {DatasetError} `usage` */
export function createMatcher(column: TypedColumn, condition: unknown): Matcher {
  if (Array.isArray(condition) && condition.length > 0) return oneOf(column, condition);
  if (typeof condition !== 'object' || condition === null) return oneOf(column, [condition]);
  return within(column, condition as Record<string, unknown>);
}

function oneOf({ name, type }: TypedColumn, wanted: readonly unknown[]): Matcher {
  const wrong = wanted.find((value) => value !== null && !isOfType(type, value));
  if (wrong !== undefined || wanted.includes(undefined))
    throw usage(name, `${EXPECTED[type]}, null, a list of them, or { min, max }`, wrong);
  const values = new Set(wanted as (Value | null)[]);
  return {
    column: name,
    // A Set takes -0 for 0, as a comparison does.
    matches: (value) => values.has(value),
    mayMatch: ({ min, max, hasNulls }) =>
      [...values].some((value) => (value === null ? hasNulls : isWithin(value, min, max))),
  };
}

const isWithin = (value: Value, min: Value | undefined, max: Value | undefined): boolean =>
  (min === undefined || compare(value, min) >= 0) && (max === undefined || compare(value, max) <= 0);

function within({ name, type }: TypedColumn, range: Readonly<Record<string, unknown>>): Matcher {
  const keys = Object.keys(range);
  if (type === 'boolean' || keys.length === 0 || keys.some((key) => key !== 'min' && key !== 'max'))
    throw usage(name, type === 'boolean' ? 'true, false or null' : 'a value, a list, or { min, max }', range);
  const wrong = keys.find((key) => !isOfType(type, range[key]));
  if (wrong !== undefined) throw usage(`${name}.${wrong}`, EXPECTED[type] as string, range[wrong]);
  const { min, max } = range as { min?: Value; max?: Value };
  return {
    column: name,
    matches: (value) => value !== null && isWithin(value, min, max),
    mayMatch: (group) =>
      (min === undefined || group.max === undefined || compare(group.max, min) >= 0) &&
      (max === undefined || group.min === undefined || compare(group.min, max) <= 0),
  };
}
