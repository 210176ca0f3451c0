// A country's workbook has the country's rows and explains them. It names no release.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import type { BuiltFile } from '../../lib/make/built-file.ts';
import { usageWarnings } from '../../lib/make/metadata/describe.ts';
import type { WorkbookInfo } from '../../lib/make/workbook-readme.ts';
import { countryWorkbook, isLevelSheet, sheetsOf, worldWorkbook } from '../../lib/make/workbooks.ts';
import type { Manifest } from '../../lib/release/manifest.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { columnOf, valueAt } from '../../lib/table/columns.ts';
import { LEVEL_TABLES, tablesOf } from '../../lib/table/schema.ts';
import { type FoundSheet, partsOf, readWorkbook } from '../format/xlsx/read-workbook.ts';
import { admin0Row, admin2Row } from '../rows.ts';
import { duckdb, exportInto, simulator, temporaryFolder } from '../setting.ts';
import { type BuiltTables, buildTables, type Rows } from './build-tables.ts';

const INFO: WorkbookInfo = {
  identity: { dataset: 'dtm-idp', api_version: 'v3', synthetic: false, visibility: 'public' },
  terms: { licence: 'For us alone.' },
};
const schemas = tablesOf('v3');

const datasetOf = (rows: Partial<Record<0 | 1 | 2, Rows>>): BuiltTables =>
  buildTables({ levels: { admin0: rows[0] ?? [], admin1: rows[1] ?? [], admin2: rows[2] ?? [] } });

const buildWorkbooks = (
  { byCountry, snapshots, operations }: BuiltTables,
  info: WorkbookInfo = INFO,
): Promise<BuiltFile[]> =>
  Promise.all([
    ...byCountry.map((tables) => countryWorkbook(tables, info)),
    worldWorkbook({ snapshots, operations }, info),
  ]);

const sheetsIn = async ([file]: readonly BuiltFile[]): Promise<FoundSheet[]> =>
  readWorkbook(file?.body ?? assert.fail('no workbook'));

const textOf = (sheet: FoundSheet | undefined): string =>
  (sheet?.rows ?? []).map((row) => row.filter((cell) => cell !== null).join(' | ')).join('\n');

/** Publishes three countries; `root` is the release's folder. */
async function publishRelease(
  t: TestContext,
  version: 'v3' | 'v2',
): Promise<{ root: string; manifest: Manifest }> {
  const { url } = await simulator(t, { scale: 0.02 });
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url, version, countries: ['AFG', 'HTI', 'SYR'] });
  const { manifest } = await readCurrent(folderStore(folder));
  return { root: join(folder, 'releases', manifest?.release ?? ''), manifest: manifest ?? assert.fail() };
}

for (const version of ['v3', 'v2'] as const) {
  test(`${version}: a country's sheets have the same rows as Parquet, in the same order`, async (t) => {
    const { root, manifest } = await publishRelease(t, version);
    const entries = manifest.files.filter(({ format, country }) => format === 'xlsx' && country !== null);
    assert.deepEqual(
      entries.map(({ path, table }) => [path, table]),
      ['AFG', 'HTI', 'SYR'].map((country) => [`xlsx/${country}.xlsx`, null]),
    );
    for (const { path, country, rows } of entries) {
      const [readMe, ...tables] = await readWorkbook(await readFile(join(root, path)));
      assert.equal(readMe?.name, 'Read me');
      const levels = tables.filter(({ name }) => isLevelSheet(name));
      const counts = levels.map((level) => level.rows.length - 1);
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        rows,
      );
      const levelFiles = manifest.files.filter(
        (file) => file.country === country && file.format === 'parquet',
      );
      assert.deepEqual(
        counts,
        levelFiles.map((file) => file.rows),
      );
      for (const sheet of tables) await compareSheet(sheet, root, country as string);
    }
  });
}

/** Compares a sheet with the rows that DuckDB reads from the whole table's Parquet file. */
async function compareSheet(
  { name, rows, frozenRows, filter }: FoundSheet,
  root: string,
  country: string | null,
) {
  const where = country === null ? '' : `WHERE admin0_pcode = '${country}'`;
  const expected = await duckdb(`FROM '${root}/tables/${name}/${name}.parquet' ${where}`);
  const [header = [], ...found] = rows;
  const columns = Object.keys(expected[0] ?? {});
  assert.deepEqual(header, columns, name);
  const sums = ['idps', 'males', 'females'];
  const cell = (row: Record<string, unknown>, column: string): unknown =>
    sums.includes(column) && row[column] !== null ? Number(row[column]) : row[column];
  assert.deepEqual(
    found,
    expected.map((row) => columns.map((column) => cell(row, column))),
    name,
  );
  assert.equal(frozenRows, 1);
  assert.match(filter ?? '', new RegExp(`^A1:[A-Z]+${rows.length}$`));
}

test("the first sheet has title, licence, usage warnings and every column's meaning", async () => {
  const [readMe] = await sheetsIn(await buildWorkbooks(datasetOf({ 0: [admin0Row()], 2: [admin2Row()] })));
  const text = textOf(readMe);
  assert.match(text, /^Atlantis \(ATL\): Internally displaced persons, DTM API v3\n/);
  assert.match(text, /\nCredit \| Source: International Organization for Migration \(IOM\), Displacement/);
  assert.match(text, /\nLicence \| For us alone\.\n/);
  assert.match(text, /\nadmin2 \| 1 \| Internally displaced persons by second-level area/);
  assert.match(
    text,
    /\nadmin1 \| 0 \| No rows and no sheet: the API has none, gave no answer, or was not asked/,
  );
  for (const caution of usageWarnings(INFO.identity)) assert.ok(text.includes(`\n${caution}\n`), caution);
  for (const table of ['snapshots', 'admin0', 'admin2'] as const) {
    for (const { name, description, hxl = '' } of schemas[table].columns) {
      const line = text.split('\n').find((text) => text.startsWith(`${name} | `) && text.includes(table));
      assert.ok(line?.endsWith(`${hxl ? ` | ${hxl}` : ''} | ${description}`), `${table}.${name}`);
    }
  }
  assert.doesNotMatch(text, /INVENTED|ATTENTION/);
});

test('invented figures: title, banner and footer say so, and IOM is not credited', async () => {
  const identity = { ...INFO.identity, synthetic: true };
  const files = await buildWorkbooks(datasetOf({ 0: [admin0Row()] }), { ...INFO, identity });
  const [readMe] = await sheetsIn(files);
  assert.match(String(readMe?.rows[0]?.[0]), /invented figures/);
  assert.match(String(readMe?.rows[1]?.[0]), /^INVENTED FIGURES/);
  const xml = [...partsOf(files[0]?.body as Uint8Array).values()].join('');
  assert.match(xml, /<oddFooter>&amp;LSource: dtm-exporter's simulator\. Invented figures/);
  assert.doesNotMatch(xml, /International Organization/);
});

test('each country with rows at any level has a workbook with only its own rows', async () => {
  const country = (admin0Pcode: string) => ({ admin0Pcode, admin0Name: `Land ${admin0Pcode}` });
  const dataset = datasetOf({
    0: [admin0Row(country('BBB'))],
    2: [admin2Row(country('AAA')), admin2Row(country('BBB'))],
  });
  const files = await buildWorkbooks(dataset);
  assert.deepEqual(
    files.map(({ entry }) => [entry.path, entry.country, entry.rows]),
    [
      ['xlsx/AAA.xlsx', 'AAA', 1],
      ['xlsx/BBB.xlsx', 'BBB', 2],
      ['xlsx/snapshots.xlsx', null, 3],
    ],
  );
  const sheets = await sheetsIn(files);
  assert.deepEqual(
    sheets.map(({ name }) => name),
    ['Read me', 'snapshots', 'admin2'],
  );
  assert.doesNotMatch(JSON.stringify([...partsOf(files[0]?.body as Uint8Array)]), /BBB/);
});

test("the bytes of a country's workbook change only if that country's rows change", async () => {
  const row = (admin0Pcode: string, people: number) => admin2Row({ admin0Pcode, numPresentIdpInd: people });
  const hashes = async (rows: Rows) =>
    (await buildWorkbooks(datasetOf({ 2: rows }))).map(({ entry }) => entry.sha256);
  const [before, after] = [
    await hashes([row('AAA', 1), row('BBB', 1)]),
    await hashes([row('CCC', 9), row('BBB', 2), row('AAA', 1)]),
  ];
  assert.equal(after[0], before[0]);
  assert.notEqual(after[1], before[1]);
});

test('snapshots.xlsx has the totals of all countries, the operations and a first sheet', async (t) => {
  const { root, manifest } = await publishRelease(t, 'v3');
  const entry = manifest.files.find(({ path }) => path === 'xlsx/snapshots.xlsx');
  const [{ rows } = {}] = await duckdb(
    `SELECT count(*)::INTEGER AS rows FROM '${root}/tables/snapshots/snapshots.parquet'`,
  );
  assert.deepEqual([entry?.table, entry?.country, entry?.rows], ['snapshots', null, rows]);
  const [readMe, ...tables] = await readWorkbook(await readFile(join(root, 'xlsx/snapshots.xlsx')));
  assert.deepEqual(
    tables.map(({ name }) => name),
    ['snapshots', 'operations'],
  );
  for (const sheet of tables) await compareSheet(sheet, root, null);
  const text = textOf(readMe);
  assert.match(text, /^All countries: Internally displaced persons, DTM API v3/);
  assert.match(text, /\nadmin1 \| No sheet here: each country has its own workbook/);
  for (const caution of usageWarnings(manifest)) assert.ok(text.includes(`\n${caution}\n`), caution);
  for (const value of [manifest.release, manifest.run, manifest.created_at])
    assert.ok(!text.includes(value), value);
});

test('a dataset without rows has only the workbook snapshots.xlsx, with headers', async () => {
  const files = await buildWorkbooks(datasetOf({}));
  assert.deepEqual(
    files.map(({ entry }) => [entry.path, entry.rows]),
    [['xlsx/snapshots.xlsx', 0]],
  );
  const sheets = await sheetsIn(files);
  assert.deepEqual(
    sheets.map(({ name, rows }) => [name, rows.length > 1]),
    [
      ['Read me', true],
      ['snapshots', false],
      ['operations', false],
    ],
  );
});

test('a text too long for a cell is truncated and counted on the first sheet', async () => {
  const long = 'x'.repeat(40_000);
  const rows = [
    admin2Row({ displacementReason: long }),
    admin2Row({ displacementReason: long, roundNumber: 2 }),
  ];
  const [readMe, , admin2] = await sheetsIn(await buildWorkbooks(datasetOf({ 2: rows })));
  assert.match(textOf(readMe), /\nATTENTION: 2 texts are longer than the 32767 characters that a cell holds/);
  assert.match(JSON.stringify(admin2?.rows), /x\.\.\. \[cut here: 40000 characters\]"/);
});

test('a table with too many rows for one sheet continues on the next sheet', () => {
  const rows = Array.from({ length: 5 }, (_, roundNumber) => admin2Row({ roundNumber }));
  const schema = schemas.admin2;
  const columns = datasetOf({ 2: rows }).byCountry[0]?.levels.get('admin2') ?? assert.fail();
  const sheets = sheetsOf({ schema, columns }, 2);
  assert.deepEqual(
    sheets.map(({ name, columns }) => [name, columns.length, isLevelSheet(name)]),
    [
      ['admin2', 2, true],
      ['admin2-2', 2, true],
      ['admin2-3', 1, true],
    ],
  );
  const rounds = sheets.flatMap(({ columns }) =>
    Array.from({ length: columns.length }, (_, row) => valueAt(columnOf(columns, 'round_number'), row)),
  );
  assert.deepEqual(rounds, [0, 1, 2, 3, 4]);
  assert.deepEqual(
    sheetsOf({ schema, columns }).map(({ name }) => name),
    ['admin2'],
  );
  for (const name of ['Read me', 'snapshots', 'admin']) assert.equal(isLevelSheet(name), false);
  for (const name of LEVEL_TABLES) assert.equal(isLevelSheet(name), true);
});
