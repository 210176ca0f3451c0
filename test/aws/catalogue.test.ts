// The tables and views for Athena, compared with DuckDB, which runs the same SQL.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TableInput } from '@aws-sdk/client-glue';
import { pointCatalogue } from '../../lib/aws/catalogue.ts';
import { viewColumns } from '../../lib/aws/view-columns.ts';
import { API_VERSIONS, type ApiVersion } from '../../lib/dtm/endpoints.ts';
import { viewsOf } from '../../lib/make/metadata/views.ts';
import { TABLES, tablesOf } from '../../lib/table/schema.ts';
import { duckdb } from '../setting.ts';

/** Collects the tables and views that would be put into Glue, in order. */
async function collectTables(version: ApiVersion, location: string): Promise<TableInput[]> {
  const tables: TableInput[] = [];
  const catalogue = {
    database: 'dtm',
    put: async (table: TableInput) => {
      tables.push(table);
    },
  };
  await pointCatalogue(catalogue, { release: '2026-11-24.1', api_version: version }, location);
  return tables;
}

const SQL_TYPES = {
  string: 'VARCHAR',
  int32: 'INTEGER',
  int64: 'BIGINT',
  date: 'DATE',
  boolean: 'BOOLEAN',
} as const;

for (const version of API_VERSIONS) {
  test(`${version}: viewColumns gives each view the columns and types that DuckDB finds`, async () => {
    const schemas = tablesOf(version);
    const tables = TABLES.map((name) => {
      const columns = schemas[name].columns.map((column) => `"${column.name}" ${SQL_TYPES[column.type]}`);
      return `CREATE TABLE "${name}" (${columns.join(', ')});`;
    });
    const views = viewsOf(version, (table) => `"${table}"`);
    assert.equal(views.length, 6);
    for (const { name, query } of views) {
      const sql = `${tables.join(' ')} CREATE VIEW "${name}" AS ${query}; DESCRIBE "${name}"`;
      const found = (await duckdb(sql)).map(({ column_name, column_type }) => [column_name, column_type]);
      const derived = viewColumns(query, schemas).map((column) => [column.name, SQL_TYPES[column.type]]);
      assert.deepEqual(derived, found, name);
    }
  });
}

test('tables are Parquet in the release folder, and views have the format of Athena', async () => {
  const tables = await collectTables('v3', 's3://bucket/prefix/');
  assert.deepEqual(
    tables.slice(0, 6).map(({ Name, StorageDescriptor }) => [Name, StorageDescriptor?.Location]),
    TABLES.map((name) => [name, `s3://bucket/prefix/releases/2026-11-24.1/tables/${name}/`]),
  );
  const [admin0] = tables;
  assert.equal(admin0?.TableType, 'EXTERNAL_TABLE');
  assert.match(admin0?.StorageDescriptor?.SerdeInfo?.SerializationLibrary ?? '', /ParquetHiveSerDe$/);
  const types = new Map(admin0?.StorageDescriptor?.Columns?.map(({ Name, Type }) => [Name, Type]));
  assert.deepEqual(
    ['admin0_pcode', 'reporting_date', 'num_present_idp_ind', 'is_latest'].map((name) => types.get(name)),
    ['string', 'date', 'int', 'boolean'],
  );
  const view = tables.find(({ Name }) => Name === 'operation_freshness');
  assert.equal(view?.TableType, 'VIRTUAL_VIEW');
  const encoded = /^\/\* Presto View: ([A-Za-z0-9+/=]+) \*\/$/.exec(view?.ViewOriginalText ?? '')?.[1] ?? '';
  const { originalSql, schema, catalog, columns } = JSON.parse(Buffer.from(encoded, 'base64').toString());
  assert.deepEqual([schema, catalog], ['dtm', 'awsdatacatalog']);
  assert.match(originalSql, /^WITH "intervals" AS/);
  const named = (list: { name: string; type: string }[]) =>
    list.find(({ name }) => name === 'usual_days')?.type;
  assert.equal(named(columns), 'integer');
  const hive = view?.StorageDescriptor?.Columns?.map(({ Name = '', Type = '' }) => ({
    name: Name,
    type: Type,
  }));
  assert.equal(named(hive ?? []), 'int');
  assert.ok(
    tables.every(({ StorageDescriptor }) =>
      StorageDescriptor?.Columns?.every(({ Comment = '' }) => Comment.length <= 255),
    ),
  );
});

test('viewColumns throws a TypeError for an expression that it does not know', () => {
  assert.throws(() => viewColumns('SELECT "a" || "b" AS "c" FROM "admin0"', tablesOf('v3')), {
    name: 'TypeError',
    message: /of no known type: "a" \|\| "b" AS "c"/,
  });
});
