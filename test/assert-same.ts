// Compares large values. The message of `assert.deepEqual` shows both values whole and aligns their lines: for some thousand rows, or
// a file of 20 kB, it takes minutes, or all memory.
import assert from 'node:assert/strict';
import { inspect, isDeepStrictEqual } from 'node:util';

/** Asserts that two values are equal, as `assert.deepEqual` does. The error shows the first part that differs, and where it is. */
export function assertSame<T>(actual: unknown, expected: T, of = 'value'): asserts actual is T {
  if (isDeepStrictEqual(actual, expected)) return;
  const first = firstDifference({ at: of, actual, expected });
  assert.fail(`${first.at}: expected ${show(first.expected)}, got ${show(first.actual)}`);
}

interface Difference {
  readonly at: string;
  readonly actual: unknown;
  readonly expected: unknown;
}

const show = (value: unknown): string =>
  inspect(value, {
    depth: 2,
    maxArrayLength: 5,
    maxStringLength: 200,
    breakLength: Number.POSITIVE_INFINITY,
  });

function firstDifference(whole: Difference): Difference {
  const { at, actual, expected } = whole;
  if (isLong(actual) && isLong(expected))
    return firstDifference({
      at: `${at}, lines`,
      actual: actual.split('\n'),
      expected: expected.split('\n'),
    });
  for (const key of keysOf(actual, expected)) {
    const part = {
      at: `${at}[${inspect(key)}]`,
      actual: partOf(actual, key),
      expected: partOf(expected, key),
    };
    if (!isDeepStrictEqual(part.actual, part.expected)) return firstDifference(part);
  }
  return whole;
}

const isLong = (value: unknown): value is string => typeof value === 'string' && value.includes('\n');

type List = ArrayLike<unknown>;
const isList = (value: unknown): value is List => Array.isArray(value) || ArrayBuffer.isView(value);

/** Keys of both values if both are of one kind that has parts. */
function* keysOf(actual: unknown, expected: unknown): Generator<unknown> {
  if (isList(actual) && isList(expected))
    for (let at = 0; at < Math.max(actual.length, expected.length); at++) yield at;
  else if (actual instanceof Map && expected instanceof Map)
    yield* new Set([...actual.keys(), ...expected.keys()]);
  else if (isRecord(actual) && isRecord(expected))
    yield* new Set([...Object.keys(actual), ...Object.keys(expected)]);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !isList(value) && !(value instanceof Map);

const partOf = (whole: unknown, key: unknown): unknown =>
  whole instanceof Map ? whole.get(key) : (whole as Record<string, unknown>)[key as string];
