// Tests of workbooks: they have every value, and their bytes depend only on their content. Read back with hucre.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { FORMAT_VERSION } from '../../../lib/format/version.ts';
import { MAX_SHEET_ROWS, type TableSheet } from '../../../lib/format/xlsx/table-sheet.ts';
import { writeXlsx } from '../../../lib/format/xlsx/xlsx.ts';
import type { Columns } from '../../../lib/table/columns.ts';
import { dayNumber, dayText } from '../../../lib/table/ingest.ts';
import { assertSame } from '../../assert-same.ts';
import { ROOT } from '../../setting.ts';
import { type Cell, columnsOf, SCHEMA } from '../sample-table.ts';
import { partsOf, readWorkbook } from './read-workbook.ts';

const book = (rows: readonly Cell[][], name = 'admin0'): Promise<Uint8Array> => {
  const sheet: TableSheet = { name, schema: SCHEMA, columns: columnsOf(rows) };
  return writeXlsx({ title: 'Rows', credit: 'Source: somebody', sheets: [sheet] });
};

const HEADER = SCHEMA.map(({ name }) => name);
const asRead = (rows: readonly Cell[][]): Cell[][] =>
  rows.map((row) => row.map((cell, at) => (at === 4 ? dayText(cell as number) : cell)));

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc
    .array(fc.constantFrom('_', 'x', '0041', 'D', '\u0001', '\r', '\n', '_x005F_', '&', '<', '=', ' '), {
      maxLength: 8,
    })
    .map((parts) => parts.join('')),
);
const row = fc.tuple(
  text,
  fc.option(text),
  fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  fc.option(fc.maxSafeInteger()),
  fc.integer({ min: dayNumber('0001-01-01'), max: dayNumber('9999-12-31') }),
  fc.option(fc.boolean()),
);
const rows = fc.array(row as fc.Arbitrary<Cell[]>, { maxLength: 30 });

test('a workbook has every value in its cell, in well-formed XML', async () => {
  await fc.assert(
    fc.asyncProperty(rows, async (values) => {
      const bytes = await book(values);
      partsOf(bytes);
      const [sheet] = await readWorkbook(bytes);
      assert.deepEqual(sheet?.rows, [HEADER, ...asRead(values)]);
    }),
  );
});

const FIXED: Cell[][] = [
  ['0101', 'Ouest', 12, 5_000_000_000, dayNumber('2024-02-29'), true],
  ['=1+1', null, null, null, dayNumber('1900-02-28'), null],
  ['ق\u{1F3D5}', '', -1, 0, dayNumber('1900-03-01'), false],
];
const parts = partsOf(await book(FIXED));
const sheetXml = parts.get('xl/worksheets/sheet1.xml') ?? '';
const cellXml = (at: string): string | undefined =>
  new RegExp(`<c r="${at}"([^>]*)><v>`).exec(sheetXml)?.[1]?.trim();

test('a null has no cell, an empty text has one', () => {
  assert.equal(cellXml('B3'), undefined);
  assert.equal(sheetXml.includes('r="B3"'), false);
  assert.equal(cellXml('B4'), 't="s"');
});

test('cells are numbers, dates, booleans or texts; formulas and old dates are texts', () => {
  const kinds = ['A2', 'A3', 'C2', 'D2', 'E2', 'E3', 'E4', 'F2'].map(cellXml);
  assert.deepEqual(kinds, [
    ...['t="s"', 's="3" t="s"', 's="11"', 's="11"', 's="2"', 't="s"', 's="2"', 's="4" t="b"'],
  ]);
  assert.doesNotMatch(sheetXml, /<f>|t="str"|t="inlineStr"/);
  const formats =
    parts
      .get('xl/styles.xml')
      ?.split('<cellXfs')[1]
      ?.match(/<xf .*?<\/xf>/g) ?? [];
  assert.match(formats[2] ?? '', /numFmtId="164"/);
  assert.match(parts.get('xl/styles.xml') ?? '', /numFmtId="164" formatCode="yyyy\\-mm\\-dd"/);
  assert.deepEqual(
    formats.map((format) => format.includes('quotePrefix="1"')),
    [3, 10].reduce((all, at) => all.with(at, true), Array(12).fill(false)),
  );
});

test("dates are stored as Excel's day numbers, 1900-03-01 as 61", () => {
  assert.match(sheetXml, /<c r="E4" s="2"><v>61<\/v>/);
  assert.match(sheetXml, /<c r="E2" s="2"><v>45351<\/v>/);
});

test('the header is frozen, has filters, and is printed on every page with the credit', async () => {
  const [sheet] = await readWorkbook(await book(FIXED));
  assert.deepEqual([sheet?.name, sheet?.frozenRows, sheet?.filter], ['admin0', 1, 'A1:F4']);
  const workbook = parts.get('xl/workbook.xml') ?? '';
  assert.match(workbook, /_xlnm\.Print_Titles" localSheetId="0">'admin0'!\$1:\$1</);
  assert.match(workbook, /_xlnm\._FilterDatabase" localSheetId="0" hidden="1">'admin0'!\$A\$1:\$F\$4</);
  assert.match(sheetXml, /<oddFooter>&amp;LSource: somebody&amp;R/);
  assert.equal(sheetXml.match(/<c r="[A-F]1" s="1" t="s">/g)?.length, SCHEMA.length);
});

test('columns are as wide as their header or longest text, up to a limit', async () => {
  const widths = async (values: Cell[][]) =>
    [...(partsOf(await book(values)).get('xl/worksheets/sheet1.xml') ?? '').matchAll(/ width="(\d+)"/g)].map(
      ([, width]) => Number(width),
    );
  const [long, longest] = ['x'.repeat(20), 'x'.repeat(500)];
  const found = await widths([[long, longest, 1, 1, 20_000, true]]);
  assert.deepEqual(found, [21, 42, 11, 11, 11, 11]);
});

test('a text too long for a cell is cut between characters, with a note', async () => {
  const fits = 'x'.repeat(32_767);
  const values = [
    'a'.repeat(65_536),
    `a${'\u{1F600}'.repeat(20_000)}`,
    `\u{1F600}${'\u{1F600}'.repeat(20_000)}`,
    fits,
  ];
  const [sheet] = await readWorkbook(
    await book(values.map((value) => [value, null, null, null, 20_000, null])),
  );
  const found = sheet?.rows.slice(1).map(([first]) => String(first)) ?? [];
  assert.equal(found[3], fits);
  for (const [at, cut] of found.slice(0, 3).entries()) {
    const original = values[at] as string;
    assert.ok(cut.length <= 32_767 && cut.length >= 32_766 && cut.isWellFormed());
    const note = `... [cut here: ${original.length} characters]`;
    assert.ok(cut.endsWith(note) && original.startsWith(cut.slice(0, -note.length)));
  }
});

test('writeXlsx rejects more rows than a sheet can hold and names the sheet', async () => {
  const columns = { ...columnsOf([]), length: MAX_SHEET_ROWS + 1 };
  const sheets = [{ name: 'admin2', schema: SCHEMA, columns }];
  await assert.rejects(
    writeXlsx({ title: '', credit: '', sheets }),
    /sheet admin2: 1048576 rows, a sheet holds 1048575/,
  );
});

test('a workbook has only the texts of its rows, not of the whole dictionary', async () => {
  const columns = columnsOf([FIXED[0] as Cell[]]);
  const name = { type: 'string', codes: Int32Array.of(1), values: ['of another country', 'Ouest'] } as const;
  const slice = { ...columns, byName: new Map([...columns.byName, ['name', name]]) };
  const bytesOf = (columns: Columns) =>
    writeXlsx({ title: '', credit: '', sheets: [{ name: 'admin0', schema: SCHEMA, columns }] });
  assertSame(await bytesOf(slice), await bytesOf(columns));
});

test('sheet names and texts are escaped in every part', async () => {
  const bytes = await writeXlsx({
    title: '<a & "b">',
    credit: 'Source: A & B <c>',
    sheets: [
      { name: 'Read "me" & <this>', widths: [10, 20], lines: [{ style: 'plain', cells: ['=1', '<&>'] }] },
      { name: "it's", schema: SCHEMA, columns: columnsOf(FIXED) },
    ],
  });
  const found = partsOf(bytes);
  assert.match(found.get('xl/worksheets/sheet1.xml') ?? '', /&amp;LSource: A &amp;&amp; B &lt;c&gt;&amp;R/);
  assert.match(found.get('xl/workbook.xml') ?? '', />'it''s'!/);
  const sheets = await readWorkbook(bytes);
  assert.deepEqual(
    sheets.map(({ name, frozenRows }) => [name, frozenRows]),
    [
      ['Read "me" & <this>', 0],
      ["it's", 1],
    ],
  );
  assert.deepEqual(sheets[0]?.rows, [['=1', '<&>']]);
});

/** The bytes of a small workbook, in hex, from a process in another time zone. */
function bytesAt(zone: string): string {
  const source = `import { writeXlsx } from './lib/format/xlsx/xlsx.ts';
    const sheet = { name: 'a', widths: [9], lines: [{ style: 'title', cells: ['a'] }] };
    const bytes = await writeXlsx({ title: 't', credit: 'c', sheets: [sheet] });
    process.stdout.write(Buffer.from(bytes).toString('hex'));`;
  return execFileSync(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: ROOT,
    env: { TZ: zone },
    encoding: 'utf8',
  });
}

test('writeXlsx writes the same bytes at any time and in any time zone', async () => {
  assert.deepEqual(await book(FIXED), await book(FIXED));
  const [first, ...others] = ['UTC', 'Pacific/Apia', 'America/St_Johns', 'Africa/Monrovia'].map(bytesAt);
  assert.ok((first ?? '').length > 1000);
  for (const other of others) assert.equal(other, first);
});

const GOLDEN = 'bf9d0ae5c9db55ff7d867990f48ab4e1e4cd2cd56c62d5adf3b05f6f2e5b370b';

test('a fixed sheet has the parts of this FORMAT_VERSION (raise it if they change)', () => {
  const hash = createHash('sha256')
    .update(JSON.stringify([...parts]))
    .digest('hex');
  assert.deepEqual({ version: FORMAT_VERSION, hash }, { version: 4, hash: GOLDEN });
});

test('a workbook contains no time of its creation', async () => {
  for (const [path, xml] of parts) assert.doesNotMatch(xml, /dcterms|\d{4}-\d{2}-\d{2}T/, path);
  const bytes = Buffer.from(await book(FIXED));
  for (let at = bytes.indexOf('PK\x01\x02'); at >= 0; at = bytes.indexOf('PK\x01\x02', at + 1))
    assert.equal(bytes.readUInt32LE(at + 12).toString(16), '216000', 'noon on 1980-01-01');
});
