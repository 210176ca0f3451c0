// The page without scripts, in print, in another language, and opened from disk.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type ServedDataset, serveSample } from './serve-sample.ts';
import { CHROMIUM_ALONE } from './start-browser.ts';
import { axeFindings, scrollsSideways, seeAll, textOf, visit } from './visit.ts';

async function withoutScripts({ browser, url, release }: ServedDataset): Promise<void> {
  const { page, fetched, end } = await visit(browser, url, { javaScriptEnabled: false });
  assert.ok((await page.locator('#freshness-table tbody tr').count()) > 50);
  assert.ok((await textOf(page.locator('.facts'))).includes(release));
  assert.ok(await page.locator('noscript p', { hasText: 'Charts need scripts' }).isVisible());
  assert.equal(await page.locator('[data-chooser]').isVisible(), false);
  await page.locator('#by-country summary').first().click();
  assert.ok(await page.locator('#country-files a').first().isVisible());
  assert.ok(![...fetched.keys()].some((path) => path.endsWith('.js')));
  await end();
}

async function inPrint({ browser, url }: ServedDataset): Promise<void> {
  const { page, end } = await visit(browser, url, { print: true, width: 800 });
  assert.equal(await page.locator('nav').isVisible(), false);
  assert.ok(await page.locator('.banner').isVisible());
  const pdf = await page.pdf();
  assert.ok(pdf.length > 20_000);
  await end();
}

async function inFrench({ browser, url }: ServedDataset): Promise<void> {
  const { page, end } = await visit(browser, url, { locale: 'fr-FR' });
  assert.match(await textOf(page.locator('.facts')), /31 oct\. 2026/);
  const first = page.locator('#freshness-table tbody tr').first().locator('data').last();
  const value = Number(await first.getAttribute('value'));
  assert.equal(await textOf(first), value.toLocaleString('fr-FR'));
  assert.match(await textOf(page.locator('#whole-tables a').first()), /\d,\d kB/);
  await end();
}

async function inOtherCalendars({ browser, url }: ServedDataset): Promise<void> {
  for (const locale of ['th-TH', 'fa-AF', 'ar-SA']) {
    const { page, end } = await visit(browser, url, { locale });
    await seeAll(page);
    const year = new Intl.NumberFormat(locale, { useGrouping: false }).format(2026);
    for (const part of ['.facts', '.country .lines svg'])
      assert.ok((await textOf(page.locator(part))).includes(year), `${locale}: no ${year} in ${part}`);
    await end();
  }
}

async function inOddLanguages({ browser, url }: ServedDataset): Promise<void> {
  for (const languages of [['C', 'fr_FR', '', 'fr-FR'], [], undefined]) {
    const context = await browser.newContext();
    await context.addInitScript((given) => {
      Object.defineProperty(navigator, 'languages', { value: given });
    }, languages);
    const page = await context.newPage();
    await page.goto(url);
    await page.waitForSelector('html[data-ready]', { state: 'attached' });
    assert.match(await textOf(page.locator('.facts')), languages?.length ? /31 oct\. 2026/ : /Oct 31, 2026/);
    await context.close();
  }
}

async function fromDisk({ browser, folder }: ServedDataset): Promise<void> {
  const { page, end } = await visit(browser, pathToFileURL(`${folder}/index.html`).href);
  await seeAll(page);
  const country = await page.locator('.country').getAttribute('data-country');
  await page.locator('#country').click();
  await page.keyboard.type('chad');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.country[data-country=TCD] .lines svg');
  assert.notEqual(country, 'TCD');
  assert.match(
    await textOf(page.locator('[data-viewer]')),
    /opened from disk.*npx dtm-exporter serve FOLDER/,
  );
  assert.ok(
    (await textOf(page.locator('.snippets code').first())).includes(
      pathToFileURL(`${folder}/releases/`).href,
    ),
  );
  const { violations } = await axeFindings(page);
  assert.deepEqual(violations, []);
  await end();
}

async function narrow({ browser, url }: ServedDataset): Promise<void> {
  const { page, end } = await visit(browser, `${url}#country=SDN`, { width: 320 });
  await page.waitForSelector('.country[data-country=SDN] .lines svg');
  await page.locator('.history summary').click();
  for (const summary of await page.locator('#take summary, #columns summary').all())
    if (await summary.isVisible()) await summary.click();
  await page.locator('[data-viewer] button').click();
  await page.waitForSelector('.rows table');
  assert.equal(await scrollsSideways(page), false);
  await end();
}

test('the page without scripts, in print, in French, from disk and at 320 px', async (t) => {
  const dataset = await serveSample(t);
  await t.test('without scripts the page has its tables, links and texts', CHROMIUM_ALONE, () =>
    withoutScripts(dataset),
  );
  await t.test('in print the navigation is hidden and the banner is visible', CHROMIUM_ALONE, () =>
    inPrint(dataset),
  );
  await t.test("numbers, dates and sizes are in the reader's locale", () => inFrench(dataset));
  await t.test('years are those of the files where a locale counts them from elsewhere', () =>
    inOtherCalendars(dataset),
  );
  await t.test('what is no language tag among the languages of a browser is passed over', () =>
    inOddLanguages(dataset),
  );
  await t.test('a page opened from disk has charts and links, and a notice in place of the viewer', () =>
    fromDisk(dataset),
  );
  await t.test('at 320 px with everything open the page does not scroll sideways', () => narrow(dataset));
});
