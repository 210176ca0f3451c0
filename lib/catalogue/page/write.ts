// Writes the page. The assets come first, under names with a content hash; `index.html` comes last, as one object. So a
// reader gets the old page or the complete new page at any moment.
import pMap from 'p-map';
import { ASSETS_FOLDER, PAGE } from '../../release/layout.ts';
import { DamagedFileError, nullIfDamaged } from '../../release/manifest.ts';
import type { ReleaseEntry } from '../../release/release-list.ts';
import { type Store, StoreConflictError } from '../../store/store.ts';
import { compareAndSwap } from '../compare-and-swap.ts';
import { type CurrentState, readCurrent } from '../pointer.ts';
import { readReleases } from '../release-list.ts';
import { pageFiles } from './asset-references.ts';
import { type Asset, createAsset, readBuiltPage } from './assets.ts';
import { CHART_DATA_CALLBACK, type CountryChartData } from './charts/country-chart-data.ts';
import { type ReleaseChartData, readChartData } from './charts/read-chart-data.ts';
import { readSince } from './charts/read-since.ts';
import { SINCE_CALLBACK, type SinceData } from './charts/since-data.ts';
import {
  computeSourceHash,
  createCurrentRelease,
  createPageInput,
  type PublishedState,
} from './collect-input.ts';
import type { CurrentRelease, EarlierReleases } from './input.ts';
import { renderPage } from './render.ts';

/** Concurrent writes. */
const MAX_CONCURRENT_WRITES = 8;

/**
 * Options of `writePage`. `identity` is that of the dataset, also without a current release. `builtRelease` is the release
 * that this run built, with its charts.
 */
export interface PageOptions extends Pick<PublishedState, 'identity' | 'publicUrl'> {
  readonly builtRelease?: { readonly release: string; readonly charts: ReleaseChartData } | undefined;
}

/**
 * Writes the page of the published state, unless the page is up to date.
 * @throws {PageNotBuiltError} if the page's scripts were never built; {DamagedFileError} if the pointer, the list or
 * the manifest is damaged; {StoreError}
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
    const since = await renderSince(store, state.releases, current);
    written = [...built.assets, ...assets, ...(since ? [since.asset] : [])];
    await writeAssets(store, written);
    // The assets must survive a loss of power before a page refers to them.
    await store.sync(ASSETS_FOLDER);
    // Without its charts, a page gets no hash, so that the next run writes it again.
    const hash = isComplete ? sourceHash : '';
    return renderPage(createPageInput(state, built, { current, since, sourceHash: hash }));
  });
  // A withdrawal at the same time may have deleted the new chart scripts. Write the missing ones again.
  await writeAssets(store, written);
}

/** Checks that the store has all files that a page loads: some may have been lost since. */
async function hasAllFiles(store: Store, page: Uint8Array): Promise<boolean> {
  const existing = new Set((await store.list(ASSETS_FOLDER)).map(({ key }) => key));
  return pageFiles(page).every((path) => existing.has(path));
}

async function writeAssets(store: Store, assets: readonly Asset[]): Promise<void> {
  await pMap(assets, (asset) => writeAsset(store, asset), { concurrency: MAX_CONCURRENT_WRITES });
}

/** True if a page has this hash. Only the first 256 bytes are searched: they hold no text from outside. */
export const hasSourceHash = (page: Uint8Array, sourceHash: string): boolean =>
  Buffer.from(page.subarray(0, 256)).toString('latin1').includes(`data-made-from="${sourceHash}"`);

interface RenderedCharts {
  readonly current: CurrentRelease | null;
  readonly assets: readonly Asset[];
  readonly isComplete: boolean;
}

/** The current release with its chart scripts. It has none if its tables are damaged. */
async function renderCharts(
  store: Store,
  { manifest, pointer }: CurrentState,
  { builtRelease, publicUrl }: PageOptions,
): Promise<RenderedCharts> {
  if (!manifest || !pointer) return { current: null, assets: [], isComplete: true };
  const release = { manifest, publicUrl };
  try {
    // Another run may have moved the pointer meanwhile: use our charts only for our own release.
    const isBuiltRelease = builtRelease?.release === manifest.release;
    const charts = isBuiltRelease ? builtRelease.charts : await readChartData(store, manifest);
    const { newest, names, countries, days } = charts;
    const scripts = countries.map((data) => [data.country, chartScript(data)] as const);
    const chartScripts = Object.fromEntries(scripts.map(([country, { path }]) => [country, path]));
    return {
      current: createCurrentRelease(release, pointer.published_at, {
        newest,
        names,
        chartScripts,
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

/** The earlier releases that the page compares with; null if there are none, or if tables are damaged. */
async function renderSince(
  store: Store,
  listed: readonly ReleaseEntry[],
  current: CurrentRelease | null,
): Promise<(EarlierReleases & { readonly asset: Asset }) | null> {
  if (!current) return null;
  const { manifest, names } = current;
  const data = await nullIfDamaged(readSince(store, { manifest, listed }, names));
  if (!data) return null;
  const asset = sinceScript(data);
  const releases = data.steps.map(({ from, published_at }) => ({ release: from, published_at }));
  return { asset, script: asset.path, releases };
}

/** Its name begins like that of a chart script, because a withdrawal must delete it like one: it holds figures. */
export const sinceScript = (data: SinceData): Asset =>
  createAsset(
    'picture-since.js',
    Buffer.from(`${SINCE_CALLBACK}(${JSON.stringify(data).toWellFormed()});\n`),
  );

/** A script and not a JSON file, because a page opened from disk can load scripts only. */
export const chartScript = (data: CountryChartData): Asset =>
  createAsset(
    `picture-${data.country}.js`,
    Buffer.from(`${CHART_DATA_CALLBACK}(${JSON.stringify(data).toWellFormed()});\n`),
  );

/** Writes an asset if it is missing. Its name has its content's hash, so an existing one has the same bytes. */
async function writeAsset(store: Store, { path, body }: Asset): Promise<void> {
  if (await store.head(path)) return;
  try {
    await store.put(path, body, 'absent');
  } catch (error) {
    if (!(error instanceof StoreConflictError)) throw error;
  }
}
