// A workbook needs memory for one block of rows, not for a whole sheet.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unzipSync } from 'fflate';
import { prepareCells } from '../../../lib/format/xlsx/cell-column.ts';
import { BLOCK_ROWS, rowBlocks } from '../../../lib/format/xlsx/row-blocks.ts';
import { createSharedStrings } from '../../../lib/format/xlsx/shared-strings.ts';
import { writeXlsx } from '../../../lib/format/xlsx/xlsx.ts';
import { createZip } from '../../../lib/format/xlsx/zip.ts';
import { dayText } from '../../../lib/table/ingest.ts';
import { assertSame } from '../../assert-same.ts';
import { type Cell, columnsOf, SCHEMA } from '../sample-table.ts';
import { readWorkbook } from './read-workbook.ts';

const rowsOf = (count: number): Cell[][] =>
  Array.from({ length: count }, (_, at) => [
    `code ${at}`,
    at % 3 === 0 ? null : 'name',
    at % 5 === 0 ? null : at,
    -Number.MAX_SAFE_INTEGER,
    20_000 + (at % 7),
    at % 2 === 0,
  ]);

const blocksOf = (count: number) =>
  rowBlocks(prepareCells(SCHEMA, columnsOf(rowsOf(count)), createSharedStrings()), count);

test('the blocks of a sheet share one buffer, which does not grow with the number of rows', () => {
  for (const count of [BLOCK_ROWS, 3 * BLOCK_ROWS, 20 * BLOCK_ROWS + 1]) {
    const buffers = new Set<ArrayBufferLike>();
    let blocks = 0;
    for (const { buffer } of blocksOf(count)) {
      buffers.add(buffer);
      blocks++;
    }
    assert.equal(blocks, Math.ceil(count / BLOCK_ROWS));
    const [buffer, ...others] = buffers;
    assert.deepEqual(others, []);
    assert.ok((buffer?.byteLength ?? Number.POSITIVE_INFINITY) < BLOCK_ROWS * 400, String(count));
  }
});

test('rows of a block are written only when the block is requested', () => {
  const columns = columnsOf(rowsOf(2 * BLOCK_ROWS));
  const cells = prepareCells(SCHEMA, columns, createSharedStrings());
  const read: number[] = [];
  const codes = new Proxy(new Int32Array(0), {
    get: (_, row) => {
      read.push(Number(row));
      return -1;
    },
  });
  const [first, ...rest] = cells;
  const watched = [{ ...(first ?? assert.fail()), codes }, ...rest];
  const blocks = rowBlocks(watched, columns.length);
  blocks.next();
  assert.equal(Math.max(...read), BLOCK_ROWS - 1);
  blocks.next();
  assert.equal(Math.max(...read), 2 * BLOCK_ROWS - 1);
});

test('a sheet of several blocks has every row once, in order', async () => {
  const rows = rowsOf(2 * BLOCK_ROWS + 3);
  const sheet = { name: 'admin0', schema: SCHEMA, columns: columnsOf(rows) };
  const [found] = await readWorkbook(await writeXlsx({ title: '', credit: '', sheets: [sheet] }));
  const asRead = rows.map((row) => row.map((cell, at) => (at === 4 ? dayText(cell as number) : cell)));
  assertSame(found?.rows.slice(1), asRead);
});

test('createZip compresses a block before it requests the next one', async () => {
  const block = Buffer.alloc(100_000);
  function* overwritten(): Generator<Uint8Array> {
    for (const letter of 'abc') yield block.fill(letter);
  }
  const zip = await createZip([
    ['letters.txt', overwritten()],
    ['empty.txt', []],
  ]);
  const found = unzipSync(zip);
  const expected = ['a', 'b', 'c'].map((letter) => letter.repeat(block.length)).join('');
  assert.ok(Buffer.from(found['letters.txt'] ?? []).equals(Buffer.from(expected)));
  assert.deepEqual(found['empty.txt'], new Uint8Array(0));
});
