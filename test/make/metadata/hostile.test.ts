// Texts from the operator and the API stay data or comments in metadata: they end no JSON string and no SQL statement.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import type { MetadataInput } from '../../../lib/make/metadata/describe.ts';
import { type METADATA, metadataFiles } from '../../../lib/make/metadata/metadata-files.ts';
import { describedAs } from './sample-metadata-input.ts';

const PIECES = [
  ...[
    "'",
    '"',
    '`',
    '\\',
    ';',
    '--',
    '/*',
    '*/',
    '\n',
    '\r\n',
    '\u0000',
    '\u0085',
    '\u2028',
    '$$',
    '</script>',
  ],
  ...["'; DROP TABLE admin0; --", '```', '<!--', 'ÅÉ', 'نازحون', '𐍈', '\ud800', '{{', '"; "', "\\'"],
];

const piece = fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary' }));
const text = fc.oneof(
  fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
  fc.constantFrom(...PIECES).map((part) => part.repeat(30_000)),
);

const anyTexts = fc.record({ licence: text, credit: text, citation: text, contact: fc.option(text) });

function metadataTexts(input: MetadataInput): Record<(typeof METADATA)[number], string> {
  const files = metadataFiles(input).map(({ entry, body }) => [
    entry.path,
    Buffer.from(body).toString('utf8'),
  ]);
  return Object.fromEntries(files) as Record<(typeof METADATA)[number], string>;
}

const withoutComments = (sql: string): string => sql.replaceAll(/^--.*\n/gm, '');

/** The statements of a file split at every `;`, without comments and strings. No text may change them. */
const skeleton = (sql: string): string[] =>
  withoutComments(sql)
    .split(';')
    .map((statement) => statement.replaceAll(/'(?:[^'\\]|\\.|'')*'/g, "''").trim());

describe('metadata with any licence, credit, citation and contact', () => {
  test('texts of any characters are unchanged in datapackage.json and croissant.json', () => {
    fc.assert(
      fc.property(anyTexts, (texts) => {
        const files = metadataTexts(describedAs(texts));
        const dataPackage = JSON.parse(files['datapackage.json']);
        const croissant = JSON.parse(files['croissant.json']);
        assert.equal(dataPackage.credit, texts.credit);
        assert.equal(dataPackage.citation, texts.citation);
        assert.equal(dataPackage.contributors[1]?.title, texts.contact || undefined);
        assert.equal(croissant.usageInfo.text, texts.licence);
        assert.equal(croissant.creditText, texts.credit);
        assert.equal(croissant.publisher?.name, texts.contact || undefined);
        assert.doesNotMatch(files['croissant.json'], /</);
      }),
    );
  });

  test('texts of any characters change no statement of the SQL files', () => {
    const plain = metadataTexts(describedAs());
    fc.assert(
      fc.property(anyTexts, (texts) => {
        const files = metadataTexts(describedAs(texts));
        for (const path of ['sql/athena.sql', 'sql/duckdb.sql'] as const) {
          assert.deepEqual(skeleton(files[path]), skeleton(plain[path]));
          assert.doesNotMatch(files[path].replaceAll('\n', ''), /[\p{Cc}\p{Zl}\p{Zp}]/u);
          assert.ok(Math.max(...files[path].split('\n').map((line) => line.length)) < 2500);
        }
      }),
    );
  });

  test("texts of any characters add no statement for DuckDB's parser", async (t) => {
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    t.after(() => {
      connection.closeSync();
      instance.closeSync();
    });
    const count = async (sql: string) => (await connection.extractStatements(sql)).count;
    const expected = await count(metadataTexts(describedAs())['sql/duckdb.sql']);
    await fc.assert(
      fc.asyncProperty(anyTexts, async (texts) => {
        const { 'sql/duckdb.sql': sql } = metadataTexts(describedAs(texts));
        assert.equal(await count(sql), expected);
        assert.equal(sql.split(';').length - 1, expected);
      }),
      { numRuns: 50 },
    );
  });
});

test('a prefix or URL with quotes and backslashes is escaped in both SQL files', () => {
  const prefix = "s3://bucket/it's \\ odd";
  const input = describedAs({ prefix, publicUrl: "https://example.org/it's" });
  const files = metadataTexts(input);
  assert.ok(
    files['sql/athena.sql'].includes(
      "LOCATION 's3://bucket/it\\'s \\\\ odd/releases/2026-11-24.1/tables/admin0/';",
    ),
  );
  assert.deepEqual(
    skeleton(files['sql/athena.sql']),
    skeleton(metadataTexts(describedAs())['sql/athena.sql']),
  );
  assert.deepEqual(
    skeleton(files['sql/duckdb.sql']),
    skeleton(metadataTexts(describedAs())['sql/duckdb.sql']),
  );
});

test('athena.sql has its database, tables and columns in the form that Athena accepts', () => {
  for (const version of ['v3', 'v2'] as const) {
    const { 'sql/athena.sql': sql } = metadataTexts(
      describedAs({ api_version: version, dataset: 'dtm-idp' }),
    );
    const statements = withoutComments(sql)
      .split(';')
      .map((statement) => statement.trim())
      .filter(Boolean);
    assert.match(statements[0] ?? '', /^CREATE DATABASE IF NOT EXISTS `dtm_idp_2026_11_24_1`/);
    const tables = statements.filter((statement) => statement.startsWith('CREATE EXTERNAL TABLE'));
    assert.equal(tables.length, 6);
    for (const table of tables) {
      assert.match(table, /^CREATE EXTERNAL TABLE IF NOT EXISTS `dtm_idp_2026_11_24_1`\.`\w+` \(/);
      assert.match(table, /LOCATION 's3:\/\/YOUR-BUCKET\/PREFIX\/releases\/2026-11-24\.1\/tables\/(\w+)\/'$/);
      const columns = table.match(/^ {2}.*$/gm) ?? [];
      for (const column of columns)
        assert.match(column, /^ {2}`\w+` (int|bigint|string|date|boolean) COMMENT '.{10,255}',?$/);
    }
    assert.equal(statements.filter((statement) => statement.startsWith('CREATE OR REPLACE VIEW')).length, 6);
    assert.equal(statements.length, 13);
  }
});
