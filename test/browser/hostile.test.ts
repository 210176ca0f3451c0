// Hostile names from the API in a real browser. They stay text, do not break the layout, and do not change the text direction.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf, envelope, ROW, type Row, serveAnswers } from '../hostile/api.ts';
import { exportInto, temporaryFolder } from '../setting.ts';
import { serveFolder } from './serve-sample.ts';
import { axeFindings, scrollsSideways, textOf, visit } from './visit.ts';

const NAMES = [
  '<img src=x onerror="document.title=1">',
  '"><script>document.title=1</script>',
  `${'verylongname'.repeat(42)}`,
  '\u202Eright to left override',
  'الجمهورية العربية السورية',
  "Côte d'Ivoire & <b>bold</b>",
];

const byName = (a: string, b: string): number => a.localeCompare(b, 'en');

/** Rows of the country for a name; all its texts are that name. */
function rowsOf(at: number, level: number): Row[] {
  const name = NAMES[at] as string;
  const texts = {
    operation: name,
    admin0Name: name,
    admin1Name: name,
    admin2Name: name,
    displacementReason: name,
    idpOriginAdmin1Name: name,
  };
  return [1, 2, 3].map((round) => ({
    ...{
      ...ROW,
      ...texts,
      admin0Pcode: codeOf(at),
      assessmentType: name.slice(0, 40),
      roundNumber: round,
      id: level * 10 + round,
    },
    ...{ reportingDate: `2026-0${round}-28T00:00:00`, yearReportingDate: 2026, monthReportingDate: round },
  }));
}

const fieldsOf = (row: Row, level: number): Partial<Row> => {
  const hidden = Object.keys(row).filter(
    (field) => (level < 1 && /^admin1|^id$/.test(field)) || (level < 2 && field.startsWith('admin2')),
  );
  return Object.fromEntries(Object.entries(row).filter(([field]) => !hidden.includes(field)));
};

test('a count without a figure is a hollow circle, and a country without counts is named', async (t) => {
  const countries = ['SDN', 'TCD', 'HTI'].map((admin0Pcode) => ({
    admin0Name: `Land ${admin0Pcode}`,
    admin0Pcode,
  }));
  const api = await serveAnswers(t, (endpoint, admin0Pcode) => {
    if (endpoint === 'countries') return envelope(countries);
    if (endpoint === 'operations')
      return envelope([{ ...countries[0], operation: 'Flood response', operationStatus: 'Active' }]);
    if (admin0Pcode === 'HTI')
      return envelope([], { statusCode: 204, errorMessages: ['No matching data found.'] });
    const figure = admin0Pcode === 'SDN' ? null : 100;
    const row = { ...ROW, admin0Pcode, admin0Name: `Land ${admin0Pcode}`, numPresentIdpInd: figure };
    return envelope([fieldsOf(row as Row, Number(endpoint.slice(-1)))]);
  });
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url: api.url, countries: null });
  const { browser, url } = await serveFolder(t, folder);
  const { page, end } = await visit(browser, url);
  await page.waitForSelector('[data-map] svg.world-map');
  assert.equal(await page.locator('.world-map circle.hollow').getAttribute('data-code'), 'SDN');
  assert.deepEqual(await page.locator('.ranked .figure').allTextContents(), ['100', 'no figure']);
  assert.equal(
    await textOf(page.locator('[data-without-count]')),
    'Without any count in this release: Land HTI.',
  );
  // Each was counted once, in 2024.
  assert.deepEqual(await page.locator('.ranked .tag').allTextContents(), ['counted once', 'counted once']);
  await page.locator('.map-stage').focus();
  await page.keyboard.press('End');
  assert.match(await textOf(page.locator('.map-tooltip')), /^Land SDN: no figure/);
  await end();
});

test('hostile names of the API stay text and do not break the layout', async (t) => {
  const countries = NAMES.map((name, at) => ({ admin0Name: name, admin0Pcode: codeOf(at) }));
  const operations = countries.map((country) => ({
    ...country,
    operation: country.admin0Name,
    operationStatus: 'Active',
  }));
  const api = await serveAnswers(t, (endpoint, country) => {
    if (endpoint === 'countries') return envelope(countries);
    if (endpoint === 'operations') return envelope(operations);
    const at = countries.findIndex(({ admin0Pcode }) => admin0Pcode === country);
    const level = Number(endpoint.slice(-1));
    return envelope(rowsOf(at, level).map((row) => fieldsOf(row, level)));
  });
  const folder = await temporaryFolder(t);
  const outcome = await exportInto({ folder, url: api.url, countries: null });
  assert.equal(outcome.outcome, 'published');
  const { browser, url } = await serveFolder(t, folder);
  for (const width of [320, 1440]) {
    const { page, end } = await visit(browser, url, { width });
    // None of these codes is a country's.
    await page.waitForSelector('[data-off-map]:not([hidden])');
    assert.deepEqual(await page.locator('[data-off-map] bdi').allTextContents(), NAMES.toSorted(byName));
    assert.deepEqual(await page.locator('.ranked bdi').allTextContents(), NAMES.toSorted(byName));
    await page.locator('.world-table > summary').click();
    assert.equal(await scrollsSideways(page), false);
    for (const [at, name] of [...NAMES.entries()].reverse()) {
      await page.goto(`${url}#country=${codeOf(at)}`);
      await page.waitForSelector(`.country[data-country=${codeOf(at)}] .lines svg`);
      assert.equal(await textOf(page.locator('.country h3 bdi')), name);
      assert.equal(await textOf(page.locator('.readout-figure')), '100');
      assert.equal(await textOf(page.locator('.readout .reasons bdi')), name);
      assert.equal(await page.locator('#country').inputValue(), name);
      assert.equal(await scrollsSideways(page), false, `${width} ${name.slice(0, 20)}`);
      assert.deepEqual((await axeFindings(page)).violations, []);
    }
    await page.locator('#country').click();
    await page.keyboard.type('COTE D');
    await page.keyboard.press('Enter');
    await page.waitForSelector(`.country[data-country=${codeOf(5)}]`);
    assert.equal(await page.locator('img, iframe, b').count(), 0);
    assert.match(await page.title(), /^(Sample: )?Internally displaced people/);
    await page.locator('[data-viewer] button').click();
    await page.waitForSelector('.rows tbody tr');
    assert.ok((await page.locator('.rows td bdi').allTextContents()).includes(NAMES[0] as string));
    assert.equal(await scrollsSideways(page), false);
    await end();
  }
});
