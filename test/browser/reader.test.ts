// The reader in Chromium, on servers and networks with faults: the rows, the error, or the reason of the abort.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { serveTable } from '../dataset/serve-table.ts';
import type { Fault } from '../dataset/start-files.ts';
import { ROOT } from '../setting.ts';
import { CHROMIUM_ALONE, startBrowser } from './start-browser.ts';

/** In the page: `read` gives the number of rows, or the kind of the error; after `ms` it is aborted. */
const SCRIPT = `
import { openDataset } from './lib/dataset/reader.ts';

const release = openDataset('./', { retryDelay: 0.001, timeout: 60 }).current();
globalThis.read = async (ms) => {
  const signal = ms === null ? undefined : AbortSignal.timeout(ms);
  let rows = 0;
  try {
    for await (const row of (await release).rows('admin2', { columns: ['admin0_pcode', 'reporting_date'], signal })) rows++;
    return rows;
  } catch (error) {
    return error.kind ?? error.name;
  }
};
globalThis.readAtOnce = (reads) => Promise.all(Array.from({ length: reads }, () => globalThis.read(null)));
`;

interface PageFunctions {
  read(ms: number | null): Promise<unknown>;
  readAtOnce(reads: number): Promise<unknown[]>;
}

test('Chromium reads through faults, or says what they are', CHROMIUM_ALONE, async (t) => {
  const { folder, files, faulty, rows } = await serveTable(t);
  const stdin = { contents: SCRIPT, resolveDir: ROOT };
  const { outputFiles } = await build({ stdin, bundle: true, format: 'iife', write: false });
  await writeFile(join(folder, 'script.js'), outputFiles[0]?.text ?? '');
  await writeFile(
    join(folder, 'page'),
    '<!doctype html><link rel="icon" href="data:,"><script src="script.js"></script>',
  );
  const page = await (await startBrowser(t)).newPage();
  // Unhandled rejections, too.
  const errors: Error[] = [];
  page.on('pageerror', (error) => errors.push(error));
  files.fault = ({ path }) => (path === 'page' ? { headers: { 'Content-Type': 'text/html' } } : undefined);
  await page.goto(`${files.url}page`);
  const read = (ms: number | null) =>
    page.evaluate((after) => (globalThis as unknown as PageFunctions).read(after), ms);

  // No answer is kept: the browser's cache would hide the next fault.
  const headers = { 'Cache-Control': 'no-store' };
  const compressed: Fault = {
    headers: { ...headers, 'Content-Encoding': 'gzip' },
    change: (body) => gzipSync(body),
  };
  const html = '<!doctype html><title>Sign in</title>';
  const cases: [unknown, (number: number) => Fault][] = [
    [rows.length, () => ({ headers })],
    [rows.length, () => ({ headers, noRanges: true })],
    [rows.length, (number) => (number % 2 ? { status: 503 } : { headers })],
    [rows.length, (number) => ({ headers, ...(number % 2 ? { cutAfter: 100 } : {}) })],
    // Chromium asks for a part without compression, unpacks none, and does not say why.
    ['unreachable', () => compressed],
    ['unreachable', () => ({ ...compressed, noRanges: true })],
    ['replaced', (number) => ({ headers: { ...headers, ETag: `"${number}"` } })],
    ['damaged', () => ({ headers: { ...headers, 'Content-Range': 'bytes 0-9/10' } })],
    ['damaged', () => ({ headers, change: (body) => body.fill(0) })],
    ['damaged', () => ({ status: 416 })],
    ['unreachable', () => ({ headers, body: html, noRanges: true })],
    ['unreachable', () => ({ status: 403 })],
  ];
  for (const [at, [expected, fault]] of cases.entries()) {
    faulty((_, number) => fault(number));
    assert.equal(await read(null), expected, `case ${at}`);
  }

  faulty((_, number) => ({ headers, delay: number % 4 }));
  const twenty = await page.evaluate(() => (globalThis as unknown as PageFunctions).readAtOnce(20));
  assert.deepEqual(new Set(twenty), new Set([rows.length]));

  const outcomes = new Set<unknown>();
  for (let ms = 0; ms <= 120; ms += 6) {
    faulty((_, number) => (number > ms / 6 ? { stall: true } : { headers, delay: 3 }));
    outcomes.add(await read(ms));
    for (let waited = 0; files.open() > 0 && waited < 1000; waited += 10) await page.waitForTimeout(10);
    assert.equal(files.open(), 0, `aborted after ${ms} ms`);
  }
  assert.ok(outcomes.delete('TimeoutError'));
  outcomes.delete(rows.length);
  assert.deepEqual([...outcomes], []);
  assert.deepEqual(errors, []);
});
