// Checks a workbook against its manifest entry.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeXlsx } from '../../lib/format/xlsx/xlsx.ts';
import { createZip } from '../../lib/format/xlsx/zip.ts';
import { createManifestEntry } from '../../lib/make/built-file.ts';
import { createColumn } from '../../lib/table/columns.ts';
import { checkFile } from '../../lib/verify/check-file.ts';
import { column } from '../format/sample-table.ts';

const sheet = (name: string, people: number[]) => ({
  name,
  schema: [column('people', 'int32')],
  columns: { length: people.length, byName: new Map([['people', createColumn('int32', people)]]) },
});

const workbook = (...levels: number[]): Promise<Uint8Array> =>
  writeXlsx({
    title: '',
    credit: '<row ',
    sheets: [
      { name: 'Read me', widths: [9], lines: [{ style: 'plain', cells: ['<row '] }] },
      sheet('snapshots', [1, 2, 3]),
      ...levels.map((rows, at) => sheet(at === 0 ? 'admin2' : `admin2-${at + 1}`, Array(rows).fill(1))),
    ],
  });

async function problemsOf(body: Uint8Array, rows: number | null): Promise<readonly string[]> {
  const entry = createManifestEntry('xlsx/AFG.xlsx', 'xlsx', body, { table: null, country: 'AFG', rows });
  return (await checkFile(entry, body, { tables: [] })).problems;
}

test('a country workbook counts the rows of its level sheets only, without headers', async () => {
  assert.deepEqual(await problemsOf(await workbook(2), 2), []);
  assert.deepEqual(await problemsOf(await workbook(2, 3), 5), []);
  assert.deepEqual(await problemsOf(await workbook(), 0), []);
});

test('a workbook with another row count than the manifest is reported', async () => {
  for (const rows of [1, 3, 6, null])
    assert.deepEqual(await problemsOf(await workbook(2), rows), [
      `xlsx/AFG.xlsx: expected ${rows} rows, found 2`,
    ]);
});

test('a file that is no workbook is reported as such, whatever its bytes', async () => {
  const text = (content: string) => Buffer.from(content);
  const index = text('<sheets><sheet name="admin2" sheetId="1"/></sheets>');
  const cases: [Uint8Array, RegExp][] = [
    [text('no zip'), /not an Excel workbook \(not a zip file\)/],
    [text('PK'), /not an Excel workbook/],
    [await createZip([['a.txt', [text('a')]]]), /\(no xl\/workbook\.xml in it\)/],
    [await createZip([['xl/workbook.xml', [index]]]), /\(no xl\/worksheets\/sheet1\.xml in it\)/],
    [(await workbook(2)).slice(0, -30), /not an Excel workbook/],
  ];
  for (const [body, problem] of cases) assert.match((await problemsOf(body, 2)).join(), problem);
});
