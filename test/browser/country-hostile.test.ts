// Hostile names in a country with more than four operations: in small charts, areas, files and links.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { envelope, ROW, type Row, serveAnswers } from '../hostile/api.ts';
import { duckdb, exportInto, readCsv, temporaryFolder } from '../setting.ts';
import { save, svgTexts } from './read-download.ts';
import { type ServedDataset, serveFolder } from './serve-sample.ts';
import { axeFindings, scrollsSideways, textOf, visit } from './visit.ts';

const NAMES = [
  '<img src=x onerror="document.title=1">',
  `"],"x":[</script><script>document.title=1</script>&area=#country=SDN`,
  'verylongname'.repeat(42),
  '\u202Eright to left override',
  'الجمهورية العربية السورية',
  '=HYPERLINK("http://example.org", "a, b")',
  'vertical\u000btab, bell\u0007 and\nline feed',
];

/** Three rounds of an operation for each name; all texts of a row are that name. */
const ROWS: readonly Row[] = NAMES.flatMap((name, at) =>
  [1, 2, 3].map((round) => ({
    ...ROW,
    ...{ id: 10 * at + round, admin0Pcode: 'AAA', admin0Name: NAMES[0] as string },
    ...{
      operation: name,
      admin1Name: name,
      admin2Name: name,
      displacementReason: name,
      idpOriginAdmin1Name: name,
    },
    ...{ admin1Pcode: at % 2 === 0 ? name.slice(0, 20) : null, assessmentType: name.slice(0, 40) },
    ...{ roundNumber: round, numPresentIdpInd: 100 * at + round, yearReportingDate: 2026 },
    ...{ reportingDate: `2026-0${round}-28T00:00:00`, monthReportingDate: round },
  })),
);

const fieldsOf = (row: Row, level: number): Partial<Row> =>
  Object.fromEntries(
    Object.entries(row).filter(
      ([field]) => !((level < 1 && /^admin1|^id$/.test(field)) || (level < 2 && field.startsWith('admin2'))),
    ),
  );

/** Chooses each operation for the map, and compares link, CSV and picture with the names of the files. */
async function onTheMap(
  { browser, url }: ServedDataset,
  files: string,
  published: Set<string>,
): Promise<void> {
  const { page, end } = await visit(browser, `${url}#world=newest`, { width: 320 });
  const blank = await browser.newPage();
  const bar = page.locator('[aria-label="Take the map"]');
  const button = (words: string) => bar.locator('button', { hasText: words });
  await page.locator('.world-table > summary').click();
  for (let at = 0; at < NAMES.length; at++) {
    await page.locator('#series-AAA').selectOption(String(at));
    const csv = await save(page, button('CSV'), files);
    const rows = await duckdb(`FROM ${readCsv(csv.path)}`);
    assert.equal(rows.length, 1);
    assert.equal(rows[0]?.admin0_name, NAMES[0]);
    assert.ok(published.delete(JSON.stringify([rows[0]?.operation, rows[0]?.assessment_type])), `${at}`);
    const again = await visit(browser, page.url());
    assert.equal(await again.page.locator('#series-AAA').inputValue(), String(at));
    assert.equal(await again.page.locator('#world .notice').count(), 0);
    await again.end();
  }
  assert.equal(published.size, 0);
  const svg = await save(page, button('SVG'), files);
  assert.ok((await svgTexts(blank, svg)).join(' ').includes(`Not on the map: \u2068${NAMES[0]}\u2069.`));
  assert.equal(await scrollsSideways(page), false);
  await blank.close();
  await end();
}

test('hostile names of many operations stay text in charts, files and links', async (t) => {
  const country = { admin0Name: NAMES[0], admin0Pcode: 'AAA' };
  const api = await serveAnswers(t, (endpoint) => {
    if (endpoint === 'countries') return envelope([country]);
    if (endpoint === 'operations')
      return envelope(NAMES.map((operation) => ({ ...country, operation, operationStatus: 'Active' })));
    return envelope(ROWS.map((row) => fieldsOf(row, Number(endpoint.slice(-1)))));
  });
  const folder = await temporaryFolder(t);
  assert.equal((await exportInto({ folder, url: api.url, countries: null })).outcome, 'published');
  const dataset = await serveFolder(t, folder);
  const { browser, url, table } = dataset;
  const files = await temporaryFolder(t);
  const [{ operations } = {}] = await duckdb(
    `SELECT list(DISTINCT operation) AS operations FROM ${table('snapshots')}`,
  );
  const blank = await browser.newPage();
  for (const width of [320, 1440]) {
    const { page, end } = await visit(browser, `${url}#country=AAA`, { width });
    await page.waitForSelector('.area-lines svg');
    assert.equal(await page.locator('.panel').count(), NAMES.length);
    const { length } = operations as string[];
    assert.equal(length, NAMES.length);
    for (let at = 0; at < length; at++) {
      await page.locator('.panel').nth(at).click();
      await page.waitForSelector('.area-lines svg');
      const name = await textOf(page.locator('.large-title'));
      assert.ok(
        (operations as string[]).some((operation) => name.startsWith(`${operation} (`)),
        name,
      );
      const csv = await save(
        page,
        page.locator('[aria-label="Take the chart of the area"] button').first(),
        files,
      );
      assert.match(csv.name, /^AAA-[a-z0-9-]*\d{4}-\d\d-\d\d\.\d+\.csv$/);
      const rows = await duckdb(`FROM ${readCsv(csv.path)}`);
      assert.equal(rows.length, 3);
      assert.ok(
        rows.every(
          ({ operation, admin1_name }) => name.startsWith(`${operation} (`) && operation === admin1_name,
        ),
      );
      const svg = await save(
        page,
        page.locator('[aria-label="Take the chart"] button', { hasText: 'SVG' }),
        files,
      );
      const texts = (await svgTexts(blank, svg)).join('').replaceAll(/[\s\u2068\u2069]/g, '');
      const plain = name.replaceAll('\u0007', '\ufffd').replaceAll(/\s/g, '');
      assert.ok(texts.includes(plain), `${texts} has ${plain}`);
      assert.doesNotMatch(texts, /Inventedfigures/, 'these figures are not of the sample world');
      const labels = page.locator('.lines svg [aria-label="x-axis tick label"] text');
      const ticks = await labels.allTextContents();
      assert.equal(new Set(ticks).size, ticks.length, `each date of the axis once: ${ticks}`);
      const address = page.url();
      const again = await visit(browser, address, { width });
      await again.page.waitForSelector('.area-lines svg');
      assert.equal(await textOf(again.page.locator('.large-title')), name);
      assert.equal(await again.page.locator('.country > .notice').count(), 0);
      await again.end();
      assert.equal(await scrollsSideways(page), false, `${width} ${name.slice(0, 20)}`);
    }
    await page.evaluate(() => scrollTo(0, 0));
    assert.deepEqual((await axeFindings(page)).violations, []);
    assert.equal(await page.locator('.country img, .country script').count(), 0);
    await end();
  }
  await blank.close();
  const series = await duckdb(`SELECT DISTINCT operation, assessment_type FROM ${table('snapshots')}`);
  const published = series.map((row) => JSON.stringify([row.operation, row.assessment_type]));
  await onTheMap(dataset, files, new Set(published));
});
