import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { createCsvCounter, csvHeader, renderCsv, withoutLastCells } from '../../lib/format/csv.ts';
import { type Columns, createColumn } from '../../lib/table/columns.ts';
import type { ColumnSchema } from '../../lib/table/definitions.ts';
import { dayNumber } from '../../lib/table/ingest.ts';
import { duckdb, readCsv, temporaryFolder } from '../setting.ts';

const column = (name: string, type: ColumnSchema['type']): ColumnSchema => ({
  name,
  type,
  nullable: true,
  description: '',
});
const SCHEMA = [
  column('name', 'string'),
  column('people', 'int32'),
  column('sum', 'int64'),
  column('day', 'date'),
  column('latest', 'boolean'),
];

function columnsOf(rows: (string | number | boolean | null)[][]): Columns {
  const byName = new Map(
    SCHEMA.map(({ name, type }, at) => [
      name,
      createColumn(
        type,
        rows.map((row) => row[at] ?? null),
      ),
    ]),
  );
  return { length: rows.length, byName };
}

const linesWithout = (text: Uint8Array): Buffer => {
  const blocks: Buffer[] = [];
  withoutLastCells(text, (block) => blocks.push(Buffer.from(block)));
  return Buffer.concat(blocks);
};

const csvOf = (rows: (string | number | boolean | null)[][]): string =>
  csvHeader(SCHEMA) + Buffer.from(renderCsv(SCHEMA, columnsOf(rows))).toString();

test('text and header are quoted, other values are not, and null is empty', () => {
  const rows = [
    ['Ouest', 1, 5_000_000_000, dayNumber('2024-02-29'), true],
    [null, null, null, null, null],
    ['', -7, 0, dayNumber('1969-12-31'), false],
    ['a "b", c', 0, 0, 0, false],
    ['two\nlines', 0, 0, 0, false],
  ];
  assert.equal(
    csvOf(rows),
    `"name","people","sum","day","latest"
"Ouest",1,5000000000,2024-02-29,true
,,,,
"",-7,0,1969-12-31,false
"a ""b"", c",0,0,1970-01-01,false
"two
lines",0,0,1970-01-01,false
`,
  );
});

test('integers are written as String() writes them', () => {
  const number = fc.oneof(
    fc.integer(),
    fc.maxSafeInteger(),
    fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, 2 ** 31, -1, 10, 99, 100),
  );
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 50 }), (sums) => {
      const rows = sums.map((sum) => ['x', 0, sum, 0, true]);
      const written = csvOf(rows)
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.split(',')[2]);
      assert.deepEqual(written, sums.map(String));
    }),
  );
});

test('a table larger than the buffer is written completely', () => {
  const name = 'x'.repeat(1000);
  const rows = Array.from({ length: 500 }, (_, at) => [name + at, at, at, 0, true]);
  const lines = csvOf(rows).trimEnd().split('\n').slice(1);
  assert.deepEqual(
    lines,
    rows.map(([text, at]) => `"${text}",${at},${at},1970-01-01,true`),
  );
});

test('a table without rows is only a header', () => {
  assert.equal(csvOf([]), csvHeader(SCHEMA));
});

test('createCsvCounter does not count line feeds inside quotes', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r') })), (names) => {
      const rows = names.map((name) => [name, 1, 1, 1, true]);
      const { add, rows: count } = createCsvCounter();
      for (const byte of Buffer.from(csvOf(rows))) add(Buffer.of(byte));
      assert.equal(count(), names.length);
    }),
  );
});

test('DuckDB reads back every written string', async (t) => {
  const folder = await temporaryFolder(t);
  const hostile = fc.oneof(
    fc.constantFrom(
      '',
      ' ',
      '"',
      ',',
      '\r\n',
      '=cmd()',
      "'",
      '\u{1F3D5}',
      'العربية',
      'NULL',
      '\\N',
      '</script>',
    ),
    fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed() && !text.includes('\0')),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(hostile), { minLength: 1, maxLength: 40 }), async (names) => {
      const path = join(folder, 'rows.csv');
      await writeFile(path, csvOf(names.map((name, at) => [name, at, at, at, true])));
      const rows = await duckdb(`SELECT name FROM ${readCsv(path)} ORDER BY CAST(people AS INTEGER)`);
      assert.deepEqual(
        rows.map(({ name }) => name),
        names,
      );
    }),
    { numRuns: 15 },
  );
});

test('DuckDB reads a quoted comma that comes after the rows of its sample', async (t) => {
  const rows = 30_000;
  const names = Array.from({ length: rows }, (_, at) =>
    at === rows - 1 ? 'Zone "B", north' : ' Río Callado ',
  );
  const path = join(await temporaryFolder(t), 'rows.csv');
  await writeFile(path, csvOf(names.map((name, at) => [name, at, null, at, true])));
  const [found] = await duckdb(
    `SELECT count(*) AS rows, count(sum) AS sums, max(name) AS last, min(name) AS first FROM '${path}'`,
  );
  const expected = { rows: String(rows), sums: '0', last: 'Zone "B", north', first: ' Río Callado ' };
  assert.deepEqual(found, expected);
});

test('lines without their last cells are the lines of all columns but the last', () => {
  const row = fc.tuple(
    fc.option(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', 'é') })),
    fc.option(fc.integer({ min: -9, max: 2_000_000_000 })),
    fc.option(fc.maxSafeInteger()),
    fc.option(fc.nat(20_000)),
    fc.option(fc.boolean()),
  );
  fc.assert(
    fc.property(fc.array(row, { maxLength: 9 }), fc.nat(3), (values, shift) => {
      const columns = columnsOf(values as (string | number | boolean | null)[][]);
      // Every column but the text is the last one in turn.
      const [text, ...others] = SCHEMA as [ColumnSchema, ...ColumnSchema[]];
      const schema = [text, ...others.slice(shift), ...others.slice(0, shift)];
      const shorter = renderCsv(schema.slice(0, -1), columns);
      assert.deepEqual(linesWithout(renderCsv(schema, columns)), Buffer.from(shorter));
    }),
  );
});

test('lines without their last cells come in blocks, however long a line is', () => {
  const line = Buffer.from(`"${'long, '.repeat(300_000)}",1\n"short\n",\n`);
  const blocks: number[] = [];
  withoutLastCells(Buffer.concat([line, line, line]), (block) => blocks.push(block.length));
  assert.deepEqual(blocks, [1_800_003, 1_800_012, 1_800_012, 9]);
});
