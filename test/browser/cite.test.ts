// Citing a release: citations copied with the keyboard only, and links to the anchors of releases.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { renderPage } from '../../lib/catalogue/page/render.ts';
import { PLAIN, pageInput } from '../catalogue/page/sample-page-input.ts';
import { temporaryFolder } from '../setting.ts';
import { type ServedDataset, serveSample } from './serve-sample.ts';
import { axeFindings, scrollsSideways, textOf, visit } from './visit.ts';

async function copyCitations({ browser, url, folder, release }: ServedDataset): Promise<void> {
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
    assert.equal(await code.evaluate((pre) => pre.scrollWidth > pre.clientWidth), false);
  }
  const text = await readFile(join(folder, 'releases', release, 'CITATION.txt'), 'utf8');
  assert.equal(`${copied.join('\n\n')}\n`, text);
  assert.equal(await scrollsSideways(page), false);
  assert.deepEqual((await axeFindings(page)).violations, []);
  await end();
}

/** The page's policy is active: `end` would report a violation. */
async function structuredData({ browser, url, release }: ServedDataset): Promise<void> {
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

/** Fifteen releases: ten are visible, the others are folded into `Older releases`. */
async function olderReleaseLink({ browser }: ServedDataset, folder: string): Promise<void> {
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
  assert.equal(await row.evaluate((element) => element.matches(':target')), true);
  await page.close();
}

test('citing a release', async (t) => {
  const dataset = await serveSample(t);
  const folder = await temporaryFolder(t);
  await t.test('both citations can be copied by keyboard at 320 px and equal CITATION.txt', () =>
    copyCitations(dataset),
  );
  await t.test('the JSON-LD block describes the release and breaks no content policy', () =>
    structuredData(dataset),
  );
  await t.test('a link to an older release opens the fold that hides it', () =>
    olderReleaseLink(dataset, folder),
  );
});
