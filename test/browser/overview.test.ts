// The first sight of the page: the map of the world and the ranked list, compared with DuckDB's results over the files.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { duckdb } from '../setting.ts';
import { chosenSeries } from './chosen-series.ts';
import { type ServedDataset, serveSample } from './serve-sample.ts';
import { CHROMIUM_ALONE } from './start-browser.ts';
import { axeFindings, scrollsSideways, textOf, visit } from './visit.ts';

const number = (value: unknown): string => Number(value).toLocaleString('en-GB');

const waitForMap = (page: Page) => page.waitForSelector('[data-map] svg.world-map');

const listed = (page: Page): Promise<string[]> =>
  page
    .locator('.ranked li')
    .evaluateAll((items) =>
      items.map(
        (item) => `${item.querySelector('bdi')?.textContent} ${item.querySelector('.figure')?.textContent}`,
      ),
    );

interface ShownCircle {
  readonly code: string;
  readonly r: number;
  readonly isLate: boolean;
}

const circlesOf = (page: Page): Promise<ShownCircle[]> =>
  page.locator('.world-map circle.count').evaluateAll((circles) =>
    circles.map((circle) => ({
      code: circle.getAttribute('data-code') ?? '',
      r: Number(circle.getAttribute('r')),
      isLate: circle.classList.contains('late'),
    })),
  );

/** Paths of what the first sight loads, and their size as a web server compresses it. */
async function weigh({ folder }: ServedDataset, paths: Iterable<string>): Promise<number> {
  const sizes = [...paths].map(async (path) => {
    const body = await readFile(join(folder, path === '/' ? 'index.html' : path)).catch(() =>
      Buffer.alloc(0),
    );
    return gzipSync(body, { level: 6 }).length;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function firstSight(dataset: ServedDataset, t: TestContext): Promise<void> {
  const { page, fetched, end } = await visit(dataset.browser, dataset.url);
  await waitForMap(page);
  for (const part of [
    'h1',
    '.facts-line',
    '#world-title',
    '.rule',
    '.world-map',
    '.ranked li:nth-child(12)',
  ]) {
    const box = await page.locator(part).boundingBox();
    assert.ok(box && box.y >= 0 && box.y + box.height <= 900, `${part}: ${JSON.stringify(box)}`);
  }
  await page.waitForTimeout(400);
  assert.ok([...fetched.keys()].every((path) => !/charts|picture|viewer/.test(path)));
  const bytes = await weigh(dataset, fetched.keys());
  t.diagnostic(`the first sight loads ${bytes} bytes, compressed`);
  assert.ok(bytes < 100_000);
  await end();
}

/** The lines of the list, from the files. */
const countsOfList = async (dataset: ServedDataset): Promise<string[]> =>
  (await chosenSeries(dataset)).map((row) => `${row.name} ${number(row.idps)}`);

async function ranked(dataset: ServedDataset): Promise<void> {
  const expected = await countsOfList(dataset);
  const { page, end } = await visit(dataset.browser, dataset.url);
  assert.deepEqual(await listed(page), expected.slice(0, 12));
  const rows = await page.locator('#world-table tbody tr').evaluateAll((all) =>
    (all as HTMLTableRowElement[]).map((row) => {
      const select = row.querySelector('select');
      const series = select ? select.selectedOptions[0]?.textContent : row.cells[2]?.textContent;
      return `${row.cells[0]?.textContent} ${row.cells[1]?.textContent?.replace(/ \(level \d\)/, '')} ${series}`;
    }),
  );
  const series = (await chosenSeries(dataset)).map(
    (row) => `${row.name} ${number(row.idps)} ${row.operation} (${row.type})`,
  );
  assert.deepEqual(rows, series);
  await end();
}

async function listedWithoutScripts(dataset: ServedDataset): Promise<void> {
  const expected = await countsOfList(dataset);
  const plain = await visit(dataset.browser, dataset.url, { javaScriptEnabled: false });
  assert.deepEqual(
    (await listed(plain.page)).map((text) => text.replaceAll(',', '')),
    expected.slice(0, 12).map((text) => text.replaceAll(',', '')),
  );
  await plain.page.locator('.ranked a').first().click();
  assert.ok(await plain.page.locator('#freshness-table tr:target').isVisible());
  assert.equal(await plain.page.locator('#world-rule, .world-map').count(), 0);
  await plain.end();
}

async function circles(dataset: ServedDataset): Promise<void> {
  const expected = await chosenSeries(dataset);
  const { page, end } = await visit(dataset.browser, dataset.url);
  await waitForMap(page);
  const shown = await circlesOf(page);
  assert.deepEqual(shown.map(({ code }) => code).sort(), expected.map(({ code }) => String(code)).sort());
  const radius = new Map(shown.map(({ code, r }) => [code, r]));
  const [first, ...others] = expected;
  for (const { code, idps } of others) {
    const r = radius.get(String(code)) as number;
    const exact = (radius.get(String(first?.code)) as number) * Math.sqrt(Number(idps) / Number(first?.idps));
    assert.ok(Math.abs(r - Math.max(2.5, exact)) < 0.02, `${code}: ${r}, ${exact}`);
  }
  const late = expected.filter(({ is_on_time }) => !is_on_time).map(({ code }) => String(code));
  assert.ok(late.length > 5);
  assert.deepEqual(
    shown
      .filter(({ isLate }) => isLate)
      .map(({ code }) => code)
      .sort(),
    late.sort(),
  );
  await end();
}

async function yearsLater(dataset: ServedDataset): Promise<void> {
  const { page, end } = await visit(dataset.browser, dataset.url);
  const before = await listed(page);
  await page.clock.setFixedTime(Date.now() + 30 * 365 * 86_400_000);
  await page.reload();
  await waitForMap(page);
  assert.deepEqual(await listed(page), before);
  assert.ok((await circlesOf(page)).every(({ isLate }) => isLate));
  assert.equal(await page.locator('.ranked .tag').count(), 12);
  await end();
}

async function byKeys(dataset: ServedDataset): Promise<void> {
  const [first, second] = await chosenSeries(dataset);
  const { page, end } = await visit(dataset.browser, dataset.url);
  await waitForMap(page);
  await page.locator('.map-stage').focus();
  const tooltip = page.locator('.map-tooltip');
  assert.equal(await tooltip.isVisible(), false);
  await page.keyboard.press('ArrowRight');
  assert.match(await textOf(tooltip), new RegExp(`^${first?.name}: ${number(first?.idps)} people present`));
  await page.keyboard.press('ArrowDown');
  const text = await textOf(tooltip);
  assert.ok(
    text.includes(`${second?.name}: `) && text.includes(`${second?.operation} (${second?.type})`),
    text,
  );
  assert.match(text, /\d{4}, .* old/);
  assert.ok(await page.locator('.world-map .ring').isVisible());
  assert.deepEqual((await axeFindings(page)).violations, []);
  await page.keyboard.press('Escape');
  assert.equal(await tooltip.isVisible(), false);
  await page.keyboard.press('Enter');
  assert.equal(new URL(page.url()).hash, '');
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await page.waitForSelector(`.country[data-country=${first?.code}]`);
  assert.ok(new URL(page.url()).hash.startsWith(`#country=${first?.code}&`));
  // The charts show the series of the circle, not another one of the country.
  await page.waitForSelector('.country .lines svg');
  assert.equal(await textOf(page.locator('.readout-figure').first()), number(first?.idps));
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'picture-title');
  await page.evaluate(() => history.back());
  await page.waitForFunction(() => location.hash === '');
  await end();
}

async function byPointer(dataset: ServedDataset): Promise<void> {
  const chosen = await chosenSeries(dataset);
  // A small circle far from others.
  const { page, end } = await visit(dataset.browser, dataset.url);
  await waitForMap(page);
  const box = await page.locator('.world-map circle[data-code=PNG]').boundingBox();
  assert.ok(box && box.width < 8, JSON.stringify(box));
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x + 11, y);
  assert.match(await textOf(page.locator('.map-tooltip')), /^Papua New Guinea: /);
  await page.mouse.move(x + 60, y - 60);
  assert.equal(await page.locator('.map-tooltip').isVisible(), false);
  await page.mouse.click(x - 8, y + 8);
  await page.waitForSelector('.country[data-country=PNG]');
  await page.locator('.ranked a').nth(2).hover();
  assert.ok(await page.locator('.world-map .ring').isVisible());
  await page.locator('.ranked a').nth(2).click();
  await page.waitForSelector(`.country[data-country=${chosen[2]?.code}]`);
  await end();
}

async function otherRules(dataset: ServedDataset): Promise<void> {
  const { page, end } = await visit(dataset.browser, dataset.url);
  await waitForMap(page);
  const [{ countries } = {}] = await duckdb(
    `SELECT count(DISTINCT admin0_pcode) AS countries FROM ${dataset.table('snapshots')} WHERE assessment_type = 'SA'`,
  );
  await page.locator('#world-rule').selectOption({ label: 'Only SA' });
  assert.equal((await circlesOf(page)).length, Number(countries));
  assert.equal(await page.locator('#world-table tbody tr').count(), Number(countries));
  assert.match(
    await textOf(page.locator('.rule')),
    /of the assessment type SA, .* Other countries have no such count\.$/,
  );
  await page.locator('#world-rule').selectOption({ label: 'Newest count' });
  const newest = await duckdb(`SELECT admin0_pcode AS code, CAST(max(reporting_date) AS VARCHAR) AS date
    FROM ${dataset.table('snapshots')} GROUP BY ALL ORDER BY code`);
  const dates = await page
    .locator('#world-table tbody tr')
    .evaluateAll((rows) =>
      (rows as HTMLTableRowElement[]).map((row) => [row.dataset.code, row.cells[3]?.textContent] as const),
    );
  const day = (date: unknown) =>
    new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(String(date)));
  assert.deepEqual(
    dates.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
    newest.map(({ code, date }) => [code, day(date)]),
  );
  await end();
}

async function ownSeries(dataset: ServedDataset): Promise<void> {
  const { page, end } = await visit(dataset.browser, dataset.url);
  await waitForMap(page);
  const before = await circlesOf(page);
  await page.locator('.world-table > summary').click();
  const select = page.locator('#series-SDN');
  const current = await select.inputValue();
  const other = current === '0' ? '1' : '0';
  const label = (await textOf(select.locator('option').nth(Number(other)))).replace(/ \(\w+\)$/, '');
  await select.focus();
  await select.selectOption(other);
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'series-SDN');
  const [{ idps } = {}] =
    await duckdb(`SELECT idps FROM ${dataset.table('snapshots')} WHERE admin0_pcode = 'SDN'
    AND operation = '${label.replaceAll("'", "''")}' AND is_latest ORDER BY reporting_date DESC, round_number DESC, level LIMIT 1`);
  assert.ok((await textOf(page.locator('#world-table tr[data-code=SDN]'))).includes(number(idps)));
  assert.match(await textOf(page.locator('.rule')), /You chose: \u2068Sudan\u2069$/);
  const after = await circlesOf(page);
  const changed = after.filter(({ code, r }) => before.find((one) => one.code === code)?.r !== r);
  assert.deepEqual(
    changed.map(({ code }) => code),
    ['SDN'],
  );
  const figures = await page.locator('#world-table tbody td:nth-child(2)').allTextContents();
  const values = figures.map((text) => Number(text.replace(/ .*/, '').replaceAll(',', '')));
  assert.deepEqual(
    values,
    values.toSorted((a, b) => b - a),
  );
  await end();
}

async function everywhere(dataset: ServedDataset): Promise<void> {
  for (const [width, colorScheme] of [
    [1440, 'dark'],
    [1040, 'light'],
    [768, 'light'],
    [320, 'light'],
  ] as const) {
    const { page, end } = await visit(dataset.browser, dataset.url, { width, colorScheme });
    await waitForMap(page);
    await page.locator('.world-table > summary').click();
    await page.locator('.about-release > summary').click();
    const box = await page
      .locator('#freshness .scroll')
      .evaluate((scroll) => [scroll.scrollWidth, scroll.clientWidth]);
    assert.equal(box[0], box[1], `freshness at ${width} px`);
    const cell = page.locator('#freshness-table tbody tr').first().locator('td').last();
    await cell.scrollIntoViewIfNeeded();
    const figure = await cell.boundingBox();
    assert.ok(figure && figure.x + figure.width <= width, `${width}: ${JSON.stringify(figure)}`);
    assert.equal(await scrollsSideways(page), false, `${width} px`);
    assert.deepEqual((await axeFindings(page)).violations, [], `${width} ${colorScheme}`);
    await end();
  }
}

async function fromDisk(dataset: ServedDataset): Promise<void> {
  const { page, end } = await visit(dataset.browser, pathToFileURL(`${dataset.folder}/index.html`).href);
  await waitForMap(page);
  await page.locator('.ranked a').first().click();
  await page.waitForSelector('.country .lines svg');
  await end();
}

async function printed(dataset: ServedDataset): Promise<void> {
  const { page, end } = await visit(dataset.browser, dataset.url);
  await waitForMap(page);
  await page.emulateMedia({ media: 'print' });
  assert.ok(await page.locator('#world-table').isVisible());
  assert.ok(await page.locator('.world-map').isVisible());
  assert.equal(await page.locator('#world-rule').isVisible(), false);
  await end();
}

test('the first sight of a whole sample world', async (t) => {
  const dataset = await serveSample(t);
  await t.test('map, list and facts are above the fold at 1440 x 900, and light', (t) =>
    firstSight(dataset, t),
  );
  await t.test('the list and the table equal what the files hold', () => ranked(dataset));
  await t.test('the list is the same without scripts', CHROMIUM_ALONE, () => listedWithoutScripts(dataset));
  await t.test('the area of a circle is the figure, and circles of late counts are pale', () =>
    circles(dataset),
  );
  await t.test('years later, the same figures are shown, all pale', () => yearsLater(dataset));
  await t.test('keys go from country to country and open one', () => byKeys(dataset));
  await t.test('a pointer hits small circles, and links of the list open a country', () =>
    byPointer(dataset),
  );
  await t.test('another rule shows other counts', () => otherRules(dataset));
  await t.test('the reader can choose another series for one country', () => ownSeries(dataset));
  await t.test('at four widths nothing is cut off, and axe finds no violation', () => everywhere(dataset));
  await t.test('the map works from disk', () => fromDisk(dataset));
  await t.test('the map is printed with its table', CHROMIUM_ALONE, () => printed(dataset));
});
