// Citing a release: what is copied, by keys alone; and the place of every release on the page, which citations name.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { renderPage } from '../../lib/catalogue/page/render.ts';
import { PLAIN, pageInput } from '../catalogue/page/sample-page-input.ts';
import { temporaryFolder } from '../setting.ts';
import { type Scene, sampleScene } from './serve-sample.ts';
import { axeFindings, scrollsSideways, textOf, visit } from './visit.ts';

async function copying({ browser, url, folder, release }: Scene): Promise<void> {
  const { page, end } = await visit(browser, url, {
    width: 320,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const blocks = page.locator('#cite ~ .code-block');
  assert.equal(await blocks.count(), 2);
  const copied: string[] = [];
  for (const block of await blocks.all()) {
    const code = block.locator('pre');
    await code.focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await block.locator('.copy', { hasText: 'Copied' }).waitFor();
    copied.push(await page.evaluate(() => navigator.clipboard.readText()));
    assert.equal(await code.evaluate((one) => one.scrollWidth > one.clientWidth), false);
  }
  const text = await readFile(join(folder, 'releases', release, 'CITATION.txt'), 'utf8');
  assert.equal(`${copied.join('\n\n')}\n`, text);
  assert.equal(await scrollsSideways(page), false);
  assert.deepEqual((await axeFindings(page)).violations, []);
  await end();
}

/** The policy stands in the page; a breach of it would be a problem of the visit. */
async function linkedData({ browser, url, release }: Scene): Promise<void> {
  const { page, end } = await visit(browser, url);
  const found = JSON.parse(await textOf(page.locator('script[type="application/ld+json"]')));
  assert.equal(found['@type'], 'Dataset');
  assert.ok(found.identifier.includes(release));
  for (const { contentUrl, contentSize } of found.distribution) {
    const body = await (await fetch(new URL(contentUrl, url))).arrayBuffer();
    assert.equal(`${body.byteLength} B`, contentSize, contentUrl);
  }
  await end();
}

/** Fifteen releases: the first ten are seen at once, the others are behind `Older releases`. */
async function older({ browser }: Scene, folder: string): Promise<void> {
  const [first] = pageInput(PLAIN).releases;
  const releases = Array.from({ length: 15 }, (_, at) => ({
    ...(first as NonNullable<typeof first>),
    release: `2026-11-${24 - at}.1`,
  }));
  const file = join(folder, 'index.html');
  await writeFile(file, renderPage(pageInput(PLAIN, { releases })));
  const page = await browser.newPage();
  const row = page.locator('[id="release-2026-11-10.1"]');
  await page.goto(pathToFileURL(file).href);
  assert.equal(await row.isVisible(), false);
  await page.goto(`${pathToFileURL(file).href}#release-2026-11-10.1`);
  assert.equal(await row.isVisible(), true);
  assert.equal(await row.evaluate((one) => one.matches(':target')), true);
  await page.close();
}

test('citing a release', async (t) => {
  const scene = await sampleScene(t);
  const folder = await temporaryFolder(t);
  await t.test('both citations are copied by keys at 320 px, as CITATION.txt has them', () => copying(scene));
  await t.test('the page says what it is to machines, within its policy', () => linkedData(scene));
  await t.test("an older release's address opens what hides it", () => older(scene, folder));
});
