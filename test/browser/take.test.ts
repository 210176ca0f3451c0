// The sections "Take it" and "Look into it": downloads, snippets that run, rows by range requests.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Locator, Page } from 'playwright-core';
import { duckdb, runInThisProcess, temporaryFolder } from '../setting.ts';
import { type ServedDataset, serveSample } from './serve-sample.ts';
import { seeAll, textOf, visit } from './visit.ts';

/** Every download has the size and the SHA-256 that are on the page. */
async function downloads({ browser, url }: ServedDataset): Promise<void> {
  const { page, end } = await visit(browser, url);
  await page.locator('#by-country summary').first().click();
  const links = await page.locator('#take a[data-bytes]').evaluateAll((all) =>
    all.map((link) => ({
      href: (link as HTMLAnchorElement).href,
      bytes: Number((link as HTMLElement).dataset.bytes),
    })),
  );
  const sums = await page
    .locator('#take .sums')
    .evaluateAll((all) => all.map((list) => list.textContent).join(' '));
  assert.ok(links.length > 250);
  for (const { href, bytes } of links) {
    const response = await fetch(href);
    const body = Buffer.from(await response.arrayBuffer());
    assert.deepEqual([response.status, body.length], [200, bytes], href);
    assert.ok(sums.includes(createHash('sha256').update(body).digest('hex')), href);
  }
  const others = await page
    .locator('#take p a, #releases a, #columns a')
    .evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href));
  for (const href of others) assert.equal((await fetch(href)).status, 200, href);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('#whole-tables a').first().click(),
  ]);
  assert.match(download.suggestedFilename(), /^admin0\.(parquet|csv\.gz)$/);
  await end();
}

const snippet = (page: Page, name: string): Locator =>
  page.locator('.snippets details', { has: page.locator('summary', { hasText: name }) });

/** The snippets have the page's address, can be copied by a click, and run. */
async function snippets(dataset: ServedDataset, folder: string): Promise<void> {
  const { browser, url, release } = dataset;
  const { page, end } = await visit(browser, url, { permissions: ['clipboard-read', 'clipboard-write'] });
  for (const code of await page.locator('.snippets code').allTextContents())
    assert.ok(!code.includes('YOUR-ADDRESS'));
  const duck = snippet(page, 'DuckDB');
  await duck.locator('.copy').click();
  await page.waitForFunction(() => document.querySelector('.copy')?.textContent === 'Copied');
  const sql = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(sql, await textOf(duck.locator('code')));
  assert.ok(sql.includes(`FROM '${url}releases/${release}/`));
  const rows = await duckdb(sql.replace(url, `${dataset.folder}/`));
  const [{ series } = {}] = await duckdb(
    `SELECT count(*) AS series FROM ${dataset.table('snapshots')} WHERE level = 0 AND is_latest`,
  );
  assert.equal(rows.length, Number(series));
  const command = await textOf(snippet(page, 'dtm-exporter').locator('code'));
  const words = command.replace('npx dtm-exporter ', '').replace('./dtm', folder).split(' ');
  assert.equal((await runInThisProcess(words)).exit, 0, command);
  assert.deepEqual(
    (await readdir(join(folder, 'releases', release, 'csv'))).filter((name) => name.endsWith('.gz')),
    ['admin1.csv.gz', 'snapshots.csv.gz'],
  );
  await end();
}

async function viewer(dataset: ServedDataset): Promise<void> {
  const { browser, url, table } = dataset;
  const { page, fetched, end } = await visit(browser, url);
  assert.ok(
    ![...fetched.keys()].some((path) => path.includes('viewer')),
    'the viewer is not loaded before the click',
  );
  const ranges: string[] = [];
  page.on('request', (request) => ranges.push(request.headers().range ?? ''));
  await page.locator('[data-viewer] button').click();
  await page.waitForSelector('.rows table');
  const cost = page.locator('.cost');
  assert.match(await textOf(cost), /^The first 50 of 1,\d{3} rows\. Read .* of .* in 1 request\.$/);
  assert.deepEqual(ranges.filter(Boolean), [], 'a small file is fetched whole');
  await page.locator('#viewer-file').selectOption({ label: await optionOf(page, 'snapshots.parquet') });
  await page.waitForFunction(() => document.querySelector('.rows th')?.textContent === 'level');
  await page.locator('#viewer-column').selectOption('idps');
  await page.locator('#viewer-comparison').selectOption('at least');
  await page.locator('#viewer-value').fill('5000000');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => /match/.test(document.querySelector('.cost')?.textContent ?? ''));
  const found = await duckdb(
    `SELECT idps, CAST(reporting_date AS VARCHAR) AS date FROM (SELECT *, row_number() OVER () AS place FROM ${table('snapshots')}) WHERE idps >= 5000000 ORDER BY place`,
  );
  const shown = await page
    .locator('.rows tbody tr')
    .evaluateAll((rows) => rows.map((row) => row.children[10]?.textContent));
  assert.ok(found.length > 0);
  assert.deepEqual(
    shown,
    found.slice(0, 50).map(({ idps }) => Number(idps).toLocaleString('en-GB')),
  );
  await page.locator('#viewer-column').selectOption('admin0_pcode');
  await page.locator('#viewer-comparison').selectOption('is');
  await page.locator('#viewer-value').fill('nowhere');
  await page.locator('.filter-form button[type=submit]').click();
  await page.waitForFunction(() => /^0 rows match/.test(document.querySelector('.cost')?.textContent ?? ''));
  await page.locator('.filter-form button', { hasText: 'Clear' }).click();
  await page.waitForFunction(() => /^The first 50/.test(document.querySelector('.cost')?.textContent ?? ''));
  await end();
}

const optionOf = async (page: Page, name: string): Promise<string> =>
  (await page.locator('#viewer-file option').allTextContents()).find((text) => text.startsWith(name)) ?? '';

/** Compressed bytes of the first view, as a CDN sends them, and of the page with all its charts. */
async function weights({ browser, url }: ServedDataset): Promise<{ first: number; seen: number }> {
  const { page, end } = await visit(browser, url);
  const sizeOf = async (paths: readonly string[]): Promise<number> => {
    const bodies = await Promise.all(
      paths.map(async (path) => Buffer.from(await (await fetch(new URL(path, url))).arrayBuffer())),
    );
    return bodies.reduce((sum, body) => sum + gzipSync(body, { level: 6 }).length, 0);
  };
  const loaded = () =>
    page.evaluate(() => [location.href, ...performance.getEntriesByType('resource').map(({ name }) => name)]);
  const first = await loaded();
  await seeAll(page);
  const all = await loaded();
  assert.ok(!first.some((path) => /charts|picture|viewer/.test(path)), 'the first view loads no charts');
  await end();
  return { first: await sizeOf(first), seen: await sizeOf(all) };
}

test('downloads, snippets and the viewer of a whole world', async (t) => {
  const dataset = await serveSample(t);
  const folder = await temporaryFolder(t);
  await t.test('every download has status 200 and the size and SHA-256 of the page', () =>
    downloads(dataset),
  );
  await t.test('snippets have the address of this page, are copied by a click, and run', () =>
    snippets(dataset, folder),
  );
  await t.test('the viewer shows rows, filters them, and says how many bytes it fetched', () =>
    viewer(dataset),
  );
  await t.test('the first view is below 100 kB, and 200 kB with the map and all charts', async (subtest) => {
    const { first, seen } = await weights(dataset);
    subtest.diagnostic(`first view ${first} bytes compressed, with all charts ${seen}`);
    assert.ok(first < 100_000 && seen < 200_000, `${first}, ${seen}`);
  });
});
