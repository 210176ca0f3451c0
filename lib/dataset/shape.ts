// Checks of JSON from outside: a shape is a function that says what is wrong at which place, or null. Unknown keys are
// allowed, because a new key is a minor change of the contract.

/** Returns the fault of a value at `place`, or null. `T` is the type of a value without fault. */
export interface Shape<T> {
  (value: unknown, place: string): string | null;
  /** Never set: carries the type. */
  readonly type?: T;
}

const fault = (place: string, expected: string, value: unknown): string =>
  `${place || 'the file'}: expected ${expected}, found ${value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value}`;

const primitive =
  <T>(name: string, isIt: (value: unknown) => boolean): Shape<T> =>
  (value, place) =>
    isIt(value) ? null : fault(place, name, value);

export const text = primitive<string>('a text', (value) => typeof value === 'string');
export const flag = primitive<boolean>('true or false', (value) => typeof value === 'boolean');
export const count = primitive<number>('a whole number', (value) => Number.isSafeInteger(value));

/** A text that matches a pattern. */
export const matching =
  <T extends string = string>(pattern: RegExp, what: string): Shape<T> =>
  (value, place) =>
    typeof value === 'string' && pattern.test(value) ? null : fault(place, what, value);

export const orNull =
  <T>(shape: Shape<T>): Shape<T | null> =>
  (value, place) =>
    value === null ? null : shape(value, place);

/** A key that may be missing. */
export const optional =
  <T>(shape: Shape<T>): Shape<T | undefined> =>
  (value, place) =>
    value === undefined ? null : shape(value, place);

export const list =
  <T>(item: Shape<T>): Shape<readonly T[]> =>
  (value, place) =>
    Array.isArray(value)
      ? firstFault(value, (each, index) => item(each, `${place}[${index}]`))
      : fault(place, 'a list', value);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object whose keys are names of anything. */
export const byName =
  <T>(item: Shape<T>): Shape<Readonly<Record<string, T>>> =>
  (value, place) =>
    isObject(value)
      ? firstFault(Object.entries(value), ([key, each]) => item(each, `${place}.${key}`))
      : fault(place, 'an object', value);

/** An object with these keys. TypeScript holds the shapes to the keys of `T`. */
export const object =
  <T>(keys: { readonly [K in keyof T]-?: Shape<T[K]> }): Shape<T> =>
  (value, place) =>
    isObject(value)
      ? firstFault(Object.entries<Shape<unknown>>(keys), ([key, shape]) =>
          shape(value[key], place ? `${place}.${key}` : key),
        )
      : fault(place, 'an object', value);

function firstFault<T>(items: readonly T[], faultOf: (item: T, index: number) => string | null) {
  for (const [index, item] of items.entries()) {
    const found = faultOf(item, index);
    if (found !== null) return found;
  }
  return null;
}
