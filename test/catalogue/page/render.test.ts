import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CONTENT_SECURITY_POLICY, renderPage } from '../../../lib/catalogue/page/render.ts';
import { releaseAnchor } from '../../../lib/release/layout.ts';
import { linksOf, parsePage, textOf } from './parse-page.ts';
import { newestCount, PLAIN, pageInput, RELEASE, sameTextEverywhere } from './sample-page-input.ts';

const rendered = (...input: Parameters<typeof pageInput>): string =>
  Buffer.from(renderPage(pageInput(...input))).toString();

/** The page's tags and attribute names, without texts. */
const structure = (page: string): string[] =>
  parsePage(page).tags.map(({ name, isEnd, attributes }) => `${isEnd}${name} ${[...attributes.keys()]}`);

test('renderPage: equal input gives equal bytes', () => {
  assert.equal(rendered(), rendered());
  assert.notEqual(rendered(), rendered({ ...PLAIN, country: 'Chad' }));
});

const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '"><script>alert(1)</script>',
  "' onmouseover='alert(1)",
  '</script><!--',
  '&lt;b&gt;&amp;#60;',
  'x'.repeat(500),
  '\u202eright to left\u202c \u0645\u0631\u062d\u0628\u0627',
  '\u0000\u0008\u009f\ufffe\ud800',
  '{{7*7}} #{constructor}',
  'javascript:alert(1)',
];

for (const text of HOSTILE) {
  test(`renderPage shows a hostile text as text: ${JSON.stringify(text.slice(0, 30))}`, () => {
    const page = rendered(sameTextEverywhere(text));
    assert.deepEqual(structure(page), structure(rendered()));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what no document may hold
    const shown = text.toWellFormed().replaceAll(/[\u0000-\u0008\u007f-\u009f\ufffe]/g, '\ufffd');
    const { texts } = parsePage(page);
    const occurrences = texts.filter((part) => part.includes(shown)).length;
    assert.ok(occurrences >= Object.keys(PLAIN).length, `${occurrences} occurrences`);
  });
}

test('random texts from outside do not change tags and attributes of the page', () => {
  const plain = structure(rendered());
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      // Web and mail addresses become links, on purpose.
      fc.pre(!/^https?:|@/.test(text));
      assert.deepEqual(structure(rendered(sameTextEverywhere(text))), plain);
    }),
    { numRuns: 60 },
  );
});

test('only http, https and mail addresses become links', () => {
  const linked = (text: string) => linksOf(rendered({ ...PLAIN, licence: text })).includes(text);
  assert.ok(linked('https://creativecommons.org/licenses/by/4.0/'));
  assert.ok(!linked('javascript:alert(1)') && !linked('https://x y') && !linked('data:text/html,x'));
  assert.ok(linksOf(rendered({ ...PLAIN, contact: 'data@example.org' })).includes('mailto:data@example.org'));
  assert.ok(!rendered({ ...PLAIN, contact: 'a"@b.c' }).includes('mailto:'));
});

test('the page has no inline code and no address of another origin, by policy too', () => {
  const { tags } = parsePage(rendered());
  for (const { name, isEnd, attributes } of tags) {
    for (const key of attributes.keys()) assert.ok(!/^on|^style$/.test(key), `${name} ${key}`);
    assert.notEqual(name, 'style');
    if (name === 'script' && !isEnd)
      assert.ok(attributes.has('src') || /^application\/(ld\+)?json$/.test(attributes.get('type') ?? ''));
  }
  const metas = tags.filter(({ name }) => name === 'meta');
  assert.equal(metas[1]?.attributes.get('content'), CONTENT_SECURITY_POLICY);
  assert.ok(
    !CONTENT_SECURITY_POLICY.includes('unsafe') && CONTENT_SECURITY_POLICY.startsWith("default-src 'none'"),
  );
  for (const link of linksOf(rendered())) assert.ok(!/^([a-z]+:|\/)/.test(link), link);
});

test('without scripts the page has the release, its terms, its gaps and its figures', () => {
  const text = textOf(rendered());
  for (const expected of [
    'Invented figures.',
    `${RELEASE}, published 2026-11-24`,
    'Newest count2026-10-31',
    'The first release.',
    'No figures for 1 country at some level, since the API did not answer. Earlier figures stand in for 1 country. For 1 country the API has no rows at some level.',
    'Haiti, level 0: no answer (no answer in 120 s), and no earlier rows.',
    'level 1: no answer this time (no answer in 120 s); the rows of release 2026-11-23.1 stand in.',
    'level 2: no rows (no answer in 120 s).',
    'CC-BY-4.0',
    'the operator',
    '1,234,567',
    '31 days',
    'Withdrawn on 2026-11-24: wrong year',
    'A stock, not a flow.',
    'rows without a figure',
    'Parquet 1.2 kB',
    'ab'.repeat(32),
  ])
    assert.ok(text.includes(expected), expected);
});

test('a missing figure is shown as "no figure", never as 0', () => {
  const current = pageInput().current as NonNullable<ReturnType<typeof pageInput>['current']>;
  const newest = [
    newestCount(PLAIN, { idps: null, usual_days: null, status: null, level: 1 }),
    newestCount(PLAIN, { idps: 0 }),
  ];
  const page = rendered(PLAIN, { current: { ...current, newest } });
  const [missing = '', zero = ''] =
    page.split('id="freshness-table"')[1]?.split('<tbody>')[1]?.split('</tr>') ?? [];
  assert.match(textOf(missing), /not listed.*one count.*no figure level 1/);
  assert.match(textOf(zero), /31 days0$/);
});

test('a page of real figures has no banner about invented figures', () => {
  const page = textOf(
    rendered(PLAIN, { identity: { dataset: 'dtm-idp', synthetic: false, visibility: 'public' } }),
  );
  assert.ok(
    !page.includes('Invented figures.') && page.includes('Open dataset') && !page.includes('invented world'),
  );
});

test('a page without a current release says why and lists earlier releases', () => {
  const [, withdrawn] = pageInput().releases;
  const page = textOf(
    rendered(PLAIN, { current: null, releases: [withdrawn as NonNullable<typeof withdrawn>] }),
  );
  assert.match(
    page,
    /No release stands at the moment\. Release 2026-11-23\.1 was withdrawn on 2026-11-24: wrong year/,
  );
  assert.match(page, /Releases.*2026-11-23\.1 withdrawn/);
});

test('a page whose tables could not be read has no charts and keeps its downloads', () => {
  const current = pageInput().current as NonNullable<ReturnType<typeof pageInput>['current']>;
  const page = rendered(PLAIN, { current: { ...current, newest: null, chartScripts: {} } });
  assert.match(textOf(page), /No charts for this release\..*dtm-exporter verify/);
  assert.ok(linksOf(page).includes(`releases/${RELEASE}/tables/admin0/admin0.parquet`));
});

test('ids are unique, and labels and navigation links refer to existing ids', () => {
  const { tags } = parsePage(rendered());
  const ids = tags.flatMap(({ attributes }) => attributes.get('id') ?? []);
  assert.deepEqual(ids.toSorted(), [...new Set(ids)].sort());
  for (const { attributes } of tags) {
    const references = [attributes.get('aria-labelledby'), attributes.get('href')?.match(/^#(.*)/)?.[1]];
    for (const id of references) assert.ok(id === undefined || ids.includes(id), id);
  }
});

test('snippets have the public address, or a placeholder if none is configured', () => {
  assert.match(textOf(rendered()), /https:\/\/YOUR-ADDRESS\/releases\//);
  const page = textOf(rendered(PLAIN, { publicUrl: 'https://data.example.org/dtm/' }));
  assert.ok(
    page.includes(
      `FROM 'https://data.example.org/dtm/releases/${RELEASE}/tables/snapshots/snapshots.parquet'`,
    ),
  );
  assert.ok(!page.includes('YOUR-ADDRESS'));
});

test('the sentence about Excel names the workbooks that exist', () => {
  const current = pageInput().current as NonNullable<ReturnType<typeof pageInput>['current']>;
  const book = (path: string, table: string | null, country: string | null) =>
    ({ path, table, country, format: 'xlsx', rows: 1, bytes: 1, sha256: 'ab'.repeat(32) }) as const;
  const excelSentence = (...books: ReturnType<typeof book>[]) => {
    const files = [...current.manifest.files, ...books];
    const page = rendered(PLAIN, { current: { ...current, manifest: { ...current.manifest, files } } });
    return [/For Excel there is [^.]*\./.exec(textOf(page))?.[0], linksOf(page)] as const;
  };
  const [ofCountry, world] = [
    book('xlsx/HTI.xlsx', null, 'HTI'),
    book('xlsx/snapshots.xlsx', 'snapshots', null),
  ];
  assert.equal(excelSentence()[0], undefined);
  assert.equal(excelSentence(ofCountry)[0], 'For Excel there is a workbook of each country.');
  const [sentence, links] = excelSentence(ofCountry, world);
  assert.equal(
    sentence,
    'For Excel there is a workbook of each country, and one with the totals of all countries.',
  );
  assert.ok(links.includes(`releases/${RELEASE}/xlsx/snapshots.xlsx`));
});

test('every listed release has the anchor that feed and citation link to', () => {
  const { tags } = parsePage(rendered());
  const ids = tags.flatMap(({ attributes }) => attributes.get('id') ?? []);
  const listed = pageInput().releases.map(({ release }) => releaseAnchor(release));
  assert.ok(listed.length > 1);
  assert.deepEqual(
    ids.filter((id) => /^release-\d/.test(id)),
    listed,
  );
});
