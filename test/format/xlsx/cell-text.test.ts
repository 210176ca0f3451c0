import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeCell, looksLikeFormula, truncateCell } from '../../../lib/format/xlsx/cell-text.ts';

/** ECMA-376 Part 1, 22.9.2.19: decodes the escapes from left to right, as a reader does. */
const decoded = (xml: string): string =>
  xml
    .replace(
      /&(amp|lt|gt|quot);/g,
      (_, name) => ({ amp: '&', lt: '<', gt: '>', quot: '"' })[name as string] ?? '',
    )
    .replace(/_x([0-9A-Fa-f]{4})_/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)));

const CASES: [string, string][] = [
  ['\u0000', '_x0000_'],
  ['a\u001bb', 'a_x001B_b'],
  ['\r\n\t', '_x000D_\n\t'],
  ['\uFFFE\uFFFF', '_xFFFE__xFFFF_'],
  ['_x0041_', '_x005F_x0041_'],
  ['_x0041_x0042_', '_x005F_x0041_x005F_x0042_'],
  ['_x0041\u0001', '_x005F_x0041_x0001_'],
  ['_x004_', '_x004_'],
  ['_X0041_', '_X0041_'],
  ['snake_case', 'snake_case'],
  ['<a href="x">&amp;</a>', '&lt;a href=&quot;x&quot;&gt;&amp;amp;&lt;/a&gt;'],
];
for (const [text, expected] of CASES) {
  test(`escapeCell writes ${JSON.stringify(text)} as Excel does`, () => {
    assert.equal(escapeCell(text), expected);
    assert.equal(decoded(expected), text);
  });
}

test('a decoded cell has the original text', () => {
  const pieces = fc.constantFrom(
    '_',
    'x',
    'X',
    '0',
    '00',
    '0041',
    'aF',
    '\u0000',
    '\r',
    '\uFFFF',
    '&',
    ';',
    'é',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 14 }).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(text, (value) => {
      assert.equal(decoded(escapeCell(value)), value);
    }),
    { numRuns: 2000 },
  );
});

test('truncateCell keeps a text that fits', () => {
  fc.assert(fc.property(fc.string(), (value) => assert.equal(truncateCell(value), value)));
});

test('looksLikeFormula is true for texts that begin with =, +, - or @', () => {
  const found = ['=1', '+1', '-1', '@a', '|a', '1', '', ' =1', 'a=1'].map(looksLikeFormula);
  assert.deepEqual(found, [true, true, true, true, false, false, false, false, false]);
});

test('truncateCell cuts a text of more than 32,767 characters', () => {
  assert.equal(truncateCell('x'.repeat(32_767)), 'x'.repeat(32_767));
  const cut = truncateCell('x'.repeat(32_768));
  assert.equal(cut.length, 32_767);
  assert.ok(cut.endsWith('x... [cut here: 32768 characters]'));
});
