// The content of CITATION.txt and CITATION.cff, and the escaping of texts from outside.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import fc from 'fast-check';
import { bibtex, citationCff, citationText } from '../../../lib/make/metadata/citation.ts';
import type { MetadataInput } from '../../../lib/make/metadata/describe.ts';
import { citationOf } from '../../../lib/release/terms.ts';
import { describedAs } from './sample-metadata-input.ts';

const { load } = createRequire(import.meta.url)('js-yaml') as { load: (text: string) => unknown };

const PUBLIC = { publicUrl: 'https://example.org/dtm' };
const PAGE = 'https://example.org/dtm/index.html#release-2026-11-24.1';
const cff = (more: Partial<MetadataInput>): Record<string, unknown> =>
  load(citationCff(describedAs(more))) as Record<string, unknown>;

test('the citation, BibTeX and CITATION.cff give the release and its address', () => {
  const identity = { dataset: 'dtm-idp', api_version: 'v3', synthetic: false, visibility: 'public' } as const;
  assert.match(citationOf(identity, '2026-11-24.1', PAGE), new RegExp(`release 2026-11-24\\.1\\. ${PAGE}$`));
  assert.match(citationOf(identity, '2026-11-24.1', null), /release 2026-11-24\.1\.$/);
  const text = citationText(describedAs({ ...PUBLIC, citation: 'A sentence.' }));
  assert.equal(
    text,
    `A sentence.

@misc{dtm-idp-2026-11-24.1,
  author = {{somebody}},
  title = {{Internally displaced persons, DTM API v3}},
  year = {2026},
  month = {11},
  version = {2026-11-24.1},
  note = {Dataset dtm-idp, release 2026-11-24.1},
  url = {${PAGE}},
}
`,
  );
  const { url, version, identifiers, 'date-released': date } = cff(PUBLIC);
  assert.deepEqual([url, version, date], [PAGE, '2026-11-24.1', '2026-11-24']);
  const manifest = 'https://example.org/dtm/releases/2026-11-24.1/manifest.json';
  assert.deepEqual(identifiers, [
    { type: 'url', value: manifest, description: 'The manifest: every file with its SHA-256' },
  ]);
});

test('CITATION.cff names the contact, with email or website if it is one', () => {
  const contactOf = (contact: string | null) => cff({ contact }).contact;
  const [mail, site] = ['data@example.org', 'https://example.org/us'];
  assert.deepEqual(contactOf(mail), [{ name: mail, email: mail }]);
  assert.deepEqual(contactOf(site), [{ name: site, website: site }]);
  assert.deepEqual(contactOf('the office'), [{ name: 'the office' }]);
  assert.deepEqual(contactOf('data@example.o'), [{ name: 'data@example.o' }]);
  assert.equal(contactOf(null), undefined);
});

test('without a public URL, BibTeX and CITATION.cff have no address', () => {
  assert.doesNotMatch(bibtex(describedAs()), /url/);
  assert.deepEqual([cff({}).url, cff({}).identifiers], [undefined, undefined]);
});

test('invented figures are cited as invented, with the simulator as their author', () => {
  const invented = { synthetic: true, credit: 'Source: a simulator. Invented figures, not IOM data' };
  const { authors, title, abstract } = cff(invented);
  assert.deepEqual(authors, [{ name: 'a simulator. Invented figures, not IOM data' }]);
  assert.match(`${title} ${abstract}`, /\(invented figures\) Invented figures/);
  assert.match(bibtex(describedAs(invented)), /author = \{\{a simulator\. Invented/);
});

test('any licence, contact and credit stay texts in CITATION.cff', () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 });
  fc.assert(
    fc.property(text, text, text, (licence, contact, credit) => {
      const plain = cff({ contact: 'x' });
      const found = cff({ licence, contact: contact || null, credit });
      const expected = Object.keys(plain).filter((key) => contact !== '' || key !== 'contact');
      assert.deepEqual(
        Object.keys(found).filter((key) => key !== 'license-url'),
        expected,
      );
      assert.equal(found.message, `Cite this dataset as below. Licence: ${licence.toWellFormed()}`);
      assert.deepEqual(found.authors, [{ name: credit.replace(/^Source: /, '').toWellFormed() }]);
    }),
  );
});

test('characters that mean something to LaTeX are escaped in BibTeX', () => {
  const entry = bibtex(
    describedAs({ credit: 'A & B {50 %} \\input{x} ~_^#$', publicUrl: 'https://example.org/{a}' }),
  );
  assert.match(
    entry,
    /author = \{\{A \\& B \\\{50 \\%\\\} \\textbackslash\{\}input\\\{x\\\} \\textasciitilde\{\}\\_\\textasciicircum\{\}\\#\\\$\}\},/,
  );
  const braces = [...entry.replaceAll(/\\[{}]/g, '')].reduce(
    (open, char) => open + (char === '{' ? 1 : char === '}' ? -1 : 0),
    0,
  );
  assert.equal(braces, 0);
});
