// The section "Since the release that you took": by clicks, keys, links, from disk, on a small screen and without scripts.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { publishRevisions } from '../read/since/publish-revisions.ts';
import { serveFolder } from './serve-sample.ts';
import { CHROMIUM_ALONE } from './start-browser.ts';
import { axeFindings, scrollsSideways, textOf, visit } from './visit.ts';

/** Afghanistan is revised twice, Chad gets a count and loses it, Sudan renames an operation. */
const WORLDS = [
  [],
  ['changed=1000@AFG', 'new-round=2026-10-31@TCD'],
  ['changed=700@AFG'],
  ['changed=700@AFG', 'renamed=<b>Another</b> name@SDN'],
];

async function serveRevisions(t: TestContext, worlds: readonly (readonly string[])[] = WORLDS) {
  const { folder, releases } = await publishRevisions(t, worlds);
  return { ...(await serveFolder(t, folder)), releases };
}

const resultOf = async (page: Page, pattern: RegExp): Promise<string> => {
  const result = page.locator('[data-since]');
  await result.filter({ hasText: pattern }).waitFor();
  return textOf(result);
};

test('a chosen release shows new, revised and gone totals by country, and its address can be linked', async (t) => {
  const { browser, url, releases } = await serveRevisions(t);
  const { page, end } = await visit(browser, url);
  assert.deepEqual(
    await page
      .locator('#since-release option')
      .evaluateAll((all) => all.map((one) => one.getAttribute('value'))),
    ['', ...releases.slice(0, -1).toReversed()],
  );
  await page.selectOption('#since-release', releases[0] as string);
  const text = await resultOf(page, /Since release 2026-11-20\.1/);
  assert.match(text, /totals at country level have changed in 2 countries: \d+ new, 1 revised, \d+ gone\./);
  assert.match(text, /No total at country level differs, .* changed: Chad\./);
  const summaries = await page.locator('[data-since] summary').allTextContents();
  assert.deepEqual(
    summaries.map((summary) => summary.split(' ')[0]),
    ['Afghanistan', 'Sudan'],
  );
  await page.locator('[data-since] summary').first().click();
  const cells = await page
    .locator('[data-since] details')
    .first()
    .locator('tbody tr[data-change=revised]')
    .first()
    .locator('td')
    .allTextContents();
  const [before, after] = cells.slice(0, 2).map((cell) => Number(cell.replaceAll(',', '')));
  assert.equal((after as number) - (before as number), 700);
  assert.equal(cells[2], '+700');
  assert.equal(new URL(page.url()).hash, `#since=${releases[0]}`);
  assert.equal(
    await textOf(page.locator('[data-since-command]')),
    `npx dtm-exporter diff ${url} ${releases[0]}`,
  );
  await page.selectOption('#since-release', releases[2] as string);
  assert.match(
    await resultOf(page, /Since release 2026-11-22\.1/),
    /changed in 1 country: \d+ new, \d+ gone\./,
  );
  await page.goBack();
  await resultOf(page, /Since release 2026-11-20\.1/);
  assert.equal(await page.inputValue('#since-release'), releases[0]);
  await end();
});

test('a link opens the section at its release; names of operations stay text', async (t) => {
  const { browser, url, releases } = await serveRevisions(t);
  const { page, end } = await visit(browser, `${url}#since=${releases[2]}`);
  await resultOf(page, /Since release 2026-11-22\.1/);
  await page
    .locator('[data-since] th[scope=rowgroup] bdi', { hasText: '<b>Another</b> name' })
    .first()
    .waitFor();
  assert.equal(await page.locator('[data-since] b').count(), 0);
  assert.ok(
    await page.locator('#since').evaluate((section) => section.getBoundingClientRect().top < innerHeight),
  );
  await end();
});

test('a day means the release that was current at its end, and what cannot be compared is said', async (t) => {
  const { browser, url } = await serveRevisions(t);
  const { page, end } = await visit(browser, url);
  await page.fill('#since-day', '2026-11-21');
  await resultOf(page, /Since release 2026-11-21\.1/);
  assert.equal(await page.inputValue('#since-release'), '2026-11-21.1');
  await page.fill('#since-day', '2026-11-25');
  await resultOf(page, /2026-11-23\.1 is the current release: nothing has changed since/);
  await page.fill('#since-day', '2026-11-01');
  await resultOf(page, /cannot compare with 2026-11-01: it is older than the releases of the list/);
  assert.equal(await textOf(page.locator('[data-since-command]')), `npx dtm-exporter diff ${url} 2026-11-01`);
  await page.goto(`${url}#since=2019-01-01.1`);
  await resultOf(page, /cannot compare with 2019-01-01\.1/);
  await end();
});

test('the choice of a country stays as it is, and its link works as before', async (t) => {
  const { browser, url, releases } = await serveRevisions(t);
  const { page, end } = await visit(browser, `${url}#country=TCD`);
  await page.locator('[data-picture] h3', { hasText: 'Chad' }).first().waitFor();
  await page.selectOption('#since-release', releases[1] as string);
  await resultOf(page, /Since release/);
  assert.match(await page.inputValue('#country'), /Chad/);
  await page.goBack();
  assert.equal(new URL(page.url()).hash, '#country=TCD');
  assert.match(await page.inputValue('#country'), /Chad/);
  await end();
});

test('keys alone choose a release, and the data are loaded only then', async (t) => {
  const { browser, url, releases } = await serveRevisions(t);
  const { page, fetched, end } = await visit(browser, url);
  const loaded = (): boolean => [...fetched.keys()].some((path) => path.includes('picture-since'));
  await page.focus('#since-release');
  assert.equal(loaded(), false);
  await page.keyboard.press('ArrowDown');
  await resultOf(page, /Since release 2026-11-22\.1/);
  assert.equal(loaded(), true);
  await page.keyboard.press('End');
  await resultOf(page, new RegExp(`Since release ${releases[0]?.replaceAll('.', '\\.')}`));
  await page.keyboard.press('Tab');
  await page.locator('[data-since] summary').first().focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('[data-since] details[open]').count(), 1);
  await end();
});

test('from disk, at 320 pixels and in the dark the section works without violations', async (t) => {
  const { browser, folder, url, releases } = await serveRevisions(t);
  const disk = pathToFileURL(`${folder}/index.html`).href;
  const opened = await visit(browser, `${disk}#since=${releases[0]}`);
  await resultOf(opened.page, /totals at country level have changed in 2 countries/);
  const base = disk.replace('index.html', '');
  assert.equal(
    await textOf(opened.page.locator('[data-since-command]')),
    `npx dtm-exporter diff ${base} ${releases[0]}`,
  );
  await opened.end();
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, end } = await visit(browser, `${url}#since=${releases[0]}`, { width: 320, colorScheme });
    await resultOf(page, /Since release/);
    for (const summary of await page.locator('[data-since] summary').all()) await summary.click();
    assert.equal(await scrollsSideways(page), false);
    assert.deepEqual((await axeFindings(page)).violations, []);
    await end();
  }
});

test('without scripts the list of releases links to the changes of each', CHROMIUM_ALONE, async (t) => {
  const { browser, url, releases } = await serveRevisions(t, WORLDS.slice(0, 3));
  const { page, end } = await visit(browser, url, { javaScriptEnabled: false });
  assert.match(await textOf(page.locator('#since')), /“changes” says for each release what differs/);
  assert.equal(await page.locator('[data-since-chooser]').isVisible(), false);
  assert.deepEqual(
    await page
      .locator('#releases a', { hasText: 'changes' })
      .evaluateAll((all) => all.map((one) => one.getAttribute('href'))),
    releases
      .slice(1)
      .toReversed()
      .map((release) => `releases/${release}/changes/changes.json`),
  );
  await end();
});
