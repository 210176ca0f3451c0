// Writing the page. What it names is written first, under names made of content; `index.html` comes last and in one
// piece, so that whoever reads meanwhile sees the page of the release before, or the whole new one.
import pMap from 'p-map';
import { ASSETS_FOLDER, PAGE } from '../../release/layout.ts';
import { DamagedFileError } from '../../release/manifest.ts';
import { type Store, StoreConflictError } from '../../store/store.ts';
import { compareAndSwap } from '../compare-and-swap.ts';
import { type CurrentState, readCurrent } from '../pointer.ts';
import { createTableReader, type TableReader } from '../published-rows.ts';
import { readReleases } from '../release-list.ts';
import { pageFiles } from './asset-references.ts';
import { type Asset, createAsset, readBuiltPage } from './assets.ts';
import { CHART_DATA_CALLBACK, type CountryChartData } from './charts/country-chart-data.ts';
import { readChartData } from './charts/read-chart-data.ts';
import {
  computeSourceHash,
  createCurrentRelease,
  createPageInput,
  type PublishedState,
} from './collect-input.ts';
import type { CurrentRelease } from './input.ts';
import { renderPage } from './render.ts';

/** Files being written at once. */
const FILES_AT_ONCE = 8;

/**
 * What writing a page needs beside the store; `identity` is what the prefix holds, also when no release stands, `made`
 * the release whose tables are at hand, if any.
 */
export interface PageOptions extends Pick<PublishedState, 'identity' | 'publicUrl'> {
  readonly builtRelease?: { readonly release: string; readonly tables: TableReader } | undefined;
}

/**
 * Writes the page of what is published, unless it is that already.
 * @throws {PageNotBuiltError} if the page's scripts were never built; {DamagedFileError} if the pointer, the list or
 * the manifest is; {StoreError}
 */
export async function writePage(store: Store, options: PageOptions): Promise<void> {
  const built = await readBuiltPage();
  let written: readonly Asset[] = [];
  await compareAndSwap(store, PAGE, async (found) => {
    const { identity, publicUrl } = options;
    const state = {
      identity,
      publicUrl,
      current: await readCurrent(store),
      releases: await readReleases(store),
    };
    const sourceHash = computeSourceHash(state, built);
    if (found && hasSourceHash(found, sourceHash) && (await hasAllFiles(store, found))) return null;
    const { current, assets, isComplete } = await renderCharts(store, state.current, options);
    written = [...built.assets, ...assets];
    await writeAssets(store, written);
    // What the page names outlives a loss of power before the page does.
    await store.sync(ASSETS_FOLDER);
    // A page without its charts is made again by the next run.
    return renderPage(createPageInput(state, built, { current, madeFrom: isComplete ? sourceHash : '' }));
  });
  // A withdrawal removes pictures that no page names: one that came between has removed those of this page.
  await writeAssets(store, written);
}

/** Whether all that a page names is there: it may have been lost since. */
async function hasAllFiles(store: Store, page: Uint8Array): Promise<boolean> {
  const there = new Set((await store.list(ASSETS_FOLDER)).map(({ key }) => key));
  return pageFiles(page).every((path) => there.has(path));
}

async function writeAssets(store: Store, assets: readonly Asset[]): Promise<void> {
  await pMap(assets, (asset) => writeAsset(store, asset), { concurrency: FILES_AT_ONCE });
}

/** Whether a page says that it was made from this: near its beginning, where no text from outside stands. */
export const hasSourceHash = (page: Uint8Array, sourceHash: string): boolean =>
  Buffer.from(page.subarray(0, 256)).toString('latin1').includes(`data-made-from="${sourceHash}"`);

interface RenderedCharts {
  readonly current: CurrentRelease | null;
  readonly assets: readonly Asset[];
  readonly isComplete: boolean;
}

/** The current release with the scripts of its pictures; without them if its tables cannot be read any more. */
async function renderCharts(
  store: Store,
  { manifest, pointer }: CurrentState,
  { builtRelease, publicUrl }: PageOptions,
): Promise<RenderedCharts> {
  if (!manifest || !pointer) return { current: null, assets: [], isComplete: true };
  const release = { manifest, publicUrl };
  try {
    // Another run may have moved the pointer meanwhile: only its own tables are a release's.
    const isBuiltRelease = builtRelease?.release === manifest.release;
    const tables = isBuiltRelease ? builtRelease.tables : createTableReader(store, manifest);
    const { newest, names, countries, days } = await readChartData(tables);
    const scripts = countries.map((picture) => [picture.country, chartScript(picture)] as const);
    const pictures = Object.fromEntries(scripts.map(([country, { path }]) => [country, path]));
    return {
      current: createCurrentRelease(release, pointer.published_at, {
        newest,
        names,
        chartScripts: pictures,
        days,
      }),
      assets: scripts.map(([, asset]) => asset),
      isComplete: true,
    };
  } catch (error) {
    if (!(error instanceof DamagedFileError)) throw error;
    return { current: createCurrentRelease(release, pointer.published_at), assets: [], isComplete: false };
  }
}

/** A script and no JSON file, since a page that was opened from disk may load scripts only. */
export const chartScript = (picture: CountryChartData): Asset =>
  createAsset(
    `picture-${picture.country}.js`,
    Buffer.from(`${CHART_DATA_CALLBACK}(${JSON.stringify(picture).toWellFormed()});\n`),
  );

/** Its name is its content: one that is there is the same. */
async function writeAsset(store: Store, { path, body }: Asset): Promise<void> {
  if (await store.head(path)) return;
  try {
    await store.put(path, body, 'absent');
  } catch (error) {
    if (!(error instanceof StoreConflictError)) throw error;
  }
}
