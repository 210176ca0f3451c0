// The bar under the map of the world: CSV, PNG and SVG are saved and read back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { duckdb, readCsv, temporaryFolder } from '../setting.ts';
import { chosenSeries } from './chosen-series.ts';
import { pictureFacts, save, svgTexts } from './read-download.ts';
import { type ServedDataset, serveSample } from './serve-sample.ts';
import { CHROMIUM_ALONE } from './start-browser.ts';
import { axeFindings, textOf, visit } from './visit.ts';

const COLUMNS = [
  ...['admin0_pcode', 'admin0_name', 'operation', 'assessment_type', 'reporting_date', 'round_number'],
  ...['level', 'idps', 'timeliness', 'timeliness_on', 'rule', 'release', 'credit'],
];

interface Setting {
  readonly dataset: ServedDataset;
  readonly folder: string;
}

const bar = (page: Page) => page.locator('[aria-label="Take the map"]');
const button = (page: Page, words: string) => bar(page).locator('button', { hasText: words });

const open = async ({ browser, url }: ServedDataset, hash = '', options = {}) => {
  const visited = await visit(browser, `${url}${hash}`, options);
  await visited.page.waitForSelector('[data-map] svg.world-map');
  return visited;
};

const isoDay = (): string => new Date().toISOString().slice(0, 10);

/** The rows of a CSV of the map as DuckDB reads them, and as they are chosen from the published files. */
async function compareCsv(
  { dataset, folder }: Setting,
  page: Page,
  where: string,
): Promise<Record<string, unknown>[]> {
  const { path } = await save(page, button(page, 'CSV'), folder);
  const rows = await duckdb(`FROM ${readCsv(path)}`);
  const published = await chosenSeries(dataset, where);
  assert.deepEqual(
    rows.map((row) => COLUMNS.slice(0, 9).map((column) => row[column] ?? null)),
    published.map(({ code, name, operation, type, date, round, level, idps, timeliness }) =>
      [code, name, operation, type, date, round, level, idps, timeliness].map((value) =>
        value === null ? null : String(value),
      ),
    ),
  );
  return rows;
}

async function csvOfRules(setting: Setting): Promise<void> {
  const { page, end } = await open(setting.dataset);
  const rows = await compareCsv(setting, page, 'true');
  assert.deepEqual(Object.keys(rows[0] ?? {}), COLUMNS);
  assert.ok(new Set(rows.map(({ timeliness }) => timeliness)).size > 1);
  const { release } = setting.dataset;
  for (const row of rows) {
    assert.match(
      String(row.rule),
      new RegExp(`the most people that was not overdue on ${isoDay()}, else the newest`),
    );
    assert.deepEqual([row.release, row.timeliness_on], [release, isoDay()]);
    assert.match(String(row.credit), /Invented figures/);
  }
  // A page that stays open shows the state of the day on which it was opened.
  await page.clock.setFixedTime(Date.now() + 40 * 86_400_000);
  const { name, bytes } = await save(page, button(page, 'CSV'), setting.folder);
  assert.ok(bytes.includes(`,${isoDay()},`));
  assert.equal(name, `world-most-people-not-overdue-${release}.csv`);
  assert.equal(await textOf(bar(page).locator('.said')), `Saved ${name}`);
  const text = bytes.toString('utf8');
  assert.ok(text.startsWith('"admin0_pcode","admin0_name"') && text.endsWith('\n') && !text.includes('\r'));
  await page.locator('#world-rule').selectOption({ label: 'Only SA' });
  const only = await compareCsv(setting, page, "assessment_type = 'SA'");
  assert.ok(only.length > 3 && only.length < rows.length);
  assert.match(String(only[0]?.rule), /^of its operations of the assessment type SA/);
  await end();
}

async function csvOfOwnChoice(setting: Setting): Promise<void> {
  const { page, end } = await open(setting.dataset);
  await page.locator('.world-table > summary').click();
  const select = page.locator('#series-SDN');
  await select.selectOption((await select.inputValue()) === '0' ? '1' : '0');
  const series = await select.locator('option:checked').textContent();
  await compareCsv(
    setting,
    page,
    `(admin0_pcode <> 'SDN' OR operation || ' (' || assessment_type || ')' = '${series?.replaceAll("'", "''")}')`,
  );
  const { name, path } = await save(page, button(page, 'CSV'), setting.folder);
  assert.match(name, /^world-most-people-not-overdue-own-choice-/);
  const rules = await duckdb(
    `SELECT admin0_pcode AS code FROM ${readCsv(path)} WHERE rule = 'chosen by the reader'`,
  );
  assert.deepEqual(rules, [{ code: 'SDN' }]);
  await end();
}

async function pictures({ dataset, folder }: Setting): Promise<void> {
  // A dark and narrow page: the pictures are light and wide all the same.
  const { page, end } = await open(dataset, '#world=only&type=SA', { colorScheme: 'dark', width: 320 });
  const blank = await dataset.browser.newPage();
  const png = await save(page, button(page, 'PNG'), folder);
  const facts = await pictureFacts(blank, png);
  assert.equal(facts.width, 2000);
  assert.ok(facts.height > 1000 && facts.height < 2000, `${facts.height} px high`);
  assert.ok(facts.ink > 0.1 && facts.ink < 0.6, `${facts.ink} is drawn`);
  assert.ok(facts.colors > 50);
  assert.equal(facts.corner, '255,255,255');
  const svg = await save(page, button(page, 'SVG'), folder);
  const texts = await svgTexts(blank, svg);
  assert.ok(Math.abs((await pictureFacts(blank, svg)).ink - facts.ink) < 0.02, 'both show the same');
  const all = texts.join(' ').replaceAll(/[\u2068\u2069]/g, '');
  assert.match(all, /^Invented figures\. This is a sample world.*No number here is about real people/);
  assert.ok(all.includes(await textOf(page.locator('.rule'))), all);
  assert.ok(all.includes(await textOf(page.locator('[data-map-words]'))), all);
  assert.match(all, /The boundaries and names shown do not imply endorsement/);
  assert.ok(all.includes("Source: dtm-exporter's simulator. Invented figures, not IOM data. Release"), all);
  assert.ok(all.includes(dataset.release) && all.includes('Licence: No licence'));
  const today = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date());
  assert.ok(all.includes(`State of ${today}.`), all);
  assert.doesNotMatch(all, /127\.0\.0\.1|http/, 'an address of this machine has no place in a picture');
  const circles = (page: Page, source: string) =>
    page.evaluate(
      (text) =>
        [...new DOMParser().parseFromString(text, 'image/svg+xml').querySelectorAll('circle[fill-opacity]')]
          .length,
      source,
    );
  assert.equal(
    await circles(blank, svg.bytes.toString('utf8')),
    await page.locator('.world-map .count').count(),
  );
  await blank.close();
  await end();
}

async function byKeys({ dataset, folder }: Setting): Promise<void> {
  const { page, end } = await open(dataset, '', { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.locator('#world-rule').selectOption({ label: 'Newest count' });
  await page.locator('.map-stage').focus();
  const order: string[] = [];
  for (let step = 0; step < 4; step++) {
    await page.keyboard.press('Tab');
    order.push(await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? ''));
  }
  assert.deepEqual(order, ['CSV: the map', 'PNG: the map', 'SVG: the map', 'Copy link: the map']);
  await page.keyboard.press('Enter');
  await bar(page).locator('.said', { hasText: 'Link copied' }).waitFor();
  assert.equal(await bar(page).locator('.said').getAttribute('role'), 'status');
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${dataset.url}#world=newest`);
  for (let step = 0; step < 3; step++) await page.keyboard.press('Shift+Tab');
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Space')]);
  await download.saveAs(`${folder}/by-keys.csv`);
  assert.ok((await duckdb(`FROM ${readCsv(`${folder}/by-keys.csv`)}`)).length > 10);
  assert.deepEqual((await axeFindings(page)).violations, []);
  await end();
}

async function withoutMap({ dataset }: Setting): Promise<void> {
  const plain = await visit(dataset.browser, dataset.url, { javaScriptEnabled: false });
  assert.equal(await plain.page.locator('.download-bar').count(), 0);
  await plain.end();
  const { page, end } = await visit(dataset.browser, dataset.url, { expected: /ERR_FAILED/ });
  await page.context().route(/\/map-/, (route) => route.abort());
  await page.reload();
  await page.waitForSelector('[data-map] .notice');
  assert.equal(await page.locator('#world .download-bar').count(), 0);
  await end();
  const printed = await open(dataset);
  await printed.page.emulateMedia({ media: 'print' });
  assert.equal(await bar(printed.page).isVisible(), false);
  assert.ok(await printed.page.locator('.world-map').isVisible());
  await printed.end();
}

async function fromDisk({ dataset, folder }: Setting): Promise<void> {
  const { page, end } = await visit(
    dataset.browser,
    `${pathToFileURL(`${dataset.folder}/index.html`).href}#world=newest`,
  );
  await page.waitForSelector('[data-map] svg.world-map');
  assert.match(await textOf(page.locator('.rule')), /the newest of all/);
  const csv = await save(page, button(page, 'CSV'), folder);
  assert.ok((await duckdb(`FROM ${readCsv(csv.path)}`)).length > 10);
  const blank = await dataset.browser.newPage();
  assert.ok((await pictureFacts(blank, await save(page, button(page, 'PNG'), folder))).ink > 0.1);
  const svg = await save(page, button(page, 'SVG'), folder);
  assert.match((await svgTexts(blank, svg)).join(' '), /the newest of all/);
  await end();
}

test('what the map shows can be saved', async (t) => {
  const dataset = await serveSample(t);
  const setting = { dataset, folder: await temporaryFolder(t) };
  await t.test('the CSV of a rule has one row of each country, with the figures of the files', () =>
    csvOfRules(setting),
  );
  await t.test('the CSV has the series that the reader chose for a country, and says so', () =>
    csvOfOwnChoice(setting),
  );
  await t.test('PNG and SVG are light, complete, and say the rule and where the figures come from', () =>
    pictures(setting),
  );
  await t.test('keys reach the bar after the map, and save and copy', CHROMIUM_ALONE, () => byKeys(setting));
  await t.test('there is no bar without a map, and none in print', CHROMIUM_ALONE, () => withoutMap(setting));
  await t.test('a page opened from disk saves all three', () => fromDisk(setting));
});

test('a picture of a public dataset has a link that opens the same map', async (t) => {
  const dataset = await serveSample(t, {
    countries: ['HTI', 'SDN'],
    context: { publicUrl: 'https://example.org/dtm/' },
  });
  const folder = await temporaryFolder(t);
  const { page, end } = await open(dataset, '#world=newest');
  const blank = await dataset.browser.newPage();
  const svg = await save(page, button(page, 'SVG'), folder);
  const texts = await svgTexts(blank, svg);
  assert.ok(texts.includes('https://example.org/dtm/index.html#world=newest'), texts.join('\n'));
  await end();
});
