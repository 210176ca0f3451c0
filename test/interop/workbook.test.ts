// Compares workbooks, of countries and of all countries, with the manifest and the Parquet files, as openpyxl reads them.
import assert from 'node:assert/strict';
import { join, parse } from 'node:path';
import { test } from 'node:test';
import { isLevelSheet, isSheetOf } from '../../lib/make/workbooks.ts';
import { LEVEL_TABLES } from '../../lib/table/schema.ts';
import { type Case, codeOf, envelope, ROW, tryCases } from '../hostile/api.ts';
import { NASTY, TEXTS } from '../hostile/nasty.ts';
import { madeRelease, WORLDS } from '../make/metadata/publish-sample-world.ts';
import { pythonJson } from './python-environment.ts';

interface Look {
  readonly frozen: string | null;
  readonly filter: string | null;
  readonly cells: string;
  readonly titles: string | null;
  readonly footer: string | null;
  readonly bold: boolean;
  readonly widths: readonly number[];
}

interface Found {
  readonly sheets: readonly string[];
  readonly active: string;
  readonly title: string;
  readonly creator: string;
  readonly readMe: readonly string[];
  readonly look: Readonly<Record<string, Look>>;
  readonly rows: Readonly<Record<string, number>>;
  readonly differences: readonly string[];
}

const read = (folder: string) => pythonJson<Record<string, Found>>('workbook.py', [folder]);

for (const world of WORLDS) {
  test(`workbooks of the release ${world.name} equal the manifest and the Parquet files`, async (t) => {
    const { folder, manifest } = await madeRelease(t, world);
    const found = await read(folder);
    const listed = manifest.files.filter(({ format }) => format === 'xlsx');
    assert.deepEqual(
      Object.keys(found),
      listed.map(({ path }) => parse(path).name),
    );
    for (const { path, table, country, rows } of listed) {
      const book = found[parse(path).name] ?? assert.fail();
      const levels = LEVEL_TABLES.filter((table) =>
        manifest.files.some((file) => file.table === table && file.country === country),
      );
      const rest = country === null ? ['operations'] : levels;
      assert.deepEqual(book.sheets, ['Read me', 'snapshots', ...rest]);
      assert.deepEqual([book.active, book.creator], ['Read me', manifest.credit]);
      assert.deepEqual(book.differences, [], path);
      const isCounted = table === null ? isLevelSheet : (sheet: string) => isSheetOf(table, sheet);
      const counted = Object.entries(book.rows).filter(([sheet]) => isCounted(sheet));
      assert.equal(
        counted.reduce((sum, [, count]) => sum + count, 0),
        rows,
      );
      assert.equal(book.readMe[0], book.title);
      assert.match(book.readMe[1] ?? '', /^INVENTED FIGURES/);
      assert.ok(book.readMe.includes(`Licence | ${manifest.licence}`));
      const { release, run, created_at } = manifest;
      for (const never of [release, run, created_at]) assert.ok(!book.readMe.join().includes(never), never);
      for (const [sheet, look] of Object.entries(book.look)) {
        assert.deepEqual([look.frozen, look.filter, look.titles], ['A2', look.cells, '$1:$1'], sheet);
        assert.deepEqual([look.footer, look.bold], [manifest.credit, true], sheet);
        assert.ok(
          look.widths.every((width) => width >= 8 && width <= 42),
          sheet,
        );
      }
    }
  });
}

test('hostile strings are texts in workbooks, exactly as sent', async (t) => {
  // Not `_x0041_`: openpyxl decodes it wrongly. test/hostile checks it with hucre.
  const cellTexts = [...NASTY.filter((text) => text.length < 32_768), '', '\uFEFFa'];
  const rows = cellTexts.map((text) => ({
    ...ROW,
    ...Object.fromEntries(TEXTS.map((field) => [field, text])),
    admin0Pcode: codeOf(0),
  }));
  const answer: Case = () => envelope(rows);
  const { folder, outcome } = await tryCases(t, [answer]);
  const found = await read(join(folder, 'releases', outcome.release as string));
  const book = found[codeOf(0)] ?? assert.fail();
  assert.deepEqual(book.rows.admin2, cellTexts.length);
  assert.deepEqual(book.differences, []);
});
