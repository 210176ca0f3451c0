// `npm run screenshots`: the pictures of the page in the docs, of the sample world.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { ROOT } from '../setting.ts';
import { type Scene, sampleScene } from './serve-sample.ts';
import { seeAll, visit } from './visit.ts';

const FOLDER = join(ROOT, 'docs/screenshots');

interface Picture {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly colorScheme: 'light' | 'dark';
  /** Goes to what the picture is of. */
  readonly look?: (page: Page) => Promise<void>;
}

/** Puts an element at the top, below the navigation. */
const top = (selector: string) => async (page: Page) => {
  await page.locator(selector).evaluate((element) => element.scrollIntoView());
};

async function reader(page: Page): Promise<void> {
  await page.locator('[data-viewer] button').click();
  await page.waitForSelector('.rows table');
  await top('#look')(page);
}

const PICTURES: readonly Picture[] = [
  { path: '../page.png', width: 1040, height: 1612, colorScheme: 'light' },
  { path: 'freshness.png', width: 1280, height: 900, colorScheme: 'light', look: top('#freshness') },
  { path: 'take.png', width: 1280, height: 900, colorScheme: 'light', look: top('#take') },
  { path: 'look.png', width: 1280, height: 900, colorScheme: 'light', look: reader },
  { path: 'dark.png', width: 1280, height: 900, colorScheme: 'dark', look: top('#picture') },
  { path: 'tablet.png', width: 768, height: 1000, colorScheme: 'dark' },
  { path: 'phone.png', width: 320, height: 900, colorScheme: 'light', look: top('.country') },
];

async function take(
  { browser, url }: Scene,
  { path, width, height, colorScheme, look }: Picture,
): Promise<void> {
  const { page, end } = await visit(browser, url, { width, colorScheme });
  await page.setViewportSize({ width, height });
  await seeAll(page);
  await page.evaluate(() => scrollTo(0, 0));
  await look?.(page);
  await page.screenshot({ path: join(FOLDER, path) });
  await end();
}

test('the pictures of the docs', async (t) => {
  await mkdir(FOLDER, { recursive: true });
  const scene = await sampleScene(t, {}, 1);
  for (const picture of PICTURES) await take(scene, picture);
});
