// Datasets that the page is looked at on, served as `dtm-exporter serve` does.
import type { TestContext } from 'node:test';
import type { Browser } from 'playwright-core';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { type DatasetServer, serveDataset } from '../../lib/read/serve.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { type ExportSetting, exportInto, simulator, temporaryFolder } from '../setting.ts';
import { startChromium } from './start-chromium.ts';

export interface Scene {
  readonly browser: Browser;
  readonly folder: string;
  readonly release: string;
  /** Ends in a slash. */
  readonly url: string;
  readonly served: DatasetServer;
  /** A table of the release, for a query of DuckDB's. */
  readonly table: (name: string) => string;
}

/** Serves a folder's dataset, and starts a browser. */
export async function sceneOf(t: TestContext, folder: string): Promise<Scene> {
  const store = folderStore(folder);
  const { pointer } = await readCurrent(store);
  const release = pointer?.release ?? '';
  const served = await serveDataset(store, { port: 0 });
  t.after(() => served.close());
  const table = (name: string) => `'${folder}/releases/${release}/tables/${name}/${name}.parquet'`;
  return { browser: await startChromium(t), folder, release, url: served.url, served, table };
}

/** The sample world, as `npm start` makes it, or at another scale; 1 is as large as the real one. */
export async function sampleScene(
  t: TestContext,
  setting: Partial<ExportSetting> = {},
  scale = 0.05,
): Promise<Scene> {
  const { url } = await simulator(t, { scale });
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url, countries: null, ...setting });
  return sceneOf(t, folder);
}
