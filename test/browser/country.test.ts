// The view of a country in Chromium: small charts of many operations, areas over time, room, print. Every figure is compared
// with DuckDB's results over the files.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { duckdb } from '../setting.ts';
import { type ServedDataset, serveSample } from './serve-sample.ts';
import { CHROMIUM_ALONE } from './start-browser.ts';
import { axeFindings, scrollsSideways, textOf, visit } from './visit.ts';

const COUNTRIES = ['COD', 'SDN', 'MLI', 'DJI', 'HTI', 'MOZ', 'TCD'];

const number = (value: unknown): string => Number(value).toLocaleString('en-GB');
const figure = (value: unknown): string => (value === null ? 'no figure' : number(value));
const dayText = (date: unknown): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(String(date)));

const open = async (
  dataset: ServedDataset,
  hash: string,
  options: NonNullable<Parameters<typeof visit>[2]> = {},
) => {
  const visited = await visit(dataset.browser, `${dataset.url}#${hash}`, options);
  await visited.page.waitForSelector('.country .lines svg');
  await visited.page.waitForSelector('.area-lines svg');
  return visited;
};

/** The newest count of each series of a country, at the lowest level that has it. */
const newestCounts = (dataset: ServedDataset, country: string) =>
  duckdb(`SELECT DISTINCT ON (operation, assessment_type) operation || ' (' || assessment_type || ')' AS name,
    idps, CAST(reporting_date AS VARCHAR) AS date
    FROM ${dataset.table('snapshots')} WHERE admin0_pcode = '${country}'
    ORDER BY operation, assessment_type, reporting_date DESC, round_number DESC, level`);

const ticks = (page: Page, label: string): Promise<string[]> =>
  page
    .locator('.panel svg')
    .evaluateAll(
      (all, name) => all.map((svg) => svg.querySelector(`[aria-label="${name}"]`)?.textContent ?? ''),
      label,
    );

async function manyOperations(dataset: ServedDataset): Promise<void> {
  const { page, end } = await open(dataset, 'country=COD');
  const newest = await newestCounts(dataset, 'COD');
  const panels = page.locator('.panel');
  assert.ok(newest.length > 4);
  assert.equal(await panels.count(), newest.length);
  const shown = await panels.evaluateAll((all) =>
    all.map((one) => [
      one.querySelector('.panel-name')?.textContent,
      one.querySelector('.panel-newest strong')?.textContent,
      one.querySelector('.panel-newest')?.childNodes[1]?.textContent?.trim(),
    ]),
  );
  const expected = newest.map(({ name, idps, date }) => [name, figure(idps), dayText(date)]);
  assert.deepEqual(shown.map(String).sort(), expected.map(String).sort());
  let marks = 0;
  for (const country of ['COD', 'HTI', 'MOZ']) {
    await page.goto(`${dataset.url}#country=${country}`);
    await page.waitForSelector(`.country[data-country=${country}] .panel svg`);
    const overdue = page.locator(`#freshness-table tr[data-country=${country}] [data-age] .tag`);
    assert.equal(await page.locator('.panel .tag').count(), await overdue.count(), country);
    marks += await overdue.count();
  }
  assert.ok(marks > 0, 'some operation is overdue');
  await end();
}

async function scales(dataset: ServedDataset): Promise<void> {
  const { page, end } = await open(dataset, 'country=COD');
  assert.equal(new Set(await ticks(page, 'x-axis tick label')).size, 1, 'one time axis');
  assert.equal(new Set(await ticks(page, 'y-axis tick label')).size, 1, 'one scale');
  assert.match(await textOf(page.locator('.panels > .hint')), /same scale: their heights can be compared/);
  await page.locator('.switch button', { hasText: 'Own scales' }).click();
  assert.equal(new Set(await ticks(page, 'x-axis tick label')).size, 1);
  assert.ok(new Set(await ticks(page, 'y-axis tick label')).size > 3);
  assert.match(await textOf(page.locator('.panels > .hint')), /own scale: compare the shapes/);
  assert.match(page.url(), /scale=own/);
  await page.locator('.switch button', { hasText: 'Same scale' }).press('Enter');
  assert.equal(new Set(await ticks(page, 'y-axis tick label')).size, 1);
  assert.doesNotMatch(page.url(), /scale/);
  await end();
}

async function choosePanel(dataset: ServedDataset): Promise<void> {
  const { page, end } = await open(dataset, 'country=COD');
  const panel = page.locator('.panel').nth(3);
  await panel.focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('.panel[aria-pressed=true]').count(), 1);
  assert.equal(await panel.getAttribute('aria-pressed'), 'true');
  const name = await textOf(panel.locator('.panel-name'));
  assert.equal(await textOf(page.locator('.large-title')), name);
  assert.match(await textOf(page.locator('.details-of-series h4')), /^The newest count of /);
  const counts = await duckdb(`SELECT DISTINCT ON (reporting_date, round_number) idps
    FROM ${dataset.table('snapshots')} WHERE admin0_pcode = 'COD'
    AND operation || ' (' || assessment_type || ')' = '${name.replaceAll("'", "''")}'
    ORDER BY reporting_date, round_number, level`);
  const dots = await page.locator('.lines svg [aria-label=dot] circle').count();
  assert.equal(dots, counts.filter(({ idps }) => idps !== null).length, 'only the chosen operation');
  await page.locator('.lines .stage').focus();
  await page.keyboard.press('Home');
  assert.equal(await textOf(page.locator('.readout-figure')), figure(counts[0]?.idps));
  await page.keyboard.press('ArrowRight');
  assert.equal(await textOf(page.locator('.readout-figure')), figure(counts[1]?.idps));
  await end();
}

/** Every count of a series at level 1 with an area's persons; `idps` is undefined for a count that does not have the area. */
const areaCounts = (dataset: ServedDataset, country: string, area: string) =>
  duckdb(`WITH rows AS (SELECT * FROM ${dataset.table('admin1')} WHERE admin0_pcode = '${country}'),
    newest AS (SELECT operation, assessment_type FROM ${dataset.table('snapshots')} WHERE admin0_pcode = '${country}'
      ORDER BY reporting_date DESC, level, idps DESC, operation, assessment_type LIMIT 1)
    SELECT CAST(reporting_date AS VARCHAR) AS date, round_number AS round, bool_or(${area}) AS has,
      CASE WHEN count(*) FILTER (${area}) = count(num_present_idp_ind) FILTER (${area})
        THEN CAST(sum(num_present_idp_ind) FILTER (${area}) AS VARCHAR) END AS idps
    FROM rows JOIN newest USING (operation, assessment_type) GROUP BY ALL ORDER BY date, round`);

async function walkArea(page: Page, counts: Awaited<ReturnType<typeof areaCounts>>): Promise<void> {
  await page.locator('.area-lines .stage').focus();
  await page.keyboard.press('Home');
  for (const { date, round, has, idps } of counts) {
    const shown = await textOf(page.locator('.area-readout'));
    const expected = has ? figure(idps) : 'not in this count';
    assert.ok(
      shown.startsWith(`${expected}${dayText(date)}, round ${number(round)}`),
      `${shown}, ${expected}`,
    );
    await page.keyboard.press('ArrowRight');
  }
}

/** A country shows the count that stands for it on the map, also when the link names no operation. */
async function sameAsMap(dataset: ServedDataset): Promise<void> {
  const { page, end } = await open(dataset, 'country=SDN');
  const items = await page
    .locator('.ranked a')
    .evaluateAll((links) =>
      links.map((link) => [
        (link as HTMLElement).dataset.code ?? '',
        link.querySelector('.figure')?.textContent ?? '',
      ]),
    );
  assert.ok(items.length > 3);
  for (const [code = '', figureOnMap] of items) {
    await page.goto(`${dataset.url}#country=${code}`);
    await page.waitForSelector(`.country[data-country=${code}] .readout-figure`);
    assert.equal(await textOf(page.locator('.readout-figure').first()), figureOnMap, code);
  }
  await end();
}

async function areaOverTime(dataset: ServedDataset): Promise<void> {
  const { page, end } = await open(dataset, 'country=SDN');
  const chooser = page.locator('.area-chooser select');
  await chooser.focus();
  for (const wanted of [1, 2]) {
    const text = await textOf(chooser.locator('option').nth(wanted));
    await chooser.selectOption({ index: wanted });
    const code = /\((\w+)\)/.exec(text)?.[1] ?? '';
    const counts = await areaCounts(dataset, 'SDN', `admin1_pcode = '${code}'`);
    assert.ok(counts.length > 3);
    await walkArea(page, counts);
    assert.match(page.url(), new RegExp(`area=${code}(&|$)`));
    assert.equal(
      await textOf(page.locator('.areas [aria-pressed=true] bdi')),
      text.replace(/ \(.*/s, '').replaceAll(/[\u2068\u2069]/g, ''),
    );
    const dots = await page.locator('.area-lines svg [aria-label=dot] circle').count();
    assert.equal(dots, counts.filter(({ idps }) => idps !== null).length);
  }
  const summary = page.locator('.area-history summary');
  await summary.press('Enter');
  const rows = page.locator('.area-history tbody tr');
  await rows.first().waitFor();
  const code = /\((\w+)\)/.exec(await textOf(chooser.locator('option').nth(2)))?.[1];
  const counted = (await areaCounts(dataset, 'SDN', `admin1_pcode = '${code}'`)).filter(({ has }) => has);
  assert.deepEqual(
    await rows.evaluateAll((all) =>
      all.map((row) => [...row.children].slice(0, 3).map((cell) => cell.textContent)),
    ),
    counted.reverse().map(({ date, round, idps }) => [dayText(date), number(round), figure(idps)]),
  );
  await page.locator('.area-lines .stage').press('Home');
  const readout = await textOf(page.locator('.area-readout'));
  await page.locator('.lines .stage').press('Home');
  assert.equal(await textOf(page.locator('.area-readout')), readout, 'each chart is read by itself');
  await page.locator('.areas .bar-name').nth(0).press('Enter');
  assert.equal(await chooser.inputValue(), '0');
  assert.equal(await page.locator('.area-lines .legend-item').count(), 0);
  await page.locator('.beside input').check();
  assert.deepEqual(await page.locator('.area-lines .legend-item').count(), 2);
  assert.match(page.url(), /beside=country/);
  await end();
}

async function sameAreaElsewhere(dataset: ServedDataset): Promise<void> {
  const { page, end } = await open(dataset, 'country=SDN');
  await page.locator('.area-chooser select').selectOption({ index: 1 });
  const name = await textOf(page.locator('.area-name'));
  await page.locator('.legend button').nth(1).click();
  assert.equal(await textOf(page.locator('.area-name')), name);
  assert.match(page.url(), /operation=.*&area=/);
  await end();
}

async function unusualAreas(dataset: ServedDataset): Promise<void> {
  // The first area of Mali has two codes over time: two lines, and a sentence about it.
  const { page, end } = await open(dataset, 'country=MLI');
  const options = await page.locator('.area-chooser option').allTextContents();
  const [pair] = await duckdb(`SELECT admin1_name AS name, list(DISTINCT admin1_pcode) AS codes
    FROM ${dataset.table('admin1')} WHERE admin0_pcode = 'MLI' GROUP BY 1 HAVING len(codes) > 1`);
  const twins = options.filter((text) => text.includes(`\u2068${pair?.name}\u2069`));
  assert.equal(twins.length, 2);
  let gaps = 0;
  for (const text of twins) {
    await page.locator('.area-chooser select').selectOption({ label: text });
    assert.match(
      await textOf(page.locator('.area-lines')),
      /The same name also stands for the P-code \w+\. The lines are not joined/,
    );
    const code = /\((\w+)\)/.exec(text)?.[1];
    const counts = await areaCounts(dataset, 'MLI', `admin1_pcode = '${code}'`);
    gaps += counts.filter(({ has }) => !has).length;
    const dots = await page.locator('.area-lines svg [aria-label=dot] circle').count();
    assert.equal(dots, counts.filter(({ has }) => has).length, 'no point where the area was not counted');
    await walkArea(page, counts);
  }
  assert.ok(gaps > 0, 'the newer code is not in every count');
  await end();
}

async function missingFigure(dataset: ServedDataset): Promise<void> {
  // This operation has a count without a figure: a dashed rule, and no point at 0.
  const { page, end } = await open(dataset, 'country=DJI');
  const [missing] = await duckdb(`SELECT CAST(reporting_date AS VARCHAR) AS date, operation
    FROM ${dataset.table('snapshots')} WHERE admin0_pcode = 'DJI' AND level = 0 AND idps IS NULL`);
  await page.locator('.legend button', { hasText: String(missing?.operation) }).click();
  assert.ok(
    (await page.locator('.area-lines svg [aria-label=rule] line[stroke-dasharray]').count()) > 0 ||
      (await page.locator('.area-lines svg [stroke-dasharray] line').count()) > 0,
  );
  await page.locator('.area-lines .stage').focus();
  await page.keyboard.press('Home');
  assert.equal(await textOf(page.locator('.area-figure')), 'no figure');
  assert.equal(await textOf(page.locator('.area-readout strong')), dayText(missing?.date));
  await end();
}

async function announced(dataset: ServedDataset): Promise<void> {
  const { page, end } = await open(dataset, 'country=COD');
  const said = page.locator('[data-picture-said]');
  assert.equal(await textOf(said), 'Democratic Republic of the Congo COD is shown.');
  await page.locator('#country').click();
  await page.keyboard.type('haiti');
  await page.keyboard.press('Enter');
  await said.filter({ hasText: 'Haiti HTI is shown.' }).waitFor();
  await page.goto(`${dataset.url}#country=XXX`);
  await said.filter({ hasText: 'no figures for XXX' }).waitFor();
  await page.goBack();
  await said.filter({ hasText: 'Haiti' }).waitFor();
  const live = await page
    .locator('#picture [aria-live], #picture [role=status]')
    .evaluateAll((all) => all.map((one) => one.className));
  assert.deepEqual([...new Set(live)].sort(), ['area-readout', 'readout', 'said', 'unseen']);
  await end();
}

async function hiddenLine(dataset: ServedDataset): Promise<void> {
  // In Chad the API sends some counts twice, as BA and as SA: one line lies on the other.
  const { page, end } = await open(dataset, 'country=TCD');
  const [pair] =
    await duckdb(`SELECT count(*) AS counts, count(b.idps) AS equal FROM ${dataset.table('snapshots')} s
    LEFT JOIN ${dataset.table('snapshots')} b ON b.operation = s.operation AND b.assessment_type = 'BA'
      AND b.reporting_date = s.reporting_date AND b.level = s.level AND b.idps = s.idps AND b.admin0_pcode = 'TCD'
    WHERE s.admin0_pcode = 'TCD' AND s.assessment_type = 'SA'`);
  assert.ok(Number(pair?.counts) > 0 && pair?.counts === pair?.equal);
  assert.match(await textOf(page.locator('.overlap')), /The line of .*\(SA\).* lies on that of .*\(BA\)/);
  await page.goto(`${dataset.url}#country=SDN`);
  await page.waitForSelector('.country[data-country=SDN] .lines svg');
  assert.equal(await page.locator('.overlap').count(), 0);
  await end();
}

async function unplaced(dataset: ServedDataset): Promise<void> {
  const { page, end } = await open(dataset, 'country=SDN');
  const [series] = await duckdb(`SELECT operation || ' (' || assessment_type || ')' AS name
    FROM ${dataset.table('admin1')} WHERE admin0_pcode = 'SDN' AND admin1_pcode IS NULL AND admin1_name IS NULL LIMIT 1`);
  await page.locator('.legend button', { hasText: String(series?.name) }).click();
  const option = page.locator('.area-chooser option', { hasText: 'not placed in any area' });
  await page.locator('.area-chooser select').selectOption((await option.getAttribute('value')) ?? '');
  assert.match(await textOf(page.locator('.area-readout')), /not placed in any area/);
  assert.match(await textOf(page.locator('.area-lines')), /belong to no line of an area/);
  assert.match(page.url(), /area-name=(&|$)/);
  await end();
}

interface Shift {
  readonly value: number;
  readonly hadRecentInput: boolean;
}

async function roomForChart(dataset: ServedDataset): Promise<void> {
  const { page, end } = await visit(dataset.browser, dataset.url);
  await page.evaluate(() => {
    const target = globalThis as unknown as { shifts: number };
    target.shifts = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as Shift[]) target.shifts += entry.value;
    }).observe({ type: 'layout-shift', buffered: false });
  });
  await page.goto(`${dataset.url}#country=SDN`);
  await page.waitForSelector('.country[data-country=SDN] .lines svg');
  const box = await page.locator('.lines svg').boundingBox();
  const width = (await page.locator('main').boundingBox())?.width ?? 0;
  assert.ok(box && box.height >= 420, `${box?.height} px high`);
  assert.ok(box.width > 0.85 * width, `${box.width} of ${width} px wide`);
  assert.ok(box.y + box.height < 900, `the chart ends at ${box.y + box.height} px of 900`);
  const topInPage = () =>
    page.locator('.lines svg').evaluate((svg) => svg.getBoundingClientRect().top + scrollY);
  const top = await topInPage();
  await page.locator('.lines .stage').hover();
  // Where the page is scrolled to, the browser rounds the place.
  const moved = (await topInPage()) - top;
  assert.ok(Math.abs(moved) < 0.5, `moved by ${moved} px`);
  const reserved = await page.locator('.lines .stage').evaluate((stage) => {
    const before = stage.getBoundingClientRect().height;
    stage.replaceChildren();
    return before - stage.getBoundingClientRect().height;
  });
  assert.ok(Math.abs(reserved) <= 1, `${reserved} px more than reserved`);
  const shifts = await page.evaluate(() => (globalThis as unknown as { shifts: number }).shifts);
  assert.ok(shifts < 0.1, `layout shift of ${shifts}`);
  await end();
}

async function inPrint(dataset: ServedDataset): Promise<void> {
  const { page, end } = await open(dataset, 'country=COD', { width: 800 });
  await page.emulateMedia({ media: 'print' });
  for (const selector of ['.lines svg', '.readout', '.area-lines svg', '.panel svg >> nth=0'])
    assert.ok(await page.locator(selector).isVisible(), selector);
  for (const selector of ['.download-bar >> nth=0', '.switch', '.area-chooser'])
    assert.equal(await page.locator(selector).isVisible(), false, selector);
  assert.ok((await page.pdf()).length > 20_000);
  await end();
}

async function accessible(dataset: ServedDataset): Promise<void> {
  for (const [width, colorScheme] of [
    [1440, 'light'],
    [320, 'dark'],
  ] as const) {
    const { page, end } = await open(dataset, 'country=COD&operation=Nothing&beside=country', {
      width,
      colorScheme,
    });
    assert.ok(await page.locator('.country > .notice').isVisible());
    // Below the navigation, which stays at the top of the window, a button would count as hidden in part.
    await page.evaluate(() => scrollTo(0, 0));
    assert.deepEqual((await axeFindings(page)).violations, [], `${width} ${colorScheme}`);
    assert.equal(await scrollsSideways(page), false, `${width} px`);
    await end();
  }
}

test('the view of a country', async (t) => {
  const dataset = await serveSample(t, { countries: COUNTRIES });
  await t.test(
    'more than four operations are small charts with the newest figure, date and overdue mark',
    () => manyOperations(dataset),
  );
  await t.test('small charts have one time axis, and one scale or their own, in words', () =>
    scales(dataset),
  );
  await t.test('a small chart is chosen by keyboard, and read in the large one', () => choosePanel(dataset));
  await t.test("an area's line has the figures of the table admin1, chosen by list or bar", () =>
    areaOverTime(dataset),
  );
  await t.test('a country shows the count of the map first', () => sameAsMap(dataset));
  await t.test('the area stays when another operation is chosen', () => sameAreaElsewhere(dataset));
  await t.test('an area with two codes is two lines, each with gaps where it is not counted', () =>
    unusualAreas(dataset),
  );
  await t.test('a count without a figure is a dashed rule, and "no figure" in words', () =>
    missingFigure(dataset),
  );
  await t.test('screen readers hear of a new country and of a count, and not of every table', () =>
    announced(dataset),
  );
  await t.test('a line that lies on another one is said in words', () => hiddenLine(dataset));
  await t.test('rows without an area have a line of their own', () => unplaced(dataset));
  await t.test('the chart is large, above the fold, and nothing moves when it is drawn', () =>
    roomForChart(dataset),
  );
  await t.test('in print the charts are there and their buttons are not', CHROMIUM_ALONE, () =>
    inPrint(dataset),
  );
  await t.test('axe finds no violation with all parts in use, and nothing scrolls sideways', () =>
    accessible(dataset),
  );
});
