// Links to what the map of the world shows: opened, gone back to, stale, and made by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Page } from 'playwright-core';
import {
  chosenCounts,
  NO_CHOICE,
  rulesFor,
  type World,
  withOwnCount,
} from '../../lib/catalogue/page/browser/world/choice/choice.ts';
import { readMapHash, writeMapHash } from '../../lib/catalogue/page/browser/world/choice/link.ts';
import type { WorldCount } from '../../lib/catalogue/page/browser/world/counts.ts';
import { type ServedDataset, serveSample } from './serve-sample.ts';
import { axeFindings, scrollsSideways, textOf, visit } from './visit.ts';

/** What the reader sees of a choice: map, list, table and words. */
const seen = (page: Page) =>
  page.locator('#world').evaluate((section) => {
    const texts = (selector: string): string[] =>
      [...section.querySelectorAll(selector)].map((node) => node.textContent ?? '');
    return {
      rule: section.querySelector<HTMLSelectElement>('#world-rule')?.selectedOptions[0]?.textContent ?? '',
      words: texts('.rule'),
      list: texts('.ranked li'),
      circles: [...section.querySelectorAll('circle.count')].map((circle) => circle.outerHTML),
      labels: texts('.world-map text'),
      rows: [...section.querySelectorAll<HTMLTableRowElement>('#world-table tbody tr')].map((row) => [
        ...[0, 1, 3, 4].map((at) => row.cells[at]?.textContent),
        row.querySelector('select')?.selectedOptions[0]?.textContent ?? row.cells[2]?.textContent,
      ]),
      notices: texts('.notice'),
    };
  });

const waitForMap = (page: Page) => page.waitForSelector('[data-map] svg.world-map');

const open = async ({ browser, url }: ServedDataset, hash: string, options = {}) => {
  const visited = await visit(browser, `${url}${hash}`, options);
  await waitForMap(visited.page);
  return visited;
};

const chooseRule = (page: Page, label: string) => page.locator('#world-rule').selectOption({ label });

/** Chooses another series for a country, by keys; the table opens first. */
async function chooseSeries(page: Page, code: string): Promise<void> {
  const table = page.locator('.world-table');
  if ((await table.getAttribute('open')) === null) await table.locator('> summary').press('Enter');
  const select = page.locator(`#series-${code}`);
  await select.selectOption((await select.inputValue()) === '0' ? '1' : '0');
}

async function linkOfAChoice(dataset: ServedDataset): Promise<void> {
  const { page, end } = await open(dataset, '');
  const usual = await seen(page);
  await chooseRule(page, 'Newest count');
  assert.match(page.url(), /#world=newest$/);
  await chooseRule(page, 'Only SA');
  assert.match(page.url(), /#world=only&type=SA$/);
  await chooseRule(page, 'Most people, not overdue');
  await chooseSeries(page, 'SDN');
  await chooseSeries(page, 'COD');
  const { hash } = new URL(page.url());
  assert.match(
    hash,
    /^#world=most&country=SDN&operation=[^&]+&type=\w+&country=COD&operation=[^&]+&type=\w+$/,
  );
  const before = await seen(page);
  assert.match(
    before.words.join(),
    /You chose: \u2068Sudan\u2069, \u2068Democratic Republic of the Congo\u2069$/,
  );
  assert.notDeepEqual(before.circles, usual.circles);
  const again = await open(dataset, hash);
  assert.deepEqual(await seen(again.page), before);
  await again.end();
  // The rule's own count is no choice of the reader.
  await chooseSeries(page, 'SDN');
  await chooseSeries(page, 'COD');
  assert.match(page.url(), /#world=most$/);
  assert.deepEqual(await seen(page), usual);
  await end();
}

async function backAndForward(dataset: ServedDataset): Promise<void> {
  const { page, end } = await open(dataset, '');
  const shown = [await seen(page)];
  const chosenRule = (label: string) =>
    page.waitForFunction(
      (wanted) =>
        document.querySelector<HTMLSelectElement>('#world-rule')?.selectedOptions[0]?.text === wanted,
      label,
    );
  await chooseRule(page, 'Newest count');
  shown.push(await seen(page));
  await page.locator('.ranked a').nth(1).click();
  await page.waitForSelector('.country .lines svg');
  assert.deepEqual(await seen(page), shown[1], 'a link to a country leaves the map as it is');
  await page.locator('#country').click();
  await page.locator('#country-COD').click();
  await page.waitForSelector('.country[data-country=COD] .panel');
  await page.locator('.switch button', { hasText: 'Own scales' }).click();
  assert.match(page.url(), /#country=COD&scale=own$/);
  await chooseRule(page, 'Only SA');
  shown.push(await seen(page));
  await page.goBack();
  await chosenRule('Newest count');
  assert.match(page.url(), /#country=COD&scale=own$/);
  assert.deepEqual(await seen(page), shown[1]);
  await page.evaluate(() => history.go(-3));
  await chosenRule('Most people, not overdue');
  assert.equal(new URL(page.url()).hash, '');
  assert.deepEqual(await seen(page), shown[0]);
  await page.evaluate(() => history.go(4));
  await chosenRule('Only SA');
  assert.deepEqual(await seen(page), shown[2]);
  await page.reload();
  await page.evaluate(() => scrollTo(0, 0));
  await waitForMap(page);
  assert.deepEqual(await seen(page), shown[2]);
  await end();
}

async function otherLinks(dataset: ServedDataset): Promise<void> {
  const { page, end } = await open(dataset, '#world=newest');
  const before = await seen(page);
  await page.locator('nav a', { hasText: 'Releases' }).click();
  assert.match(page.url(), /#releases$/);
  await page.waitForTimeout(200);
  assert.deepEqual(await seen(page), before);
  // A link to a map, followed in a page that is far below: as if typed into the address.
  await page.evaluate(() => {
    location.hash = '#world=only&type=BA';
  });
  await page.waitForFunction(() => document.querySelector<HTMLSelectElement>('#world-rule')?.value !== '1');
  assert.match((await seen(page)).rule, /Only BA/);
  const top = await page.locator('#world').evaluate((section) => section.getBoundingClientRect().top);
  assert.ok(top >= 0 && top < 300, `the map is ${top} px below the top`);
  await end();
  const country = await visit(dataset.browser, `${dataset.url}#country=SDN`);
  await country.page.waitForSelector('.country[data-country=SDN] .lines svg');
  assert.equal((await seen(country.page)).rule, 'Most people, not overdue');
  await country.end();
}

const HOSTILE: readonly (readonly [hash: string, notice: RegExp | null])[] = [
  ['world=', /rule for the map is “”, which this page does not know: most or newest or only\. The usual map/],
  ['world=huge', /rule for the map is “huge”/],
  ['world=type&type=SA', /rule for the map is “type”/],
  ['world=only&type=XX', /no count of the assessment type “XX”\. The usual map is shown/],
  ['world=only', /no count of the assessment type “”/],
  ['world=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E', /“<img src=x onerror=alert\(1\)>”/],
  [`world=${'x'.repeat(5000)}`, /“x{60}…”/],
  ['world=%E0%A4%A&type=%FF', /rule for the map is/],
  ['world=__proto__&constructor=1&__proto__=2', /“__proto__”/],
  ['world=most&country=XXX', /no count of “XXX”\. The rule says what is shown there/],
  ['world=most&country=SDN&operation=Gone&type=BA', /no count of “SDN Gone BA”/],
  [`world=most${'&country=%00'.repeat(2000)}`, /no count of “\0”, “\0”, “\0” and 1997 more/],
  ['world=most&&&=&country', /no count of “”/],
  ['world', null],
  ['worldly=newest', null],
];

async function hostile(dataset: ServedDataset): Promise<void> {
  const usual = await open(dataset, '');
  const expected = await seen(usual.page);
  await usual.end();
  for (const [hash, notice] of HOSTILE) {
    const { page, end } = await open(dataset, `#${hash}`);
    const { notices, ...shown } = await seen(page);
    assert.deepEqual({ ...shown, notices: [] }, expected, hash.slice(0, 60));
    assert.equal(notices.length, notice === null ? 0 : 1, `${hash.slice(0, 60)}: ${notices}`);
    if (notice) assert.match(notices[0] ?? '', notice);
    assert.equal(await page.locator('#world img').count(), 0);
    await end();
  }
}

async function noticeIsReadable(dataset: ServedDataset): Promise<void> {
  for (const width of [1440, 320]) {
    const { page, end } = await open(dataset, `#world=${'x'.repeat(500)}`, { width });
    const notice = page.locator('#world .notice');
    const box = await notice.boundingBox();
    assert.ok(box && box.x >= 0 && box.x + box.width <= width, JSON.stringify(box));
    assert.equal(await scrollsSideways(page), false);
    assert.deepEqual((await axeFindings(page)).violations, []);
    await chooseRule(page, 'Newest count');
    assert.equal(await notice.count(), 0, 'a choice of the reader ends the notice');
    assert.match(await textOf(page.locator('.rule')), /the newest of all/);
    await end();
  }
}

test('links to the map of the world', async (t) => {
  const dataset = await serveSample(t);
  await t.test('the address of a choice opens the same map, list and table', () => linkOfAChoice(dataset));
  await t.test('back and forward show what was shown, also from links to countries', () =>
    backAndForward(dataset),
  );
  await t.test('links to other sections leave the map as it is, and a link to a map scrolls to it', () =>
    otherLinks(dataset),
  );
  await t.test('what the page does not know in a link is said, and the usual map is shown', () =>
    hostile(dataset),
  );
  await t.test('the sentence about a link is readable on wide and narrow screens', () =>
    noticeIsReadable(dataset),
  );
});

const TEXT = fc.string({ unit: 'binary' });
const isSame = (text: string): string => text.toWellFormed();

/** A world of one to six countries, with series of these names. */
const WORLD: fc.Arbitrary<World> = fc
  .uniqueArray(fc.tuple(fc.nat({ max: 5 }), TEXT, TEXT, fc.option(fc.nat())), {
    minLength: 1,
    maxLength: 20,
    selector: ([country, ...names]) =>
      JSON.stringify([country, ...names.slice(0, 2).map((name) => isSame(String(name)))]),
  })
  .map((series) => ({
    day: '2026-11-24',
    counts: series.map(
      ([country, operation, assessment_type, idps], at) =>
        ({
          ...{
            country: `AA${'ABCDEF'[country]}`,
            name: `Country ${country}`,
            operation,
            assessment_type,
            idps,
          },
          ...{ date: `2026-0${1 + (at % 9)}-01`, usual_days: 30 },
        }) as WorldCount,
    ),
  }));

test('every choice is found again from its link, whatever the names are', () => {
  fc.assert(
    fc.property(WORLD, fc.nat(), fc.array(fc.nat(), { maxLength: 8 }), (world, rule, own) => {
      const types = world.counts.map(({ assessment_type }) => assessment_type);
      fc.pre(new Set(types.map(isSame)).size === new Set(types).size);
      const rules = rulesFor(world);
      const start = { ...NO_CHOICE, rule: rules[rule % rules.length] ?? NO_CHOICE.rule };
      const isShown = (count: WorldCount): boolean =>
        chosenCounts(world, start).some(({ country }) => country === count.country);
      const choice = own
        .map((at) => world.counts[at % world.counts.length] as WorldCount)
        .filter(isShown)
        .reduce((last, count) => withOwnCount(world, last, count), start);
      assert.deepEqual(readMapHash(world, writeMapHash(choice)), { choice, notices: [] });
    }),
  );
});

test('any hash is read without an error, and shows one count of each country that the rule has', () => {
  fc.assert(
    fc.property(
      WORLD,
      TEXT,
      fc.constantFrom('', '#', '#world=', '#world=most&', '#world=newest&country='),
      (world, text, start) => {
        const { choice, notices } = readMapHash(world, start + text);
        const countries = chosenCounts(world, choice).map(({ country }) => country);
        assert.equal(countries.length, new Set(countries).size);
        assert.ok(notices.length <= 1);
      },
    ),
  );
});
