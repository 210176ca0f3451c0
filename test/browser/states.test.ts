// The page of unusual datasets: empty, with gaps, with one country; and changes while the page is open.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { withdrawRelease } from '../../lib/retire/withdraw.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { envelope, listsOf, serveAnswers } from '../hostile/api.ts';
import { duckdb, exportInto, simulator, skipSchemaCheck, temporaryFolder } from '../setting.ts';
import { serveFolder, serveSample } from './serve-sample.ts';
import { axeFindings, scrollsSideways, textOf, visit } from './visit.ts';

const RUNS = ['2026-11-24T05-00-00Z', '2026-11-24T06-00-00Z', '2026-11-24T07-00-00Z'] as const;

const withdraw = (folder: string, release: string, reason: string) =>
  withdrawRelease(folderStore(folder), release, {
    reason,
    now: new Date(),
    publicUrl: null,
    announcer: null,
  });

/** Three releases of three countries. The newest one has a gap, the second one is withdrawn. */
async function gapsAndWithdrawal(t: TestContext) {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url: world.url, run: RUNS[0] });
  world.setFaults(['changed@AFG']);
  const second = await exportInto({ folder, url: world.url, run: RUNS[1] });
  world.setFaults(['changed@AFG', 'changed@TCD', 'dead@SDN']);
  const third = await exportInto({ folder, url: world.url, run: RUNS[2], options: { maxFailed: 50 } });
  await withdraw(folder, second.release as string, 'AFG was <wrong>');
  return { folder, second: second.release as string, third: third.release as string };
}

test('the page describes gaps, changes and a withdrawn release in words', async (t) => {
  const { folder, second, third } = await gapsAndWithdrawal(t);
  const { browser, url } = await serveFolder(t, folder);
  const { page, end } = await visit(browser, url);
  assert.equal(await page.locator('.facts').isVisible(), false);
  assert.match(await textOf(page.locator('.facts-line')), /Gaps in 1 country/);
  assert.match(await textOf(page.locator('[data-gaps]')), /Earlier figures stand in for 1 country\./);
  await page.locator('.about-release > summary').click();
  await page.locator('[data-last-check]', { hasText: 'Last checked' }).waitFor();
  const facts = await textOf(page.locator('#about'));
  assert.match(facts, /The oldest answer behind these figures is of .* \(today\) \(/);
  assert.match(
    facts,
    /Last checked \d{4}-\d\d-\d\d \(published\)\. Without an answer: SDN last answered today\./,
  );
  assert.match(facts, /Earlier figures stand in for 1 country\./);
  assert.match(facts, new RegExp(`Against ${second}: .*changed.*\\(TCD\\)`));
  await page.locator('.gaps summary').click();
  assert.match(
    await textOf(page.locator('.gaps li').first()),
    /^Sudan, levels 0, 1 and 2: no answer this time \(.*\); the rows of release .* stand in\.$/,
  );
  const rows = page.locator('#releases tbody tr');
  assert.deepEqual(await rows.locator('th').allTextContents(), [
    `${third} current`,
    `${second} withdrawn`,
    `${second.replace(/\d+$/, (n) => String(Number(n) - 1))}`,
  ]);
  assert.match(await textOf(rows.nth(1)), /Withdrawn on .*: AFG was <wrong> Its data files are gone/);
  assert.equal(await page.locator('#releases a[href="feed.xml"]').count(), 1);
  assert.deepEqual((await axeFindings(page)).violations, []);
  await end();
});

test('the page of an empty dataset says that the API has no rows', async (t) => {
  const lists = listsOf(2);
  const api = await serveAnswers(
    t,
    (endpoint) =>
      lists[endpoint] ?? envelope([], { statusCode: 204, errorMessages: ['No matching data found.'] }),
  );
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url: api.url, countries: null });
  const { browser, url } = await serveFolder(t, folder);
  const { page, end } = await visit(browser, url, { width: 320 });
  assert.match(await textOf(page.locator('#picture')), /There is nothing to draw\. The release has no rows/);
  assert.match(
    await textOf(page.locator('.facts')),
    /Countries with figures0.*2 countries the API has no rows/s,
  );
  assert.equal(await page.locator('#freshness').count(), 0);
  await page.locator('[data-viewer] button').click();
  await page.waitForSelector('.rows table');
  assert.match(await textOf(page.locator('.cost')), /^The first 0 of 0 rows\./);
  assert.deepEqual((await axeFindings(page)).violations, []);
  assert.equal(await scrollsSideways(page), false);
  await end();
});

test('the page of a dataset with one country shows that country at first', async (t) => {
  const { browser, url } = await serveSample(t, { countries: ['HTI'] });
  const { page, end } = await visit(browser, url, { width: 768 });
  await page.locator('[data-picture]').evaluate((element) => element.scrollIntoView());
  await page.waitForSelector('.country[data-country=HTI] .lines svg');
  assert.equal(await page.locator('#country-files tbody tr').count(), 1);
  assert.match(await textOf(page.locator('.facts')), /units? were never asked for|were never asked for/);
  await end();
});

test('a withdrawal while the page is open is shown on the page and in the viewer', async (t) => {
  const { folder, third } = await gapsAndWithdrawal(t);
  const { browser, url } = await serveFolder(t, folder);
  const { page, end } = await visit(browser, url, { expected: /status of 404/ });
  await page.locator('[data-viewer] button').click();
  await page.waitForSelector('.rows table');
  await withdraw(folder, third, 'a mistake');
  const option = await page.locator('#viewer-file option').last().getAttribute('value');
  await page.locator('#viewer-file').selectOption(option ?? '');
  await page.waitForSelector('.rows .notice');
  assert.match(
    await textOf(page.locator('.rows .notice')),
    /not there any more: its release was withdrawn or replaced\. Load the page again/,
  );
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await page.waitForSelector('[data-newer]:visible');
  assert.match(
    await textOf(page.locator('[data-newer]')),
    new RegExp(`this page shows ${third}, which was replaced or withdrawn`),
  );
  await page.locator('[data-newer] a').click();
  await page.waitForFunction(
    (gone) => !document.querySelector('.facts .lead')?.textContent?.includes(gone),
    third,
  );
  await end();
});

test('a missing chart script gives a notice, and other countries still work', async (t) => {
  const { browser, url, folder } = await serveSample(t, { countries: ['HTI', 'TCD'] });
  skipSchemaCheck(folder);
  const store = folderStore(folder);
  for (const { key } of await store.list('assets/')) if (key.includes('picture-TCD')) await store.delete(key);
  const { page, end } = await visit(browser, `${url}#country=TCD`, { expected: /404|MIME type|nosniff/ });
  await page.waitForSelector('[data-picture] .notice');
  assert.match(await textOf(page.locator('[data-picture]')), /could not be loaded.*reload the page/);
  await page.locator('#country').click();
  await page.locator('#country-HTI').click();
  await page.waitForSelector('.country[data-country=HTI] .lines svg');
  await end();
});

test('of a large file the viewer fetches parts, and the whole from a server without ranges', async (t) => {
  const { browser, folder, url } = await serveSample(t, { countries: ['SDN'], levels: [0, 2] }, 1);
  const store = folderStore(folder);
  const server = createServer(async (request, response) => {
    const found = await store.get(decodeURIComponent((request.url ?? '').slice(1)) || 'index.html');
    response.writeHead(found ? 200 : 404, {
      'Content-Type': request.url?.endsWith('css')
        ? 'text/css'
        : request.url?.endsWith('js')
          ? 'text/javascript'
          : request.url?.endsWith('svg')
            ? 'image/svg+xml'
            : 'text/html',
    });
    response.end(found?.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const bare = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  assert.match(
    await costOfLargeFile(browser, bare),
    /in 1 request\. This server knows no ranges, so the whole file was fetched\.$/,
  );
  assert.match(await costOfLargeFile(browser, url), /^The first 50 of 14,\d{3} rows\. .* in 2 requests\.$/);
});

test('a file that is not the listed one is a sentence in the viewer', async (t) => {
  const { browser, url } = await serveSample(t, { countries: ['HTI'] });
  const { page, end } = await visit(browser, url);
  const sayings: [Buffer, RegExp][] = [
    [
      Buffer.alloc(1000),
      /^The file is not the one that this page lists \(.*found 1000\)\. Load the page again\.$/,
    ],
    [Buffer.alloc(0), /^The file is not the one that this page lists/],
  ];
  for (const [body, saying] of sayings) {
    await page.route('**/*.parquet', (route) => route.fulfill({ status: 200, body }));
    await page.reload();
    await page.locator('[data-viewer] button').click();
    await page.waitForSelector('.rows .notice');
    assert.match(await textOf(page.locator('.rows .notice')), saying);
  }
  await end();
});

/** What the viewer says after it has opened the largest file. */
async function costOfLargeFile(browser: Browser, url: string): Promise<string> {
  const { page, end } = await visit(browser, url);
  await page.locator('[data-viewer] button').click();
  await page.waitForSelector('#viewer-file option', { state: 'attached' });
  const options = await page.locator('#viewer-file option').allTextContents();
  const label = options.find((text) => text.startsWith('admin2.parquet')) ?? '';
  await page.locator('#viewer-file').selectOption({ label });
  await page.waitForFunction(
    () => document.querySelector('.rows th:nth-child(3)')?.textContent === 'admin1_name',
  );
  const cost = await textOf(page.locator('.cost'));
  await end();
  return cost;
}

test('a long gap between counts breaks the line of the chart', async (t) => {
  // At full scale, this operation has skipped rounds.
  const dataset = await serveSample(t, { countries: ['BDI'], levels: [0] }, 1);
  const days = await duckdb(
    `SELECT days_since_previous AS days FROM ${dataset.table('snapshots')} WHERE days_since_previous IS NOT NULL ORDER BY days`,
  );
  const usual = Number(days[Math.floor((days.length - 1) / 2)]?.days);
  const gaps = days.filter((row) => Number(row.days) > 2 * usual).length;
  assert.ok(gaps > 0);
  const { page, end } = await visit(dataset.browser, `${dataset.url}#country=BDI`);
  await page.waitForSelector('.country[data-country=BDI] .lines svg');
  assert.equal(await page.locator('.legend button').count(), 1);
  assert.equal(await page.locator('.lines svg [aria-label=line] path').count(), gaps + 1);
  const readout = page.locator('.readout');
  await page.locator('.lines .stage').focus();
  const seen = [];
  for (let step = 0; step < days.length; step++) {
    await page.keyboard.press('ArrowLeft');
    seen.push(await textOf(readout));
  }
  assert.equal(seen.filter((text) => text.includes('a gap, not a straight line')).length, gaps);
  await end();
});
