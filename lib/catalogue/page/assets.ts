// The built browser files: made by `npm run build` into `dist/catalogue/page/browser/`, which lies at the same place whether this
// file runs from `lib/` or from `dist/`. A bundle that has no such folder above it carries them beside itself.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { BrowserFiles } from './input.ts';

/** A file below `assets/`, named by its content. */
export interface Asset {
  readonly path: string;
  readonly body: Uint8Array;
}

/** The files of the page, and what it calls them. */
export interface BuiltPage {
  readonly files: BrowserFiles;
  readonly assets: readonly Asset[];
}

/** The page cannot be written, since its scripts were never built. */
export class PageNotBuiltError extends Error {
  override readonly name = 'PageNotBuiltError';
}

export const ASSETS_FOLDER = 'assets/';

/** What `npm run build` makes for browsers. */
export const BROWSER_FILES = ['page.js', 'style.css', 'icon.svg', 'charts.js', 'viewer.js'] as const;

const FOLDERS = [
  new URL('../../../dist/catalogue/page/browser/', import.meta.url),
  new URL('./', import.meta.url),
] as const;

/** How much of a SHA-256 stands in a name: 64 bits. */
const HASH_DIGITS = 16;

/** A file below `assets/` with its hash in its name, so that it may be kept for ever. */
export function createAsset(name: string, body: Uint8Array): Asset {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, HASH_DIGITS);
  const dot = name.lastIndexOf('.');
  return { path: `${ASSETS_FOLDER}${name.slice(0, dot)}-${hash}${name.slice(dot)}`, body };
}

/** Reads the built files. @throws {PageNotBuiltError} if there are none */
export async function readBuiltPage(): Promise<BuiltPage> {
  const folder = await findFolder();
  const assets = await Promise.all(
    BROWSER_FILES.map(async (name) => createAsset(name, await readFile(new URL(name, folder)))),
  );
  const [page = '', style = '', icon = '', charts = '', viewer = ''] = assets.map(({ path }) => path);
  return { files: { page, style, icon, charts, viewer }, assets };
}

async function findFolder(): Promise<URL> {
  for (const folder of FOLDERS) {
    const found: string[] = await readdir(folder).catch(() => []);
    if (BROWSER_FILES.every((name) => found.includes(name))) return folder;
  }
  throw new PageNotBuiltError(`the page's scripts are not in ${FOLDERS[0].pathname}: run npm run build`);
}
