// Saves what a download bar offers, and reads it back.
import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import { DOWNLOADS, ENGINE } from './start-browser.ts';

export interface Download {
  /** The file's name as the browser saves it. */
  readonly name: string;
  readonly path: string;
  readonly bytes: Buffer;
}

/** Chromium refuses the eleventh download in a second of a page. */
const PAUSE = 120;

/** Milliseconds to wait for a saved file. */
const PATIENCE = 20_000;

/** Clicks a button of a download bar, and saves the file into a folder. */
export async function save(page: Page, button: Locator, folder: string): Promise<Download> {
  if (ENGINE === 'firefox') return saveInFirefox(button, folder);
  await page.waitForTimeout(PAUSE);
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  const name = download.suggestedFilename();
  const path = join(folder, name);
  await download.saveAs(path);
  return { name, path, bytes: await readFile(path) };
}

/** playwright-core misses the downloads of an unchanged Firefox, whose events have no identifier, so the file is taken from its folder. */
async function saveInFirefox(button: Locator, folder: string): Promise<Download> {
  await button.click();
  const { name, bytes } = await takeDownload(DOWNLOADS);
  const path = join(folder, name);
  await writeFile(path, bytes);
  return { name, path, bytes };
}

/**
 * Takes the only file of a folder, once it is whole. Firefox and WebKit make it empty first, and Firefox writes into a
 * second one beside it.
 */
export async function takeDownload(folder: string): Promise<Pick<Download, 'name' | 'bytes'>> {
  let before = 0;
  for (let waited = 0; waited < PATIENCE; waited += 100) {
    await setTimeout(100);
    const [name, ...others] = await readdir(folder);
    if (name === undefined || others.length > 0 || /\.(wkdownload|part)$/.test(name)) continue;
    const bytes = await readFile(join(folder, name));
    if (bytes.length > 0 && bytes.length === before) {
      await rm(join(folder, name));
      return { name, bytes };
    }
    before = bytes.length;
  }
  throw new Error(
    `expected one whole file within ${PATIENCE / 1000} seconds, found [${await readdir(folder)}] in ${folder}`,
  );
}

export interface PictureFacts {
  readonly width: number;
  readonly height: number;
  /** Share of the pixels that are not white. */
  readonly ink: number;
  /** Number of different colours. */
  readonly colors: number;
  /** The first pixel below the warning, as `255,255,255`. */
  readonly corner: string;
}

/** Draws a picture, given as a `data:` URL, and counts its pixels. Runs in a page. */
export async function measurePicture(source: string): Promise<PictureFacts> {
  const image = new Image();
  // Not `decode()`: see `loadImage` in save.ts.
  await new Promise((done, fail) => {
    image.onload = done;
    image.onerror = () => fail(new Error('not a picture'));
    image.src = source;
  });
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const pixels = new Uint32Array(data.buffer);
  const corner = [...context.getImageData(2, canvas.height - 3, 1, 1).data.subarray(0, 3)].join();
  return {
    width: canvas.width,
    height: canvas.height,
    ink: pixels.filter((pixel) => pixel !== 0xffffffff).length / pixels.length,
    colors: new Set(pixels.filter((_, at) => at % 11 === 0)).size,
    corner,
  };
}

/** The `data:` URL of a PNG or SVG. */
export const pictureUrl = ({ bytes, name }: Pick<Download, 'bytes' | 'name'>): string =>
  `data:image/${name.endsWith('png') ? 'png' : 'svg+xml'};base64,${bytes.toString('base64')}`;

/** Draws a PNG or SVG in a page, and counts its pixels. */
export const pictureFacts = (page: Page, download: Download): Promise<PictureFacts> =>
  page.evaluate(measurePicture, pictureUrl(download));

/** Parses an SVG as XML. @throws if it is not well-formed */
export async function svgTexts(page: Page, { bytes }: Download): Promise<string[]> {
  const { error, texts, foreign } = await page.evaluate((source) => {
    const parsed = new DOMParser().parseFromString(source, 'image/svg+xml');
    return {
      error: parsed.querySelector('parsererror')?.textContent ?? null,
      texts: [...parsed.querySelectorAll('text')].map((text) => text.textContent ?? ''),
      foreign: [
        ...parsed.querySelectorAll('style, script, image, foreignObject, a, [class], [style], [href]'),
      ].map(({ outerHTML }) => outerHTML.slice(0, 80)),
    };
  }, bytes.toString('utf8'));
  assert.equal(error, null);
  assert.deepEqual(foreign, [], 'only attributes of SVG');
  assert.doesNotMatch(bytes.toString('utf8'), /var\(|url\(/);
  return texts;
}
