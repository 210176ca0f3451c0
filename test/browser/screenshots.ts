// `npm run screenshots`: takes the screenshots in docs/ of the sample world's page.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { ROOT } from '../setting.ts';
import { type ServedDataset, serveSample } from './serve-sample.ts';
import { seeAll, visit } from './visit.ts';

const FOLDER = join(ROOT, 'docs/screenshots');

interface Screenshot {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly colorScheme: 'light' | 'dark';
  /** Scrolls to the part that the screenshot shows. */
  readonly prepare?: (page: Page) => Promise<void>;
}

/** Scrolls an element to the top, below the navigation. */
const scrollToElement = (selector: string) => async (page: Page) => {
  await page.locator(selector).evaluate((element) => element.scrollIntoView());
};

async function openViewer(page: Page): Promise<void> {
  await page.locator('[data-viewer] button').click();
  await page.waitForSelector('.rows table');
  await scrollToElement('#look')(page);
}

const SCREENSHOTS: readonly Screenshot[] = [
  { path: '../page.png', width: 1440, height: 900, colorScheme: 'light' },
  { path: 'world-dark.png', width: 1440, height: 900, colorScheme: 'dark' },
  { path: 'world-tablet.png', width: 768, height: 1000, colorScheme: 'light' },
  { path: 'world-tablet-dark.png', width: 768, height: 1000, colorScheme: 'dark' },
  { path: 'world-phone.png', width: 320, height: 1400, colorScheme: 'light' },
  { path: 'world-phone-dark.png', width: 320, height: 1400, colorScheme: 'dark' },
  {
    path: 'freshness.png',
    width: 1280,
    height: 900,
    colorScheme: 'light',
    prepare: scrollToElement('#freshness'),
  },
  { path: 'take.png', width: 1280, height: 900, colorScheme: 'light', prepare: scrollToElement('#take') },
  { path: 'look.png', width: 1280, height: 900, colorScheme: 'light', prepare: openViewer },
  {
    path: 'country.png',
    width: 1280,
    height: 900,
    colorScheme: 'light',
    prepare: scrollToElement('#picture'),
  },
  { path: 'dark.png', width: 1280, height: 900, colorScheme: 'dark', prepare: scrollToElement('#picture') },
  { path: 'phone.png', width: 320, height: 900, colorScheme: 'light', prepare: scrollToElement('.country') },
];

async function takeScreenshot(
  { browser, url }: ServedDataset,
  { path, width, height, colorScheme, prepare }: Screenshot,
): Promise<void> {
  const { page, end } = await visit(browser, url, { width, colorScheme });
  await page.setViewportSize({ width, height });
  await seeAll(page);
  await page.evaluate(() => scrollTo(0, 0));
  await prepare?.(page);
  await page.screenshot({ path: join(FOLDER, path) });
  await end();
}

test('takes the screenshots of the docs', async (t) => {
  await mkdir(FOLDER, { recursive: true });
  const dataset = await serveSample(t, {}, 1);
  for (const screenshot of SCREENSHOTS) await takeScreenshot(dataset, screenshot);
});
