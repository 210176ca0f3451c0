// Finds the browser files that `npm run build` writes into `dist/catalogue/page/browser/`. The relative path to that folder is the
// same from `lib/` and from `dist/`. A Lambda bundle has no such folder, so it holds these files next to itself.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { BrowserFiles } from './input.ts';

/** A file below `assets/` with a hash of its content in its name. */
export interface Asset {
  readonly path: string;
  readonly body: Uint8Array;
}

/** The browser files with their contents, and their paths by role. */
export interface BuiltPage {
  readonly files: BrowserFiles;
  readonly assets: readonly Asset[];
}

/** The page cannot be written, because `npm run build` did not run. */
export class PageNotBuiltError extends Error {
  override readonly name = 'PageNotBuiltError';
}

export const ASSETS_FOLDER = 'assets/';

/** Files that `npm run build` makes for browsers, in the order of `BrowserFiles`. */
export const BROWSER_FILES = [
  'page.js',
  'style.css',
  'icon.svg',
  'charts.js',
  'country.js',
  'map.js',
  'viewer.js',
] as const;

const FOLDERS = [
  new URL('../../../dist/catalogue/page/browser/', import.meta.url),
  new URL('./', import.meta.url),
] as const;

/** Hex digits of the SHA-256 in a file name: 64 bits. */
const HASH_DIGITS = 16;

/** Puts a hash of the content into the name, so that browsers can cache the file without a time limit. */
export function createAsset(name: string, body: Uint8Array): Asset {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, HASH_DIGITS);
  const dot = name.lastIndexOf('.');
  return { path: `${ASSETS_FOLDER}${name.slice(0, dot)}-${hash}${name.slice(dot)}`, body };
}

/** Reads the built files. @throws {PageNotBuiltError} if one is missing */
export async function readBuiltPage(): Promise<BuiltPage> {
  const folder = await findFolder();
  const assets = await Promise.all(
    BROWSER_FILES.map(async (name) => createAsset(name, await readFile(new URL(name, folder)))),
  );
  const paths = assets.map(({ path }) => path);
  const [page = '', style = '', icon = '', charts = '', country = '', map = '', viewer = ''] = paths;
  return { files: { page, style, icon, charts, country, map, viewer }, assets };
}

async function findFolder(): Promise<URL> {
  for (const folder of FOLDERS) {
    const found: string[] = await readdir(folder).catch(() => []);
    if (BROWSER_FILES.every((name) => found.includes(name))) return folder;
  }
  throw new PageNotBuiltError(`the page's scripts are not in ${FOLDERS[0].pathname}: run npm run build`);
}
