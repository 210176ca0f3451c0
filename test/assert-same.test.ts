// A failed comparison of large values ends soon and can be read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSame } from './assert-same.ts';

const ROWS = Array.from({ length: 50_000 }, (_, at) => ({ country: 'TCD', idps: at }));
const FILE = Buffer.alloc(3e6, 1);
const TEXT = 'TCD,1,2\n'.repeat(100_000);

test('equal values pass', () => {
  for (const value of [ROWS, new Uint8Array(FILE), TEXT, new Map([['a.csv', new Uint8Array(FILE)]])])
    assertSame(value, structuredClone(value));
});

const changed = Buffer.from(FILE);
changed[2e6] = 7;
const rowOf = (idps: number) => ({ country: 'TCD', idps });

for (const [name, actual, expected, message] of [
  ['a value of a row', ROWS.with(4e4, rowOf(-1)), ROWS, "of[40000]['idps']: expected 40000, got -1"],
  [
    'the last row',
    ROWS.slice(0, -1),
    ROWS,
    "of[49999]: expected { country: 'TCD', idps: 49999 }, got undefined",
  ],
  ['all rows', [], ROWS, "of[0]: expected { country: 'TCD', idps: 0 }, got undefined"],
  ['a byte', changed, FILE, 'of[2000000]: expected 1, got 7'],
  ['a file', new Map([['a', FILE]]), new Map([['a', changed]]), "of['a'][2000000]: expected 7, got 1"],
  ['a line', `${TEXT}x\n${TEXT}`, `${TEXT}y\n${TEXT}`, "of, lines[100000]: expected 'y', got 'x'"],
  ['the number of nothings', [undefined], [], 'of: expected [], got [ undefined ]'],
  ['the kind of object', [new Date(0)], [{}], 'of[0]: expected {}, got 1970-01-01T00:00:00.000Z'],
  ['a short text', { a: 'x' }, { a: 'y' }, "of['a']: expected 'y', got 'x'"],
] as const)
  test(`values that differ in ${name} give the first difference alone`, () => {
    assert.throws(() => assertSame(actual, expected, 'of'), { name: 'AssertionError', message });
  });

test('without a name the message speaks of the value', () => {
  assert.throws(() => assertSame(FILE, null), { message: /^value: expected null, got <Buffer 01 01 / });
});
