// `npm run bench:page`: size of the page of a full world, time until it is usable on a slow machine, and time to write it.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { writePage } from '../../lib/catalogue/page/write.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { type ServedDataset, serveSample } from './serve-sample.ts';
import { visit } from './visit.ts';

const RUNS = 5;
const IDENTITY = { dataset: 'dtm-idp', synthetic: true, visibility: 'private' } as const;

const median = (values: readonly number[]): number =>
  Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0);

/** Milliseconds from the request to the end of the page's start scripts, and to the first paint. The CPU is slowed down 4 times. */
async function measureStart({ browser, url }: ServedDataset): Promise<{ ready: number; paint: number }> {
  const { page, end } = await visit(browser, url);
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await page.goto(`${url}?${Math.random()}`);
  await page.waitForSelector('html[data-ready]', { state: 'attached' });
  const times = await page.evaluate(() => ({
    ready: performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming,
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
  }));
  const ready = times.ready.domContentLoadedEventEnd;
  await end();
  return { ready, paint: times.paint };
}

test('size and times of the page of a full world', async (t) => {
  const dataset = await serveSample(t, {}, 1);
  const times = [];
  for (let run = 0; run < RUNS; run++) times.push(await measureStart(dataset));
  t.diagnostic(
    `usable after ${median(times.map(({ ready }) => ready))} ms, first paint after ${median(times.map(({ paint }) => paint))} ms, at a quarter of the processor`,
  );
  const assets = await readdir(join(dataset.folder, 'assets'));
  for (const name of [
    'index.html',
    ...assets.filter((asset) => !asset.startsWith('picture')).map((asset) => `assets/${asset}`),
  ]) {
    const body = await readFile(join(dataset.folder, name));
    t.diagnostic(`${name}: ${body.length} bytes, ${gzipSync(body, { level: 6 }).length} compressed`);
  }
  const store = folderStore(dataset.folder);
  await store.delete('index.html');
  for (const { key } of await store.list('assets/')) await store.delete(key);
  const options = { identity: IDENTITY, publicUrl: null };
  for (const outcome of ['written', 'found up to date']) {
    const start = performance.now();
    await writePage(store, options);
    t.diagnostic(`the page was ${outcome} in ${Math.round(performance.now() - start)} ms`);
  }
});
