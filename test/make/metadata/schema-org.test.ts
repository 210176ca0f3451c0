// The page's JSON-LD: a schema.org Dataset, checked against Google's documentation of structured data for datasets.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetadataInput } from '../../../lib/make/metadata/describe.ts';
import { schemaOrg } from '../../../lib/make/metadata/schema-org.ts';
import { PAGE } from '../../../lib/release/layout.ts';
import { LEVEL_TABLES, TABLES } from '../../../lib/table/schema.ts';
import { DATA_FILES, describedAs } from './sample-metadata-input.ts';

interface Found extends Record<string, unknown> {
  readonly distribution: readonly Record<string, string>[];
}

const EXTENT = { from: '2012-06-30', to: '2026-10-31', countries: [{ code: 'HTI', name: 'Haiti' }] };
const schemaOrgOf = (
  more: Partial<MetadataInput> = {},
  extent: Parameters<typeof schemaOrg>[1] = EXTENT,
): Found => JSON.parse(JSON.stringify(schemaOrg(describedAs(more), extent)));
const PUBLIC = { publicUrl: 'https://example.org/dtm' };

test('schemaOrg has the properties that Google requires and recommends', () => {
  const found = schemaOrgOf({ ...PUBLIC, licence: 'https://example.org/terms', contact: 'data@example.org' });
  assert.deepEqual([found['@context'], found['@type']], ['https://schema.org', 'Dataset']);
  assert.ok(String(found.name).length > 0);
  const { length } = String(found.description);
  assert.ok(length >= 50 && length <= 5000, `a description of ${length} characters`);
  for (const name of ['alternateName', 'creator', 'identifier', 'keywords', 'license', 'url', 'version'])
    assert.ok(found[name], name);
  assert.equal(found.citation, undefined, 'Google: never for the dataset itself');
  assert.deepEqual(found.temporalCoverage, '2012-06-30/2026-10-31');
  assert.deepEqual(found.spatialCoverage, [
    {
      ...{ '@type': 'Country', name: 'Haiti' },
      identifier: { '@type': 'PropertyValue', propertyID: 'ISO 3166-1 alpha-3', value: 'HTI' },
    },
  ]);
  const measured = (found.variableMeasured as { name: string }[]).map(({ name }) => name);
  assert.deepEqual(measured, ['num_present_idp_ind', 'number_males', 'number_females']);
  assert.deepEqual([found.license, found.isAccessibleForFree], ['https://example.org/terms', true]);
  assert.deepEqual(found.publisher, {
    ...{ '@type': 'Organization', name: 'data@example.org', email: 'data@example.org' },
  });
});

test('each file of a whole table is a DataDownload with its address, size and hash', () => {
  const { distribution } = schemaOrgOf(PUBLIC);
  const whole = DATA_FILES.filter(({ country }) => country === null);
  assert.equal(whole.length, 2 * TABLES.length);
  assert.deepEqual(
    distribution.map(({ contentUrl, contentSize, sha256 }) => [contentUrl, contentSize, sha256]),
    whole.map(({ path, bytes, sha256 }) => [
      `https://example.org/dtm/releases/2026-11-24.1/${path}`,
      `${bytes} B`,
      sha256,
    ]),
  );
  for (const { encodingFormat } of distribution) assert.match(encodingFormat ?? '', /^application\//);
});

test('schema.org addresses are absolute with a public URL, else relative to the page', () => {
  const addresses = (found: Found) => [
    found.url,
    found.identifier,
    ...found.distribution.map((one) => one.contentUrl),
  ];
  for (const address of addresses(schemaOrgOf(PUBLIC)))
    assert.match(String(address), /^https:\/\/example\.org\/dtm\//);
  assert.equal(schemaOrgOf().url, PAGE);
  for (const address of addresses(schemaOrgOf())) assert.doesNotMatch(String(address), /^(\w+:|\/)/);
});

test('invented figures: the schema.org data says so and does not name IOM', () => {
  const found = schemaOrgOf({ synthetic: true, credit: 'Source: a simulator. Invented figures' });
  assert.match(`${found.name} ${found.description}`, /invented figures\) Invented figures/);
  assert.doesNotMatch(JSON.stringify(found), /iom\.int|Organization for Migration/);
});

test('a licence text is a CreativeWork, and no counts give no temporalCoverage', () => {
  const found = schemaOrgOf({ licence: 'By agreement.' }, { from: null, to: null, countries: [] });
  assert.deepEqual(found.license, {
    ...{ '@type': 'CreativeWork', name: 'Terms of use', text: 'By agreement.' },
    url: 'releases/2026-11-24.1/LICENSE.txt',
  });
  assert.deepEqual([found.temporalCoverage, found.spatialCoverage], [undefined, []]);
  assert.equal(schemaOrgOf({ visibility: 'private' }).isAccessibleForFree, undefined);
  assert.ok(LEVEL_TABLES.every((table) => JSON.stringify(found.distribution).includes(table)));
});
