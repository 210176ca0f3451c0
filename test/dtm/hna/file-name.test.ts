// A file name of the API becomes one safe name, whatever it holds.
import assert from 'node:assert/strict';
import { join, win32 } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { safeFileName } from '../../../lib/dtm/hna/file-name.ts';

const NAMES: [name: string | null, safe: string][] = [
  ['Report_NGA_2022__20260914101710.xlsx', 'Report_NGA_2022__20260914101710.xlsx'],
  ['Évaluation (2023) – Côte d’Ivoire.xlsx', 'Évaluation (2023) _ Côte d_Ivoire.xlsx'],
  ['../../x', 'x'],
  ['a\\b.xlsx', 'b.xlsx'],
  ['.bashrc', 'bashrc'],
  ['..', 'hna_export.xlsx'],
  ['a/', 'hna_export.xlsx'],
  ['', 'hna_export.xlsx'],
  [null, 'hna_export.xlsx'],
  ['con.xlsx', '_con.xlsx'],
  ['a:b|c.xlsx', 'a_b_c.xlsx'],
  ['a\u0000b\n.xlsx', 'a_b_.xlsx'],
  [`${'a'.repeat(300)}.xlsx`, `${'a'.repeat(145)}.xlsx`],
  [`${'ب'.repeat(300)}.xlsx`, `${'ب'.repeat(72)}.xlsx`],
];
for (const [name, safe] of NAMES)
  test(`${JSON.stringify(name)} becomes ${safe.slice(0, 40)}`, () => assert.equal(safeFileName(name), safe));

test('a name of millions of characters is shortened at once', () => {
  for (const part of ['a', '.', '/', ' .', 'a/', '\ud83d\ude00'])
    assert.ok(Buffer.byteLength(safeFileName(`${'x'.repeat(9)}${part.repeat(3e6)}x.xlsx`)) <= 150);
});

test('any name stays in the folder on every system', () => {
  const part = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('..', '/', '\\', '.', 'nul', ':', '~', ' '),
  );
  fc.assert(
    fc.property(
      fc.array(part).map((parts) => parts.join('')),
      (name) => {
        const safe = safeFileName(name);
        assert.equal(join('/a/b', safe), `/a/b/${safe}`);
        assert.equal(win32.join('C:\\a', safe), `C:\\a\\${safe}`);
        assert.match(safe, /^[^.\s/\\:*?"<>|][^/\\:*?"<>|]*$/);
        assert.doesNotMatch(safe, /[. ]$|\p{Cc}/u);
        assert.ok(Buffer.byteLength(safe) <= 151);
      },
    ),
    { numRuns: 500 },
  );
});
