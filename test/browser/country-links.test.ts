// Links to what a country's charts show: copied, opened again, stale, and made by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Page } from 'playwright-core';
import {
  type Choice,
  type CountryContext,
  NO_CHOICE,
} from '../../lib/catalogue/page/browser/country/context.ts';
import { countryInHash } from '../../lib/catalogue/page/browser/country/hash.ts';
import { readHash, writeChartHash, writeHash } from '../../lib/catalogue/page/browser/country/link.ts';
import type { ChartSeries } from '../../lib/catalogue/page/charts/country-chart-data.ts';
import { type ServedDataset, serveSample } from './serve-sample.ts';
import { textOf, visit } from './visit.ts';

/** What the reader sees of a choice. */
const seen = async (page: Page): Promise<unknown> => ({
  country: await textOf(page.locator('.country h3')),
  operation: await textOf(page.locator('.readout-name')),
  figure: await textOf(page.locator('.readout-figure')),
  chosen: await page.locator('.panel[aria-pressed=true], .legend [aria-pressed=true]').allTextContents(),
  scale: await page.locator('.switch [aria-pressed=true]').allTextContents(),
  area: await textOf(page.locator('.area-readout')),
  legend: await page.locator('.area-lines .legend-item').allTextContents(),
  notices: await page.locator('.country > .notice').allTextContents(),
});

const ready = async (page: Page): Promise<void> => {
  await page.waitForSelector('.country .lines svg');
  await page.waitForSelector('.area-lines svg');
};

/** Clicks "Copy link" under a chart, and reads the clipboard. */
async function copyLink(page: Page, chart: string): Promise<string> {
  const bar = page.locator(`[aria-label="Take ${chart}"]`);
  await bar.locator('button', { hasText: 'Copy link' }).click();
  await bar.locator('.said', { hasText: 'Link copied' }).waitFor();
  return page.evaluate(() => navigator.clipboard.readText());
}

const CLIPBOARD = { permissions: ['clipboard-read', 'clipboard-write'] };

async function copyAndReopen({ browser, url }: ServedDataset): Promise<void> {
  const { page, end } = await visit(browser, `${url}#country=COD`, CLIPBOARD);
  await ready(page);
  await page.locator('.panel').nth(2).click();
  await page.locator('.area-chooser select').selectOption({ index: 1 });
  await page.locator('.beside input').check();
  const before = await seen(page);
  const link = await copyLink(page, 'the chart of the area');
  assert.ok(link.startsWith(`${url}#country=COD&operation=`), link);
  const again = await visit(browser, link);
  await ready(again.page);
  assert.deepEqual(await seen(again.page), before);
  const top = await again.page.locator('.areas').evaluate((areas) => areas.getBoundingClientRect().top);
  assert.ok(top >= 0 && top < 300, `the linked part is ${top} px below the top`);
  await again.end();
  await page.locator('.switch button', { hasText: 'Own scales' }).click();
  assert.equal(await copyLink(page, 'the charts of all operations'), `${url}#country=COD&scale=own`);
  await end();
}

async function linkToCount({ browser, url }: ServedDataset): Promise<void> {
  const { page, end } = await visit(browser, `${url}#country=SDN`, CLIPBOARD);
  await ready(page);
  await page.locator('.lines .stage').focus();
  for (let step = 0; step < 2; step++) await page.keyboard.press('ArrowLeft');
  const before = await seen(page);
  const link = await copyLink(page, 'the chart');
  assert.match(link, /&date=\d{4}-\d\d-\d\d&round=\d+$/);
  await end();
  const again = await visit(browser, link);
  await ready(again.page);
  assert.deepEqual(await seen(again.page), before);
  await again.end();
}

async function withoutClipboard({ browser, url }: ServedDataset): Promise<void> {
  const { page, end } = await visit(browser, `${url}#country=SDN`);
  await ready(page);
  await page.evaluate(() => {
    Object.defineProperty(navigator, 'clipboard', { value: undefined });
  });
  const bar = page.locator('[aria-label="Take the chart"]');
  await bar.locator('button', { hasText: 'Copy link' }).press('Enter');
  const address = bar.locator('input');
  await address.waitFor({ state: 'visible' });
  assert.ok((await address.inputValue()).startsWith(`${url}#country=SDN&operation=`));
  assert.match(await textOf(bar.locator('.said')), /press Ctrl\+C/);
  const selected = await address.evaluate((input) => {
    const { selectionStart, selectionEnd, value } = input as HTMLInputElement;
    return selectionStart === 0 && selectionEnd === value.length;
  });
  assert.ok(selected);
  await end();
}

async function history({ browser, url }: ServedDataset): Promise<void> {
  const { page, end } = await visit(browser, `${url}#country=COD`);
  await ready(page);
  const pressed = () =>
    page.locator('.panel').evaluateAll((all) => all.findIndex((one) => one.ariaPressed === 'true'));
  await page.locator('.panel').nth(1).click();
  await page.locator('.panel').nth(4).click();
  await page.locator('.area-chooser select').selectOption({ index: 1 });
  assert.equal(await pressed(), 4);
  await page.goBack();
  await page.waitForFunction(() => document.querySelectorAll('.panel')[1]?.ariaPressed === 'true');
  await page.goBack();
  await page.waitForFunction(() => document.querySelectorAll('.panel')[0]?.ariaPressed === 'true');
  await page.goForward();
  await page.goForward();
  await page.waitForFunction(() => document.querySelectorAll('.panel')[4]?.ariaPressed === 'true');
  assert.equal(await page.locator('.area-chooser select').inputValue(), '1');
  await end();
}

async function otherSections({ browser, url }: ServedDataset): Promise<void> {
  const { page, end } = await visit(browser, `${url}#country=COD`);
  await ready(page);
  await page.locator('.panel').nth(1).click();
  const before = await seen(page);
  await page.locator('nav a', { hasText: 'Releases' }).click();
  assert.match(page.url(), /#releases$/);
  await page.waitForTimeout(300);
  assert.deepEqual(await seen(page), before);
  await end();
}

const HOSTILE: readonly (readonly [hash: string, notices: readonly RegExp[]])[] = [
  ['country=cod', []],
  ['country=COD&operation=Gone&type=BA', [/no operation Gone \(BA\) for COD\. Another one is shown/]],
  ['country=COD&area=XX99', [/no area XX99 there/]],
  [
    'country=COD&area-name=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E',
    [/no area <img src=x onerror=alert\(1\)> there/],
  ],
  [
    'country=COD&scale=huge&beside=%00',
    [/beside is .* country/, /scale is huge, which this page does not know: own or same/],
  ],
  ['country=COD&date=2020-13-45&round=-1', [/no count of 2020-13-45, round -1 there/]],
  ['country=COD&operation=%E0%A4%A&type=&area=%FF', [/no operation/, /no area/]],
  [`country=COD&operation=${'x'.repeat(5000)}`, [/no operation x{60}… for COD/]],
  ['country=COD&&&=&__proto__=1&constructor=2', []],
];

async function hostile({ browser, url }: ServedDataset): Promise<void> {
  for (const [hash, notices] of HOSTILE) {
    const { page, end } = await visit(browser, `${url}#${hash}`);
    await ready(page);
    const shown = await page.locator('.country > .notice').allTextContents();
    assert.equal(shown.length, notices.length, `${hash.slice(0, 60)}: ${shown}`);
    for (const [at, notice] of notices.entries()) assert.match(shown[at] ?? '', notice);
    assert.equal(await page.locator('.country img').count(), 0);
    await end();
  }
}

test('links to the charts of a country', async (t) => {
  const dataset = await serveSample(t, { countries: ['COD', 'SDN'] }, 0.3);
  await t.test('a copied link opens the same operation, area, figure and comparison', () =>
    copyAndReopen(dataset),
  );
  await t.test('a copied link opens the count that was read', () => linkToCount(dataset));
  await t.test('without a clipboard the link is shown and selected', () => withoutClipboard(dataset));
  await t.test('back and forward undo and repeat the choice of an operation', () => history(dataset));
  await t.test('a link to another section of the page leaves the country as it is', () =>
    otherSections(dataset),
  );
  await t.test('what a link names and the release does not have is said, and something else is shown', () =>
    hostile(dataset),
  );
});

/** A country whose operations, types and areas have these texts. */
function contextOf(texts: readonly string[], areaTexts: readonly (string | null)[]): CountryContext {
  const series = texts.map(
    (text, at): ChartSeries => ({
      operation: text,
      assessment_type: `${at}`,
      status: null,
      usual_days: null,
      reasons: [],
      counts: [0, 1, 2].map((round) => [`2026-0${round + 1}-01`, round, 0, 5, null, null, []]),
      areas: {
        counts: [['2026-01-01', 1]],
        list: areaTexts.map((area, index) => (index % 2 === 0 ? [null, area, [1]] : [area, null, [1]])),
      },
    }),
  );
  const picture = { country: 'SDN', name: 'Sudan', series };
  return { picture, series } as unknown as CountryContext;
}

const TEXT = fc.string({ unit: 'binary', minLength: 1 });

test('every choice is found again from its link, whatever the names are', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(TEXT, { minLength: 1, maxLength: 8, selector: (text) => text.toWellFormed() }),
      fc.uniqueArray(TEXT, { minLength: 2, maxLength: 6, selector: (text) => text.toWellFormed() }),
      fc.record({
        series: fc.nat(),
        area: fc.option(fc.nat()),
        count: fc.option(fc.nat({ max: 2 })),
        withCountry: fc.boolean(),
        ownScales: fc.boolean(),
      }),
      (texts, areas, wanted) => {
        const context = contextOf(texts, areas);
        const choice: Choice = {
          ...wanted,
          series: wanted.series % texts.length,
          area: wanted.area === null ? null : wanted.area % areas.length,
          ownScales: wanted.ownScales && texts.length > 4,
        };
        const hash = writeHash(context, choice);
        assert.equal(countryInHash(hash), 'SDN');
        assert.deepEqual(readHash(context, hash), { choice, notices: [] });
        const chart = writeChartHash(context, choice, 'area');
        const found = readHash(context, chart);
        assert.deepEqual(found, {
          choice: { ...choice, area: choice.area ?? 0, ownScales: false },
          notices: [],
        });
      },
    ),
  );
});

test('any hash is read without an error, and any other country is none of ours', () => {
  const context = contextOf(['Flood'], ['N', 'South']);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { choice } = readHash(context, `#country=SDN&${text}`);
      assert.ok(choice.series === 0 && [null, 0, 1, 2].includes(choice.count));
      const code = countryInHash(`#${text}`);
      assert.ok(code === null || /^[A-Z]{3}$/.test(code));
    }),
  );
  assert.deepEqual(readHash(context, ''), { choice: NO_CHOICE, notices: [] });
  assert.deepEqual(
    ['#country=sdn', '#country=SDN&area=N', '#picture', '#country=', '#country=SDNX', ''].map(countryInHash),
    ['SDN', 'SDN', null, null, null, null],
  );
});
