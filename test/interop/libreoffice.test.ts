// Checks workbooks as LibreOffice shows and prints them: the text that a person sees, not the stored values.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { after, before, test } from 'node:test';
import { writeXlsx } from '../../lib/format/xlsx/xlsx.ts';
import { usageWarnings } from '../../lib/make/metadata/describe.ts';
import { type Exported, exportRelease } from './export-release.ts';
import { convert, everySheet, type PrintedLine, printedLines } from './libreoffice.ts';

const BOOKS = ['HTI', 'snapshots'] as const;
/** Longer than one line of a sheet. */
const LICENCE = `Only for those who asked. ${'Figures may be shown with the credit line and may not be sold or given away. '.repeat(12)}The last word of it.`;

let exported: Exported;
let folder: string;
before(async () => {
  exported = await exportRelease(['--sample'], { DTM_LICENCE: LICENCE });
  folder = join(exported.folder, '..', '..', 'shown');
  const books = BOOKS.map((name) => join(exported.folder, `xlsx/${name}.xlsx`));
  await convert(books, everySheet(true), join(folder, 'csv'));
  await convert(books, 'pdf', join(folder, 'pdf'));
});
after(() => exported?.remove());

/** A sheet's cells as shown. No text of the sample has a quote or a line feed, so lines are rows. */
async function shown(book: string, sheet: string): Promise<Record<string, string>[]> {
  const text = await readFile(join(folder, 'csv', `${parse(book).name}-${sheet}.csv`), 'utf8');
  const [names = [], ...rows] = text.trimEnd().split('\n').map(cellsOf);
  return rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at] ?? ''])));
}

const cellsOf = (line: string): string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');

for (const [book, sheet] of [
  ['HTI', 'admin0'],
  ['HTI', 'admin2'],
  ['HTI', 'snapshots'],
  ['snapshots', 'snapshots'],
] as const) {
  test(`${book}.xlsx, ${sheet}: booleans, dates, persons and years are shown in their formats`, async () => {
    const rows = await shown(book, sheet);
    assert.ok(rows.length > 20);
    const persons = rows.flatMap((row) => row.num_present_idp_ind ?? row.idps ?? []);
    for (const people of persons) assert.match(people, /^(\d{1,3}(,\d{3})*)?$/);
    assert.ok(persons.some((people) => people.includes(',')));
    assert.deepEqual([...new Set(rows.map((row) => row.is_latest))].sort(), ['FALSE', 'TRUE']);
    for (const row of rows) {
      assert.match(row.reporting_date ?? '', /^\d{4}-\d\d-\d\d$/);
      assert.match(row.year_reporting_date ?? '2024', /^\d{4}$/);
      assert.match(row.levels_agree ?? '', /^(TRUE|FALSE)?$/);
    }
  });
}

const count = (all: readonly (string | undefined)[], searched: string): number =>
  all.filter((value) => value === searched).length;

/** Texts that need more than one line of a sheet. */
const LONG: Readonly<Record<string, string>> = {
  words: 'displacement '.repeat(60),
  capitals: 'DISPLACEMENT '.repeat(60),
  'wide capitals': 'WMWMWMWM '.repeat(40),
  digits: '1234567 '.repeat(90),
  'no blanks': `https://example.org/${'a-b/'.repeat(150)} `,
  'line feeds': 'a\n'.repeat(15),
  Arabic: 'نازحون '.repeat(80),
  Cyrillic: 'Переселенцы '.repeat(60),
};
const [ENDED, NEXT] = ['ENDED', 'NEXT'];

test('long texts of a first sheet are printed to the end without overlapping lines', async () => {
  const plain = (...cells: string[]) => ({ style: 'plain' as const, cells });
  const lines = Object.values(LONG).flatMap((text) => [
    ...[
      plain('a', `${text}${ENDED}`),
      plain(`${text}${ENDED}`),
      plain('a', 'b', 'c', 'd', `${text}${ENDED}`),
    ],
    plain(NEXT),
  ]);
  const widths = [26, 36, 30, 26, 108];
  const file = join(folder, 'long.xlsx');
  await writeFile(
    file,
    await writeXlsx({ title: 'a', credit: 'b', sheets: [{ name: 'Read me', widths, lines }] }),
  );
  await convert([file], 'pdf', join(folder, 'pdf'));
  const printed = await printedLines(join(folder, 'pdf', 'long.pdf'));
  const words = printed.flatMap(({ text }) => text.split(' '));
  assert.deepEqual(
    [count(words, ENDED), count(words, NEXT)],
    [3 * Object.keys(LONG).length, Object.keys(LONG).length],
  );
  assert.deepEqual(overlappingLines(printed), []);
});

for (const book of BOOKS) {
  test(`${book}.xlsx: the first sheet is printed completely without overlapping lines`, async () => {
    const lines = await printedLines(join(folder, 'pdf', `${book}.pdf`));
    const first = lines.filter(({ page }) => page <= 2);
    const text = first.map((line) => line.text).join('\n');
    for (const caution of usageWarnings({ api_version: 'v3' })) assert.ok(text.includes(caution), caution);
    const levels = 'Every row that the API sent; levels repeat the same people: never add across levels.';
    assert.equal(text.includes(levels), book === 'HTI');
    assert.match(text, /#affected\+idps\+f/);
    assert.match(text.replaceAll('\n', ' '), /^.*Only for those who asked\..*The last word of it\./);
    assert.deepEqual(overlappingLines(first), []);
  });
}

/** LibreOffice's CSV has TRUE also for a boolean without a format. Only the printed page would show 1 or 0. */
test('HTI.xlsx: every boolean is printed as TRUE or FALSE', async () => {
  const lines = await printedLines(join(folder, 'pdf', 'HTI.pdf'));
  // The first sheet has these words in sentences, so count only lines of TRUE and FALSE.
  const cells = lines.filter(({ text }) => /^((TRUE|FALSE)\s*)+$/.test(text));
  const printed = cells.flatMap(({ text }) => text.match(/TRUE|FALSE/g) ?? []).length;
  const rows = await Promise.all(
    ['snapshots', 'admin0', 'admin1', 'admin2'].map((sheet) => shown('HTI', sheet)),
  );
  const expected = rows
    .flat()
    .flatMap((row) => [row.is_latest, row.levels_agree])
    .filter(Boolean).length;
  assert.equal(printed, expected);
});

/** Pairs of lines that overlap by more than 1 point in width and 2 points in height. */
function overlappingLines(lines: readonly PrintedLine[]): string[] {
  const overlap = (a: PrintedLine, b: PrintedLine): boolean =>
    a.page === b.page &&
    Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left) > 1 &&
    Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top) > 2;
  return lines.flatMap((a, at) =>
    lines.slice(at + 1).flatMap((b) => (overlap(a, b) ? [`${a.text} / ${b.text}`] : [])),
  );
}
