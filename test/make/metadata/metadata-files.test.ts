// The list of metadata files, and the content of `datapackage.json` and `croissant.json`.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { MetadataInput } from '../../../lib/make/metadata/describe.ts';
import { versionOf } from '../../../lib/make/metadata/describe.ts';
import { metadataFiles } from '../../../lib/make/metadata/metadata-files.ts';
import { sha256 } from '../../../lib/release/digest.ts';
import { TABLES, tablesOf } from '../../../lib/table/schema.ts';
import { madeRelease } from './publish-sample-world.ts';
import { DATA_FILES, describedAs, WORKBOOK } from './sample-metadata-input.ts';

interface Resource {
  readonly name: string;
  readonly path: string;
  readonly format: string;
  readonly bytes: number;
  readonly hash: string;
  readonly schema: string;
}

interface Schema {
  readonly fields: readonly Record<string, unknown>[];
  readonly missingValues: readonly string[];
}

interface WorkbookProperties {
  readonly mediatype: string;
  readonly dialect: { readonly sheetName: string };
}

interface DataPackage extends Record<string, unknown> {
  readonly resources: readonly Resource[];
}

interface Croissant extends Record<string, unknown> {
  readonly distribution: readonly Record<string, unknown>[];
  readonly recordSet: readonly {
    readonly name: string;
    readonly field: readonly {
      readonly name: string;
      readonly dataType: string;
      readonly description: string;
    }[];
  }[];
}

function readText(input: MetadataInput, path: string): string {
  const body = metadataFiles(input).find(({ entry }) => entry.path === path)?.body;
  return Buffer.from(body ?? assert.fail(path)).toString('utf8');
}
const dataPackageOf = (input: MetadataInput) =>
  JSON.parse(readText(input, 'datapackage.json')) as DataPackage;
const croissantOf = (input: MetadataInput) => JSON.parse(readText(input, 'croissant.json')) as Croissant;

const hashes = (files: readonly { path: string; sha256: string }[]) =>
  files.map(({ path, sha256 }) => `${path} ${sha256}`).sort();

test('metadataFiles gives the same files with matching manifest entries every time', () => {
  const files = metadataFiles(describedAs());
  assert.deepEqual(
    files.map(({ entry }) => [entry.path, entry.format]),
    [
      ...TABLES.map((table) => [`schemas/${table}.json`, 'json']),
      ['CITATION.txt', 'text'],
      ['CITATION.cff', 'text'],
      ['datapackage.json', 'json'],
      ['croissant.json', 'json'],
      ['sql/athena.sql', 'text'],
      ['sql/duckdb.sql', 'text'],
    ],
  );
  for (const { entry, body, statistics } of files) {
    assert.deepEqual([entry.bytes, entry.sha256, statistics], [body.length, sha256(body), null]);
    assert.deepEqual([entry.table, entry.country, entry.rows], [null, null, null]);
  }
  assert.deepEqual(metadataFiles(describedAs()), files);
});

test('data package and Croissant list each data file once with its hash, and no others', () => {
  const { resources } = dataPackageOf(describedAs());
  assert.deepEqual(
    hashes(resources.map(({ path, hash }) => ({ path, sha256: hash.replace(/^sha256:/, '') }))),
    hashes([...DATA_FILES, WORKBOOK]),
  );
  for (const { path, bytes } of resources) assert.equal(bytes, path.length);
  assert.equal(new Set(resources.map(({ name }) => name)).size, resources.length);
  const objects = croissantOf(describedAs()).distribution;
  assert.deepEqual(
    hashes(objects.map((object) => ({ path: String(object['@id']), sha256: String(object.sha256) }))),
    hashes([...DATA_FILES, WORKBOOK]),
  );
});

test('a workbook is listed with its media type and the schema of its snapshots sheet', () => {
  const mediatype = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
  const { resources } = dataPackageOf(describedAs());
  const resourceAt = (expected: string) =>
    resources.find(({ path }) => path === expected) as unknown as Resource & WorkbookProperties;
  const workbook = resourceAt(WORKBOOK.path);
  assert.deepEqual([workbook.name, workbook.format, workbook.mediatype], ['hti-xlsx', 'xlsx', mediatype]);
  assert.equal(workbook.dialect.sheetName, 'snapshots');
  assert.deepEqual(workbook.schema, resourceAt('csv/snapshots.csv.gz').schema);
  const object = croissantOf(describedAs()).distribution.find((file) => file['@id'] === WORKBOOK.path);
  assert.deepEqual([object?.encodingFormat, object?.contentSize], [mediatype, `${WORKBOOK.bytes} B`]);
});

test('datapackage.json of a published release has the sizes and hashes of its files', async (t) => {
  const { folder } = await madeRelease(t, { name: 'small', version: 'v2', scale: 0.004 });
  const { resources } = JSON.parse(await readFile(join(folder, 'datapackage.json'), 'utf8')) as DataPackage;
  assert.ok(resources.length >= 2 * TABLES.length);
  for (const { path, bytes, hash } of resources) {
    const body = await readFile(join(folder, path));
    assert.deepEqual([bytes, hash], [body.length, `sha256:${sha256(body)}`], path);
  }
});

test('fields have the types and descriptions of the table schema', () => {
  const types = { string: 'string', int32: 'integer', int64: 'integer', date: 'date', boolean: 'boolean' };
  const croissantTypes = {
    ...{ string: 'sc:Text', int32: 'cr:Int32', int64: 'cr:Int64', date: 'sc:Date', boolean: 'sc:Boolean' },
  };
  for (const version of ['v3', 'v2'] as const) {
    const input = describedAs({ api_version: version });
    const schemas = tablesOf(version);
    const { resources } = dataPackageOf(input);
    for (const table of TABLES) {
      const { columns } = schemas[table];
      for (const { schema } of resources.filter(({ name }) => name.startsWith(`${table}-`))) {
        const { fields, missingValues }: Schema = JSON.parse(readText(input, schema));
        assert.deepEqual([schema, missingValues], [`schemas/${table}.json`, ['']]);
        assert.deepEqual(
          fields.map(({ name, type, description, hxl, constraints }) => [
            ...[name, type, description, hxl, constraints],
          ]),
          columns.map(({ name, type, description, hxl, nullable }) => [
            ...[name, types[type], description, hxl, nullable ? undefined : { required: true }],
          ]),
        );
      }
      const fields = croissantOf(input).recordSet.find(({ name }) => name === table)?.field ?? [];
      assert.deepEqual(
        fields.map(({ name, dataType }) => [name, dataType]),
        columns.map(({ name, type }) => [name, croissantTypes[type]]),
      );
      for (const [index, { description }] of fields.entries())
        assert.ok(description.startsWith(columns[index]?.description ?? '?'), description);
    }
  }
});

test('licence, credit and contact are given as text, or as a URL if they are one', () => {
  const url = 'https://example.org/terms';
  const asText = describedAs({ licence: 'For us alone.', contact: 'the office' });
  const asUrl = describedAs({ licence: url, contact: 'data@example.org' });
  assert.deepEqual(dataPackageOf(asText).licenses, [{ path: 'LICENSE.txt', title: 'For us alone.' }]);
  assert.deepEqual(dataPackageOf(asUrl).licenses, [{ path: url, title: 'Terms of use' }]);
  assert.deepEqual(dataPackageOf(asUrl).contributors, [
    { title: 'somebody', roles: ['creator'] },
    { title: 'data@example.org', email: 'data@example.org', roles: ['publisher', 'contact'] },
  ]);
  assert.deepEqual(dataPackageOf(asText).sources, [
    { title: 'somebody', path: 'https://dtm.iom.int/data-and-analysis/dtm-api', version: 'v3' },
  ]);
  const { license, usageInfo, creditText, citeAs, creator, publisher } = croissantOf(asText);
  assert.deepEqual(
    { license, usageInfo, creditText, citeAs, creator, publisher },
    {
      license: {
        ...{
          '@type': 'sc:CreativeWork',
          name: 'Terms of use',
          description: 'For us alone.',
          url: 'LICENSE.txt',
        },
      },
      usageInfo: { '@type': 'sc:CreativeWork', name: 'Terms of use', text: 'For us alone.' },
      creditText: 'Source: somebody',
      citeAs: 'somebody: dataset.',
      creator: { '@type': 'sc:Organization', name: 'somebody' },
      publisher: { '@type': 'sc:Organization', name: 'the office' },
    },
  );
  assert.equal(croissantOf(asUrl).license, url);
});

test('invented figures: the metadata says so and does not name IOM as the source', () => {
  const input = describedAs({ synthetic: true, credit: 'Source: a simulator. Invented figures' });
  for (const { title, alternateName, description, sources, creator } of [
    dataPackageOf(input),
    croissantOf(input),
  ]) {
    assert.match(String(title ?? alternateName), /invented/);
    assert.match(String(description), /^Invented figures/);
    assert.doesNotMatch(JSON.stringify([sources, creator]), /IOM|iom\.int/);
  }
});

test('with a public URL, Croissant paths are absolute and data package paths relative', () => {
  const input = describedAs({ publicUrl: 'https://data.example.org/dtm' });
  const release = 'https://data.example.org/dtm/releases/2026-11-24.1/';
  const { distribution, url, datePublished, version, identifier } = croissantOf(input);
  const page = 'https://data.example.org/dtm/index.html#release-2026-11-24.1';
  assert.deepEqual(
    [url, datePublished, version, identifier],
    [page, '2026-11-24T05:00:00.000Z', '2026.1124.1', '2026-11-24.1'],
  );
  for (const object of distribution) assert.equal(object.contentUrl, release + object['@id']);
  const { id, homepage, created, resources } = dataPackageOf(input);
  assert.deepEqual(
    [id, homepage, created],
    [`${release}datapackage.json`, 'https://data.example.org/dtm', '2026-11-24T05:00:00.000Z'],
  );
  for (const { path } of resources) assert.doesNotMatch(path, /^(\/|\w+:)|\.\./);
});

test('a release id becomes a semantic version, and a later id a greater version', () => {
  const { version, release } = dataPackageOf(describedAs({ release: '2026-01-05.12' }));
  assert.deepEqual([version, release], ['2026.105.12', '2026-01-05.12']);
  const releases = [
    '2025-12-31.9',
    '2026-01-01.1',
    '2026-01-01.10',
    '2026-01-31.1',
    '2026-02-01.1',
    '2026-11-24.1',
  ];
  const versions = releases.map((id) => versionOf({ release: id }));
  for (const text of versions) assert.match(text, /^\d{4}\.[1-9]\d*\.[1-9]\d*$/);
  assert.deepEqual(
    versions.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })),
    versions,
  );
});

test('the data package of 60 countries takes less than 300 KB', () => {
  const countries = Array.from(
    { length: 60 },
    (_, index) => `A${String.fromCharCode(65 + (index % 26), 65 + index / 26)}`,
  );
  const files = countries.flatMap((country) =>
    [...DATA_FILES, WORKBOOK]
      .filter((file) => file.country !== null)
      .map((file) => ({ ...file, country, path: file.path.replaceAll('HTI', country), bytes: 1_234_567 })),
  );
  const text = readText(describedAs({ files: [...DATA_FILES, ...files] }), 'datapackage.json');
  const { resources } = JSON.parse(text) as DataPackage;
  assert.equal(resources.length, 60 * 7 + 18);
  assert.ok(text.length < 300_000, `${text.length} bytes`);
});
