// The page in WebKitGTK, whose engine Safari has: what a reader does with it, from the first sight to a saved picture. The other
// suites say what each part must do; here each part must do it in an engine that none of them runs.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Key } from 'selenium-webdriver';
import { publishRevisions } from '../../read/since/publish-revisions.ts';
import { duckdb, skipSchemaCheck, temporaryFolder } from '../../setting.ts';
import { chosenSeries } from '../chosen-series.ts';
import { measurePicture, type PictureFacts, pictureUrl } from '../read-download.ts';
import { type ServedFiles, serveFiles } from '../serve-sample.ts';
import { axeScript } from '../visit.ts';
import { startWebkit, type Window } from './start-webkit.ts';

interface Setting extends Window, ServedFiles {
  /** Oldest first. */
  readonly releases: readonly string[];
}

const WORLDS = [[], ['changed=1000@AFG', 'new-round=2026-10-31@TCD']];

/** Texts of elements, hidden parts included. */
const textsOf = ({ driver }: Window, selector: string): Promise<string[]> =>
  driver.executeScript(
    (found: string) => [...document.querySelectorAll(found)].map(({ textContent }) => textContent ?? ''),
    selector,
  );

const hasText = (window: Window, selector: string, pattern: RegExp): Promise<void> =>
  window.until(
    (found, source) => new RegExp(source ?? '').test(document.querySelector(found ?? '')?.textContent ?? ''),
    selector,
    pattern.source,
  );

const digitsOf = (text: string | undefined): string => (text ?? '').replaceAll(/\D/g, '');

/** Scrolls to the map or to the charts, which are drawn once they are seen. */
async function seeDrawn({ see }: Window, ...parts: readonly ('map' | 'picture' | 'dots')[]): Promise<void> {
  for (const part of parts) {
    await see(`[data-${part}]`);
    await see(`[data-${part}] svg`);
  }
}

async function firstSight(setting: Setting): Promise<void> {
  await setting.open(setting.url);
  await seeDrawn(setting, 'map', 'picture', 'dots');
  const expected = await chosenSeries(setting);
  const circles: string[] = await setting.driver.executeScript(() =>
    [...document.querySelectorAll<SVGElement>('.world-map circle.count')].map(
      ({ dataset }) => dataset.code ?? '',
    ),
  );
  assert.deepEqual(circles.sort(), expected.map(({ code }) => String(code)).sort());
  assert.deepEqual(
    (await textsOf(setting, '.ranked .figure')).map(digitsOf),
    expected.slice(0, 12).map(({ idps }) => String(idps)),
  );
}

async function accessible(setting: Setting): Promise<void> {
  const { driver, open, url } = setting;
  await open(`${url}#country=SDN`);
  await seeDrawn(setting, 'map', 'picture', 'dots');
  // Below the navigation, which stays at the top of the window, a button would count as hidden in part.
  await driver.executeScript('scrollTo(0, 0)');
  await driver.executeScript(axeScript);
  const found = await driver.executeAsyncScript((done: (violations: unknown) => void) => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    axe
      .run({ preload: false, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
      .then(({ violations }) => done(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)), done);
  });
  assert.deepEqual(found, []);
}

async function byKeys(setting: Setting): Promise<void> {
  const { open, url, see, type, until, driver, table } = setting;
  await open(url);
  await type('#country', 'chad', Key.ENTER);
  await see('.country[data-country=TCD] .lines svg');
  assert.equal(new URL(await driver.getCurrentUrl()).hash, '#country=TCD');
  const [first] = await duckdb(`SELECT idps FROM ${table('snapshots')} WHERE admin0_pcode = 'TCD'
    AND (operation, assessment_type) = (SELECT (operation, assessment_type) FROM ${table('snapshots')} WHERE admin0_pcode = 'TCD'
      ORDER BY reporting_date DESC, level, idps DESC LIMIT 1) ORDER BY reporting_date, round_number, level LIMIT 1`);
  await type('.lines .stage', Key.HOME);
  await until(
    (figure) =>
      (document.querySelector('.readout-figure')?.textContent ?? '').replaceAll(/\D/g, '') === figure,
    String(first?.idps),
  );
}

async function saveAll(setting: Setting): Promise<void> {
  const { open, url, save, driver, release } = setting;
  await open(`${url}#country=SDN`);
  await seeDrawn(setting, 'map', 'picture');
  for (const chart of ['the map', 'the chart']) {
    const saved = [];
    for (const kind of ['CSV', 'PNG', 'SVG'])
      saved.push(await save(`[aria-label="Take ${chart}"] [aria-label^=${kind}]`));
    const [csv, png, svg] = saved;
    assert.ok(
      csv && png && svg && saved.every(({ name }) => name.includes(release)),
      `${saved.map(({ name }) => name)}`,
    );
    assert.match(
      csv.bytes.toString(),
      /^"admin0_pcode","admin0_name",.*,"release","credit"\n.*Invented figures/,
    );
    const facts: PictureFacts[] = [];
    for (const picture of [png, svg])
      facts.push(
        await driver.executeAsyncScript(
          `const [source, done] = arguments; (${measurePicture})(source).then(done, (error) => done(String(error)))`,
          pictureUrl(picture),
        ),
      );
    const [drawn, source] = facts;
    assert.ok(
      drawn && source && drawn.ink > 0.02 && drawn.colors > 20 && source.ink > 0.02,
      JSON.stringify(facts),
    );
    // The PNG has two pixels for one of the SVG, and as much ink: WebKit draws a picture before its parts are there.
    assert.deepEqual([drawn.width, drawn.height], [2 * source.width, 2 * source.height]);
    assert.ok(Math.abs(drawn.ink / source.ink - 1) < 0.2, JSON.stringify(facts));
  }
}

async function links(setting: Setting): Promise<void> {
  const { open, url, see, type, click, until, driver } = setting;
  await open(`${url}#world=only&type=SA`);
  await seeDrawn(setting, 'map');
  const rule = () => textsOf(setting, '#world-rule option:checked');
  assert.deepEqual(await rule(), ['Only SA']);
  // By keys: back passes over what a script did without the reader.
  await type('#world-rule', 'Newest');
  await until(() => location.hash === '#world=newest');
  await click('.ranked a');
  await see('.country .lines svg');
  await driver.navigate().back();
  await driver.navigate().back();
  await until(() => document.querySelector('#world-rule option:checked')?.textContent === 'Only SA');
}

async function rows(setting: Setting): Promise<void> {
  const { open, url, see, click, type, table } = setting;
  await open(url);
  await click('[data-viewer] button');
  await see('.rows table');
  const [found] = await duckdb(`SELECT count(*) AS n FROM ${table('admin0')}`);
  await hasText(
    setting,
    '.cost',
    new RegExp(`^The first 50 of ${Number(found?.n).toLocaleString('en')} rows`),
  );
  await type('#viewer-column', 'admin0_pcode');
  await type('#viewer-comparison', 'is');
  await type('#viewer-value', 'TCD', Key.ENTER);
  const [chad] = await duckdb(`SELECT count(*) AS n FROM ${table('admin0')} WHERE admin0_pcode = 'TCD'`);
  await hasText(setting, '.cost', new RegExp(`^${chad?.n} rows match`));
}

async function sinceARelease(setting: Setting): Promise<void> {
  const { open, url, see, releases } = setting;
  await open(`${url}#since=${releases[0]}`);
  await see('[data-since] details');
  await hasText(setting, '[data-since]', /have changed in 2 countries: \d+ new, 1 revised/);
  assert.deepEqual(
    (await textsOf(setting, '[data-since] summary')).map((text) => text.split(' ')[0]),
    ['Afghanistan', 'Chad'],
  );
}

/** WebKitGTK makes no window narrower than its tool bar, so the page is in a frame. */
async function narrow({ url, driver, until }: Setting, folder: string): Promise<void> {
  const path = join(skipSchemaCheck(folder), 'frame.html');
  await writeFile(path, `<iframe width="320" height="800" src="${url}#country=SDN"></iframe>`);
  await driver.get(pathToFileURL(path).href);
  await driver.switchTo().frame(0);
  await until(() => document.querySelector('.country[data-country=SDN] .lines svg') !== null);
  await driver.executeScript(() => document.querySelector('[data-map]')?.scrollIntoView());
  await until(() => document.querySelector('svg.world-map') !== null);
  const width = await driver.executeScript(() => [innerWidth, document.documentElement.scrollWidth]);
  await driver.switchTo().defaultContent();
  assert.deepEqual(width, [320, 320]);
}

async function fromDisk(setting: Setting): Promise<void> {
  const { open, folder } = setting;
  await open(`${pathToFileURL(join(folder, 'index.html')).href}#country=TCD`);
  await seeDrawn(setting, 'map', 'picture', 'dots');
  await hasText(setting, '[data-viewer]', /opened from disk/);
}

test('the page in WebKit', async (t) => {
  const { folder, releases } = await publishRevisions(t, WORLDS, {
    countries: null,
    // The list is compared with what was overdue today.
    context: { now: () => new Date() },
  });
  const setting = { ...(await serveFiles(t, folder)), ...(await startWebkit(t)), releases };
  await t.test('the first sight has the circles and the list of the files, and all charts are drawn', () =>
    firstSight(setting),
  );
  await t.test('axe finds no violation', () => accessible(setting));
  await t.test('a country is chosen and its chart is read by keys', () => byKeys(setting));
  await t.test('CSV, PNG and SVG of the map and of a country are saved whole', () => saveAll(setting));
  await t.test('links open what they say, and back shows what was shown', () => links(setting));
  await t.test('the viewer shows and filters the rows of a file', () => rows(setting));
  await t.test('what has changed since a release is shown', () => sinceARelease(setting));
  await t.test('at 320 px nothing scrolls sideways', async () => narrow(setting, await temporaryFolder(t)));
  await t.test('a page opened from disk has its charts', () => fromDisk(setting));
});
