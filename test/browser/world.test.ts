// The page of a whole sample world, used by clicks and keys. Every number is compared with DuckDB's results over the files.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { duckdb } from '../setting.ts';
import { type ServedDataset, serveSample } from './serve-sample.ts';
import { axeFindings, scrollsSideways, seeAll, textOf, visit } from './visit.ts';

const number = (value: unknown): string => Number(value).toLocaleString('en-GB');

const SERIES = 'admin0_pcode, operation, assessment_type';

/** Counts of a country from DuckDB, each at the lowest level that has it, the newest first. */
const countsOf = (dataset: ServedDataset, country: string) =>
  duckdb(`SELECT *, CAST(reporting_date AS VARCHAR) AS date FROM (
    SELECT *, row_number() OVER (PARTITION BY ${SERIES}, reporting_date, round_number ORDER BY level) AS place
    FROM ${dataset.table('snapshots')} WHERE admin0_pcode = '${country}') WHERE place = 1
    ORDER BY reporting_date DESC, round_number DESC`);

async function summaryFigures(dataset: ServedDataset): Promise<void> {
  const { page, end } = await visit(dataset.browser, dataset.url);
  const [{ countries, newest } = {}] = await duckdb(
    `SELECT count(DISTINCT admin0_pcode) AS countries, CAST(max(reporting_date) AS VARCHAR) AS newest FROM ${dataset.table('snapshots')}`,
  );
  const facts = await textOf(page.locator('.facts'));
  assert.ok(facts.includes(dataset.release) && facts.includes('(today)'));
  assert.match(facts, new RegExp(`Countries with figures${countries}\\s`));
  assert.equal(await page.locator('.facts time').nth(1).getAttribute('datetime'), newest);
  for (const level of [0, 1, 2]) {
    const [{ rows } = {}] = await duckdb(`SELECT count(*) AS rows FROM ${dataset.table(`admin${level}`)}`);
    assert.ok(facts.includes(`${number(rows)} rows at level ${level}`));
  }
  const [{ series } = {}] = await duckdb(
    `SELECT count(*) AS series FROM (SELECT DISTINCT ${SERIES} FROM ${dataset.table('snapshots')})`,
  );
  assert.equal(await page.locator('#freshness-table tbody tr').count(), Number(series));
  assert.ok(await page.locator('.banner').isVisible());
  await end();
}

async function chooseByTyping(dataset: ServedDataset): Promise<void> {
  const { page, end } = await visit(dataset.browser, dataset.url);
  await page.locator('#country').click();
  await page.keyboard.type('haiti');
  assert.equal(await page.locator('#countries [role=option]:visible').count(), 1);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.country[data-country=HTI] .lines svg');
  assert.match(page.url(), /#country=HTI$/);
  const counts = await countsOf(dataset, 'HTI');
  const [newest] = counts;
  const readout = page.locator('.readout');
  assert.equal(await textOf(readout.locator('.readout-figure')), number(newest?.idps));
  assert.ok((await textOf(readout)).includes(`round ${newest?.round_number}`));
  await page.locator('.history summary').click();
  const rows = page.locator('.history tbody tr');
  // The event `toggle`, which creates the table, comes after the element opens.
  await rows.first().waitFor();
  assert.equal(await rows.count(), counts.length);
  const shown = await rows.evaluateAll((all) =>
    all.map((row) => [...(row as HTMLTableRowElement).cells].slice(3, 6).map((cell) => cell.textContent)),
  );
  const figure = (value: unknown) => (value === null ? 'no figure' : number(value));
  const expected = counts.map(({ idps, males, females }) => [idps, males, females].map(figure));
  assert.deepEqual(shown.map(String).sort(), expected.map(String).sort());
  await end();
}

async function readByKeyboard(dataset: ServedDataset): Promise<void> {
  const { page, end } = await visit(dataset.browser, `${dataset.url}#country=SDN`);
  await page.waitForSelector('.country[data-country=SDN] .lines svg');
  const buttons = page.locator('.legend button');
  assert.ok((await buttons.count()) >= 3);
  await buttons.nth(1).focus();
  await page.keyboard.press('Enter');
  assert.equal(await buttons.nth(1).getAttribute('aria-pressed'), 'true');
  const name = await textOf(buttons.nth(1));
  const counts = (await countsOf(dataset, 'SDN')).filter(
    ({ operation, assessment_type }) => `${operation} (${assessment_type})` === name,
  );
  await page.locator('.lines .stage').focus();
  await page.keyboard.press('ArrowLeft');
  assert.equal(await textOf(page.locator('.readout-figure')), number(counts[1]?.idps));
  await page.keyboard.press('Home');
  assert.equal(await textOf(page.locator('.readout-figure')), number(counts.at(-1)?.idps));
  const reasons =
    await duckdb(`SELECT displacement_reason AS reason, sum(num_present_idp_ind) AS idps FROM ${dataset.table('admin0')}
    WHERE admin0_pcode = 'SDN' AND operation = '${counts.at(-1)?.operation}' AND assessment_type = '${counts.at(-1)?.assessment_type}'
    AND reporting_date = DATE '${counts.at(-1)?.date}' AND round_number = ${counts.at(-1)?.round_number} GROUP BY ALL`);
  const shown = await page.locator('.readout .reasons li').allInnerTexts();
  assert.deepEqual(
    shown.map((text) => text.replaceAll(/\s+/g, ' ')).sort(),
    reasons.map(({ reason, idps }) => `${reason} ${number(idps)}`).sort(),
  );
  await end();
}

async function pointAtAPoint(dataset: ServedDataset): Promise<void> {
  const { page, end } = await visit(dataset.browser, `${dataset.url}#country=SDN`);
  const chart = page.locator('.lines .stage');
  await page.waitForSelector('.country[data-country=SDN] .lines svg');
  const before = await textOf(page.locator('.readout'));
  const box = await chart.boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + box.width * 0.8, box.y + box.height / 2);
  assert.notEqual(await textOf(page.locator('.readout')), before);
  assert.ok(await page.locator('.lines .ring').isVisible());
  await end();
}

async function areasOfNewestCount(dataset: ServedDataset): Promise<void> {
  const { page, end } = await visit(dataset.browser, `${dataset.url}#country=SDN`);
  await page.waitForSelector('.country[data-country=SDN] .bars .bar-name');
  const name = await textOf(page.locator('.legend [aria-pressed=true]'));
  const areas =
    await duckdb(`SELECT min(admin1_name) AS name, sum(num_present_idp_ind) AS idps FROM ${dataset.table('admin1')}
    WHERE admin0_pcode = 'SDN' AND is_latest AND operation || ' (' || assessment_type || ')' = '${name.replaceAll("'", "''")}'
    GROUP BY admin1_pcode, CASE WHEN admin1_pcode IS NULL THEN admin1_name END ORDER BY idps DESC`);
  const table = page.locator('.areas .bars').first();
  const shown = await table
    .locator('tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) => `${row.querySelector('bdi')?.textContent} ${row.querySelector('td')?.textContent}`),
    );
  assert.ok(shown.length > 1);
  assert.deepEqual(
    shown,
    areas.slice(0, 20).map(({ name: area, idps }) => `${area ?? 'not placed in any area'} ${number(idps)}`),
  );
  await end();
}

async function backAndForward(dataset: ServedDataset): Promise<void> {
  const { page, end } = await visit(dataset.browser, `${dataset.url}#country=HTI`);
  await page.waitForSelector('.country[data-country=HTI]');
  await page.locator('#country').click();
  await page.locator('#country-TCD').click();
  await page.waitForSelector('.country[data-country=TCD]');
  await page.goBack();
  await page.waitForSelector('.country[data-country=HTI]');
  assert.equal(await page.locator('#country').inputValue(), 'Haiti');
  await page.goForward();
  await page.waitForSelector('.country[data-country=TCD]');
  await page.goto(`${dataset.url}#country=XXX`);
  await page.waitForSelector('[data-picture] .notice');
  assert.match(await textOf(page.locator('[data-picture]')), /no figures for XXX/);
  await end();
}

async function sortAndFilter(dataset: ServedDataset): Promise<void> {
  const { page, end } = await visit(dataset.browser, dataset.url);
  const ages = () =>
    page
      .locator('#freshness-table tbody tr:visible [data-age]')
      .evaluateAll((cells) => cells.map((cell) => Number((cell as HTMLElement).dataset.sort)));
  const head = page.locator('#freshness-table th', { hasText: 'Age' });
  await head.locator('button').click();
  assert.equal(await head.getAttribute('aria-sort'), 'ascending');
  const up = await ages();
  assert.deepEqual(
    up,
    up.toSorted((a, b) => a - b),
  );
  await head.locator('button').press('Enter');
  const down = await ages();
  assert.deepEqual(
    down,
    down.toSorted((a, b) => b - a),
  );
  await page.locator('[data-overdue-only]').check();
  const [{ overdue } = {}] =
    await duckdb(`WITH f AS (SELECT ${SERIES}, any_value(operation_status) AS status, max(reporting_date) AS last
      FROM ${dataset.table('snapshots')} GROUP BY ALL),
    g AS (SELECT ${SERIES}, level, days_since_previous AS days, row_number() OVER (PARTITION BY ${SERIES}, level ORDER BY days_since_previous) AS place,
      count(*) OVER (PARTITION BY ${SERIES}, level) AS n FROM ${dataset.table('snapshots')} WHERE days_since_previous > 0),
    m AS (SELECT *, row_number() OVER (PARTITION BY ${SERIES} ORDER BY n DESC, level) AS choice FROM g WHERE 2 * place IN (n, n + 1))
    SELECT count(*) AS overdue FROM f JOIN m USING (${SERIES}) WHERE choice = 1 AND status = 'Active' AND current_date - last > 2 * days`);
  assert.equal(await page.locator('#freshness-table tbody tr:visible').count(), Number(overdue));
  assert.ok(Number(overdue) > 3);
  await end();
}

async function dotsOfFreshness(dataset: ServedDataset): Promise<void> {
  const { page, end } = await visit(dataset.browser, dataset.url);
  await seeAll(page);
  const rows = await page.locator('#freshness-table tbody tr').count();
  assert.equal(await page.locator('.overview svg [aria-label=dot] circle').count(), rows);
  await page.locator('.overview .stage').first().focus();
  await page.keyboard.press('End');
  const readout = await textOf(page.locator('.readout-line'));
  const actives = await page
    .locator('#freshness-table tbody tr', { has: page.locator('[data-status]', { hasText: /^Active$/ }) })
    .evaluateAll((all) =>
      all.map((row) => ({
        name: row.querySelector('td bdi')?.textContent ?? '',
        days: Number(row.querySelector<HTMLElement>('[data-age]')?.dataset.sort),
      })),
    );
  const oldest = Math.max(...actives.map(({ days }) => days));
  assert.ok(
    actives.some(({ name, days }) => days === oldest && readout.includes(name)),
    readout,
  );
  assert.match(readout, /years old.*overdue/);
  await end();
}

async function accessible(dataset: ServedDataset, t: TestContext): Promise<void> {
  for (const [width, colorScheme] of [
    [1440, 'light'],
    [1440, 'dark'],
    [320, 'light'],
    [320, 'dark'],
    [768, 'light'],
  ] as const) {
    const { page, end } = await visit(dataset.browser, dataset.url, { width, colorScheme });
    await seeAll(page);
    await page.locator('#by-country summary').first().click();
    const { violations, passes } = await axeFindings(page);
    assert.deepEqual(violations, [], `${width} ${colorScheme}`);
    t.diagnostic(`axe at ${width} px, ${colorScheme}: no violation, ${passes} rules passed`);
    assert.equal(await scrollsSideways(page), false, `${width} px`);
    await end();
  }
}

/** The focus scrolls to the chooser, which then shows the first country. */
async function typeOverTheFirstCountry({ browser, url }: ServedDataset): Promise<void> {
  const { page, end } = await visit(browser, url);
  await page.focus('#country');
  await page.waitForFunction(() => document.querySelector<HTMLInputElement>('#country')?.value !== '');
  await page.keyboard.type('chad');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.country[data-country=TCD]');
  await end();
}

test('the page of a whole sample world', async (t) => {
  const dataset = await serveSample(t);
  await t.test('the summary of the page equals what the files hold', () => summaryFigures(dataset));
  await t.test('a country is chosen by typing, and its counts equal those of the files', () =>
    chooseByTyping(dataset),
  );
  await t.test('what is typed replaces the country that is shown meanwhile', () =>
    typeOverTheFirstCountry(dataset),
  );
  await t.test('arrow keys move through the counts and show their reasons', () => readByKeyboard(dataset));
  await t.test('a pointer over the chart shows the nearest count', () => pointAtAPoint(dataset));
  await t.test('areas of the newest count are ranked by persons', () => areasOfNewestCount(dataset));
  await t.test('links to a country and the back button work', () => backAndForward(dataset));
  await t.test('the table of freshness can be sorted and filtered', () => sortAndFilter(dataset));
  await t.test('the dot plot of freshness has one dot for each operation of the table', () =>
    dotsOfFreshness(dataset),
  );
  await t.test('axe finds no violation, wide and narrow, light and dark', (subtest) =>
    accessible(dataset, subtest),
  );
});
