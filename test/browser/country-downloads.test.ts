// The bar under each chart of a country: CSV, PNG and SVG are saved and read back.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import {
  ACCENT,
  INK,
  LAND,
  LINE_COLORS,
  PAPER,
  SOFT,
} from '../../lib/catalogue/page/browser/charts/colors.ts';
import type { CountryContext } from '../../lib/catalogue/page/browser/country/context.ts';
import { areaCsv, type ShownArea } from '../../lib/catalogue/page/browser/country/take/rows.ts';
import { toCsv } from '../../lib/catalogue/page/browser/elements/csv.ts';
import type { ChartArea } from '../../lib/catalogue/page/charts/country-chart-data.ts';
import { csvHeader, renderCsv } from '../../lib/format/csv.ts';
import { createColumn } from '../../lib/table/columns.ts';
import type { ColumnSchema } from '../../lib/table/definitions.ts';
import { dayNumber } from '../../lib/table/ingest.ts';
import { duckdb, ROOT, readCsv, temporaryFolder } from '../setting.ts';
import { pictureFacts, save, svgTexts } from './read-download.ts';
import { type ServedDataset, serveSample } from './serve-sample.ts';
import { textOf, visit } from './visit.ts';

const COLUMNS = [
  ...['admin0_pcode', 'admin0_name', 'admin1_pcode', 'admin1_name', 'operation', 'assessment_type'],
  ...['reporting_date', 'round_number', 'level', 'idps', 'release', 'credit'],
];

interface Setting {
  readonly dataset: ServedDataset;
  readonly folder: string;
}

const bar = (page: Page, chart: string) => page.locator(`[aria-label="Take ${chart}"]`);
const button = (page: Page, chart: string, words: string) =>
  bar(page, chart).locator('button', { hasText: words });

const open = async ({ browser, url }: ServedDataset, hash: string, options = {}) => {
  const visited = await visit(browser, `${url}#${hash}`, options);
  await visited.page.waitForSelector('.country .lines svg');
  return visited;
};

const asText = (rows: readonly Record<string, unknown>[]): string[] =>
  rows.map((row) => JSON.stringify(COLUMNS.slice(0, 10).map((column) => row[column] ?? null))).sort();

/** The rows of the view's counts, all as text. */
const countRows = ({ table }: ServedDataset, country: string, where = 'true') =>
  duckdb(`SELECT admin0_pcode, admin0_name, NULL AS admin1_pcode, NULL AS admin1_name, operation, assessment_type,
    CAST(reporting_date AS VARCHAR) AS reporting_date, CAST(round_number AS VARCHAR) AS round_number,
    CAST(level AS VARCHAR) AS level, CAST(idps AS VARCHAR) AS idps
    FROM (SELECT *, row_number() OVER (PARTITION BY operation, assessment_type, reporting_date, round_number ORDER BY level) AS place
      FROM ${table('snapshots')} WHERE admin0_pcode = '${country}') WHERE place = 1 AND ${where}`);

async function csvOfOperations({ dataset, folder }: Setting): Promise<void> {
  const { page, end } = await open(dataset, 'country=SDN');
  const { name, path, bytes } = await save(page, button(page, 'the chart', 'CSV'), folder);
  assert.equal(name, `SDN-all-operations-${dataset.release}.csv`);
  const rows = await duckdb(`FROM ${readCsv(path)}`);
  assert.deepEqual(Object.keys(rows[0] ?? {}), COLUMNS);
  assert.deepEqual(asText(rows), asText(await countRows(dataset, 'SDN')));
  assert.ok(
    rows.every(
      ({ release, credit }) => release === dataset.release && /Invented figures/.test(String(credit)),
    ),
  );
  const text = bytes.toString('utf8');
  assert.ok(text.endsWith('\n') && !text.includes('\r') && !text.startsWith('\ufeff'));
  await end();
}

async function csvOfPanels({ dataset, folder }: Setting): Promise<void> {
  const { page, end } = await open(dataset, 'country=COD');
  const all = await save(page, button(page, 'the charts of all operations', 'CSV'), folder);
  assert.deepEqual(
    asText(await duckdb(`FROM ${readCsv(all.path)}`)),
    asText(await countRows(dataset, 'COD')),
  );
  await page.locator('.panel').nth(2).click();
  const label = await textOf(page.locator('.large-title'));
  const one = await save(page, button(page, 'the chart', 'CSV'), folder);
  const rows = await duckdb(`FROM ${readCsv(one.path)}`);
  const where = `operation || ' (' || assessment_type || ')' = '${label.replaceAll("'", "''")}'`;
  assert.deepEqual(asText(rows), asText(await countRows(dataset, 'COD', where)));
  assert.match(one.name, /^COD-[a-z0-9-]+-\d{4}-\d\d-\d\d\.\d+\.csv$/);
  assert.equal(await textOf(bar(page, 'the chart').locator('.said')), `Saved ${one.name}`);
  await end();
}

async function csvOfArea({ dataset, folder }: Setting): Promise<void> {
  const { page, end } = await open(dataset, 'country=MLI&area=ML91');
  const { name, path } = await save(page, button(page, 'the chart of the area', 'CSV'), folder);
  assert.match(name, /^MLI-ml91-/);
  const published = await duckdb(`SELECT admin0_pcode, min(admin0_name) AS admin0_name, admin1_pcode,
    min(admin1_name) AS admin1_name, operation, assessment_type, CAST(reporting_date AS VARCHAR) AS reporting_date,
    CAST(round_number AS VARCHAR) AS round_number, '1' AS level, CAST(sum(num_present_idp_ind) AS VARCHAR) AS idps
    FROM ${dataset.table('admin1')} WHERE admin1_pcode = 'ML91' GROUP BY ALL`);
  assert.ok(published.length > 2);
  assert.deepEqual(asText(await duckdb(`FROM ${readCsv(path)}`)), asText(published));
  await page.locator('.beside input').check();
  const both = await save(page, button(page, 'the chart of the area', 'CSV'), folder);
  const country = await countRows(dataset, 'MLI', `operation = '${published[0]?.operation}'`);
  assert.deepEqual(asText(await duckdb(`FROM ${readCsv(both.path)}`)), asText([...published, ...country]));
  await end();
}

async function pictures({ dataset, folder }: Setting): Promise<void> {
  // A dark and narrow page: the pictures are light and wide all the same.
  const { page, end } = await open(dataset, 'country=COD', { colorScheme: 'dark', width: 320 });
  const blank = await dataset.browser.newPage();
  for (const chart of ['the charts of all operations', 'the chart', 'the chart of the area']) {
    const png = await save(page, button(page, chart, 'PNG'), folder);
    const facts = await pictureFacts(blank, png);
    assert.equal(facts.width, 2000);
    assert.ok(facts.height > 1000 && facts.height < 4000, `${facts.height} px high`);
    assert.ok(facts.ink > 0.03 && facts.ink < 0.4, `${facts.ink} of ${chart} is drawn`);
    assert.ok(facts.colors > 50);
    assert.equal(facts.corner, '255,255,255');
    const svg = await save(page, button(page, chart, 'SVG'), folder);
    const texts = await svgTexts(blank, svg);
    const all = texts.join(' ').replaceAll(/[\u2068\u2069]/g, '');
    assert.match(all, /^Invented figures\. This is a sample world.*No number here is about real people/);
    assert.match(all, /Democratic Republic of the Congo/);
    assert.ok(all.includes("Source: dtm-exporter's simulator. Invented figures, not IOM data. Release"), all);
    assert.ok(all.includes(dataset.release) && all.includes('Licence: No licence'));
    assert.match(all, /\d on \d\d? \w+ 20\d\d/, 'the newest figure and its date');
    assert.doesNotMatch(all, /127\.0\.0\.1|http/, 'an address of this machine has no place in a picture');
    assert.ok(
      Math.abs((await pictureFacts(blank, svg)).ink - facts.ink) < 0.02,
      'both pictures show the same',
    );
  }
  await blank.close();
  await end();
}

async function fromDisk({ dataset, folder }: Setting): Promise<void> {
  const address = `${pathToFileURL(`${dataset.folder}/index.html`).href}#country=HTI`;
  const { page, end } = await visit(dataset.browser, address);
  await page.waitForSelector('.country .lines svg');
  const csv = await save(page, button(page, 'the chart', 'CSV'), folder);
  assert.ok((await duckdb(`FROM ${readCsv(csv.path)}`)).length > 1);
  const png = await save(page, button(page, 'the chart', 'PNG'), folder);
  const blank = await dataset.browser.newPage();
  assert.ok((await pictureFacts(blank, png)).ink > 0.03);
  const svg = await save(page, button(page, 'the chart', 'SVG'), folder);
  assert.match((await svgTexts(blank, svg)).join(' '), /Haiti/);
  await end();
}

test('what a chart shows can be saved', async (t) => {
  const dataset = await serveSample(t, { countries: ['COD', 'SDN', 'MLI', 'HTI'] });
  const setting = { dataset, folder: await temporaryFolder(t) };
  await t.test('the CSV of a chart has the counts of the files', () => csvOfOperations(setting));
  await t.test('the CSV of small charts has all operations, that of the large one the chosen one', () =>
    csvOfPanels(setting),
  );
  await t.test('the CSV of an area has its figures, and those of the country beside it', () =>
    csvOfArea(setting),
  );
  await t.test('PNG and SVG are light, complete, and say where the figures come from', () =>
    pictures(setting),
  );
  await t.test('a page opened from disk saves all three', () => fromDisk(setting));
});

test('a picture of a public dataset has a link that opens what it shows', async (t) => {
  const dataset = await serveSample(t, {
    countries: ['HTI'],
    context: { publicUrl: 'https://example.org/dtm/' },
  });
  const folder = await temporaryFolder(t);
  const { page, end } = await open(dataset, 'country=HTI');
  await page.locator('.panel').nth(1).click();
  const blank = await dataset.browser.newPage();
  const svg = await save(page, button(page, 'the chart', 'SVG'), folder);
  const link = (await svgTexts(blank, svg)).find((text) => text.startsWith('https://')) ?? '';
  assert.match(link, /^https:\/\/example\.org\/dtm\/index\.html#country=HTI&operation=/);
  const title = await textOf(page.locator('.large-title'));
  await page.goto(dataset.url + new URL(link).hash);
  await page.waitForSelector('.country .lines svg');
  assert.equal(await textOf(page.locator('.large-title')), title);
  await end();
});

test('CSV of the browser has the bytes of the published CSV', () => {
  const texts = ['plain', '', 'a "quote", comma', '=1+1', 'line\nbreak', 'عربي', null];
  const schema = [
    { name: 'text', type: 'string' },
    { name: 'reporting_date', type: 'date' },
    { name: 'idps', type: 'int64' },
  ] as unknown as readonly ColumnSchema[];
  const dates = texts.map((_, at) => `2026-0${at + 1}-28`);
  const numbers = texts.map((_, at) => (at === 2 ? null : at * 1_000_003));
  const columns = {
    length: texts.length,
    byName: new Map([
      ['text', createColumn('string', texts)],
      ['reporting_date', createColumn('date', dates.map(dayNumber))],
      ['idps', createColumn('int64', numbers)],
    ]),
  };
  const published = csvHeader(schema) + Buffer.from(renderCsv(schema, columns)).toString('utf8');
  const rows = texts.map((text, at) => [text, { date: dates[at] as string }, numbers[at] as number | null]);
  assert.equal(toCsv(['text', 'reporting_date', 'idps'], rows), published);
});

test('the CSV of an area has its name as it was in each count, and no row for a count without it', () => {
  const area: ChartArea = ['New', 'N1', [5, null, false, 0], [['Old "North"', [0]]]];
  const counts = [1, 2, 3, 4].map((round) => [`2026-0${round}-01`, round] as const);
  const series = { operation: 'Flood', assessment_type: 'BA', counts: [], areas: { counts, list: [area] } };
  const context = {
    picture: { country: 'AAA', name: 'Newland' },
    data: { release: '2026-11-28.1', credit: 'the source' },
  } as unknown as CountryContext;
  const shown = { series, area, withCountry: false } as unknown as ShownArea;
  const [head, ...rows] = areaCsv(context, shown).split('\n');
  assert.equal(head, COLUMNS.map((column) => `"${column}"`).join());
  const source = '"2026-11-28.1","the source"';
  assert.deepEqual(rows, [
    `"AAA","Newland","N1","Old ""North""","Flood","BA",2026-01-01,1,1,5,${source}`,
    `"AAA","Newland","N1","New","Flood","BA",2026-02-01,2,1,,${source}`,
    `"AAA","Newland","N1","New","Flood","BA",2026-04-01,4,1,0,${source}`,
    '',
  ]);
});

test('pictures have the light colours of the page', async () => {
  const css = await readFile(join(ROOT, 'lib/catalogue/page/browser/style/base.css'), 'utf8');
  const light = css.slice(0, css.indexOf('prefers-color-scheme: dark'));
  const colors = [...light.matchAll(/--line-\d: (#\w{6});/g)].map(([, color]) => color);
  assert.deepEqual([...LINE_COLORS], colors);
  const named = ['accent', 'land', 'ink', 'soft', 'paper'].map(
    (name) => new RegExp(`--${name}: (#\\w{6});`).exec(light)?.[1],
  );
  assert.deepEqual([ACCENT, LAND, INK, SOFT, PAPER], named);
});
