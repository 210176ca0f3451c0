// Serves a dataset as `dtm-exporter serve` does, and starts a browser for its page.
import type { TestContext } from 'node:test';
import type { Browser } from 'playwright-core';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { type DatasetServer, serveDataset } from '../../lib/read/serve.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { type ExportSetting, exportInto, simulator, temporaryFolder } from '../setting.ts';
import { startBrowser } from './start-browser.ts';

export interface ServedFiles {
  readonly folder: string;
  readonly release: string;
  /** Ends in a slash. */
  readonly url: string;
  readonly server: DatasetServer;
  /** Path of a table of the release, quoted for DuckDB. */
  readonly table: (name: string) => string;
}

export interface ServedDataset extends ServedFiles {
  readonly browser: Browser;
}

/** Serves a folder's dataset. */
export async function serveFiles(t: TestContext, folder: string): Promise<ServedFiles> {
  const store = folderStore(folder);
  const { pointer } = await readCurrent(store);
  const release = pointer?.release ?? '';
  const server = await serveDataset(store, { port: 0 });
  t.after(() => server.close());
  const table = (name: string) => `'${folder}/releases/${release}/tables/${name}/${name}.parquet'`;
  return { folder, release, url: server.url, server, table };
}

/** Serves a folder's dataset, and starts a browser. */
export async function serveFolder(t: TestContext, folder: string): Promise<ServedDataset> {
  return { ...(await serveFiles(t, folder)), browser: await startBrowser(t) };
}

/** Exports the sample world, as `npm start` does, and serves it. A scale of 1 is as large as the real data. */
export async function serveSample(
  t: TestContext,
  setting: Partial<ExportSetting> = {},
  scale = 0.05,
): Promise<ServedDataset> {
  const { url } = await simulator(t, { scale });
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url, countries: null, ...setting });
  return serveFolder(t, folder);
}
