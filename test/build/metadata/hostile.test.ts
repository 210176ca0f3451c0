// Texts from the operator and the API reach metadata as data or as comments, and end neither JSON nor a statement.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import type { MetadataInput } from '../../../lib/build/metadata/describe.ts';
import { type METADATA, metadataFiles } from '../../../lib/build/metadata/metadata-files.ts';
import { describedAs } from './described.ts';

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

const texts = fc.record({ licence: text, credit: text, citation: text, contact: fc.option(text) });

function bodies(described: MetadataInput): Record<(typeof METADATA)[number], string> {
  const made = metadataFiles(described).map(({ entry, body }) => [
    entry.path,
    Buffer.from(body).toString('utf8'),
  ]);
  return Object.fromEntries(made) as Record<(typeof METADATA)[number], string>;
}

const withoutComments = (sql: string): string => sql.replaceAll(/^--.*\n/gm, '');

/** The statements of a file cut at every `;`, without comments and texts: what a text must not change. */
const skeleton = (sql: string): string[] =>
  withoutComments(sql)
    .split(';')
    .map((statement) => statement.replaceAll(/'(?:[^'\\]|\\.|'')*'/g, "''").trim());

describe('any licence, credit, citation and contact', () => {
  test('stand in JSON as they are', () => {
    fc.assert(
      fc.property(texts, (said) => {
        const made = bodies(describedAs(said));
        const dataPackage = JSON.parse(made['datapackage.json']);
        const croissant = JSON.parse(made['croissant.json']);
        assert.equal(dataPackage.credit, said.credit);
        assert.equal(dataPackage.citation, said.citation);
        assert.equal(dataPackage.contributors[1]?.title, said.contact || undefined);
        assert.equal(croissant.usageInfo.text, said.licence);
        assert.equal(croissant.creditText, said.credit);
        assert.equal(croissant.publisher?.name, said.contact || undefined);
        assert.doesNotMatch(made['croissant.json'], /</);
      }),
    );
  });

  test('change no statement of SQL', () => {
    const plain = bodies(describedAs());
    fc.assert(
      fc.property(texts, (said) => {
        const made = bodies(describedAs(said));
        for (const path of ['sql/athena.sql', 'sql/duckdb.sql'] as const) {
          assert.deepEqual(skeleton(made[path]), skeleton(plain[path]));
          assert.doesNotMatch(made[path].replaceAll('\n', ''), /[\p{Cc}\p{Zl}\p{Zp}]/u);
          assert.ok(Math.max(...made[path].split('\n').map((line) => line.length)) < 2500);
        }
      }),
    );
  });

  test("are nothing to DuckDB's parser", async (t) => {
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    t.after(() => {
      connection.closeSync();
      instance.closeSync();
    });
    const count = async (sql: string) => (await connection.extractStatements(sql)).count;
    const expected = await count(bodies(describedAs())['sql/duckdb.sql']);
    await fc.assert(
      fc.asyncProperty(texts, async (said) => {
        const { 'sql/duckdb.sql': sql } = bodies(describedAs(said));
        assert.equal(await count(sql), expected);
        assert.equal(sql.split(';').length - 1, expected);
      }),
      { numRuns: 50 },
    );
  });
});

test('a place of any name stands in its text, in Athena and in DuckDB', () => {
  const prefix = "s3://bucket/it's \\ odd";
  const described = describedAs({ prefix, publicUrl: "https://example.org/it's" });
  const made = bodies(described);
  assert.ok(
    made['sql/athena.sql'].includes(
      "LOCATION 's3://bucket/it\\'s \\\\ odd/releases/2026-11-24.1/tables/admin0/';",
    ),
  );
  assert.deepEqual(skeleton(made['sql/athena.sql']), skeleton(bodies(describedAs())['sql/athena.sql']));
  assert.deepEqual(skeleton(made['sql/duckdb.sql']), skeleton(bodies(describedAs())['sql/duckdb.sql']));
});

test('athena.sql has what Athena asks for', () => {
  for (const version of ['v3', 'v2'] as const) {
    const { 'sql/athena.sql': sql } = bodies(describedAs({ api_version: version, dataset: 'dtm-idp' }));
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
