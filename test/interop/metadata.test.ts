// Validates the metadata of releases with the tools of the formats: frictionless and mlcroissant.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { LEVEL_TABLES, tablesOf } from '../../lib/table/schema.ts';
import { madeRelease, WORLDS } from '../make/metadata/publish-sample-world.ts';
import { duckdb } from '../setting.ts';
import { pythonJson } from './python-environment.ts';

interface Validated {
  readonly valid: boolean;
  readonly errors: readonly (readonly [name: string, type: string, note: string])[];
  readonly tasks: number;
}

interface Report {
  readonly dataPackage: {
    readonly descriptor: Pick<Validated, 'valid' | 'errors'>;
    readonly csv: Validated;
    readonly parquet: Validated;
    readonly xlsx: Validated;
    /** Two resources with wrong hashes. */
    readonly spoilt: Validated;
    readonly rows: Readonly<Record<string, number>>;
  };
  readonly croissant: {
    readonly version: string;
    readonly errors: readonly string[];
    readonly warnings: readonly string[];
    readonly files: Readonly<Record<string, string>>;
    readonly rows: Readonly<Record<string, number>>;
    readonly fields: Readonly<Record<string, readonly string[]>>;
    readonly people: Readonly<Record<string, number>>;
  };
}

for (const world of WORLDS) {
  test(`the metadata of the release ${world.name} is valid`, async (t) => {
    const { folder, manifest } = await madeRelease(t, world);
    const { dataPackage, croissant } = await pythonJson<Report>('metadata.py', [folder]);
    const dataFiles = (format: string) =>
      manifest.files.filter((file) => file.format === format && (file.table ?? file.country));

    await t.test('frictionless accepts every CSV file, workbook and Parquet file', () => {
      const { descriptor, csv, parquet, xlsx } = dataPackage;
      assert.deepEqual(descriptor, { valid: true, errors: [] });
      assert.deepEqual(csv, { valid: true, errors: [], tasks: dataFiles('csv').length });
      assert.deepEqual(parquet, { valid: true, errors: [], tasks: dataFiles('parquet').length });
      assert.deepEqual(xlsx, { valid: true, errors: [], tasks: dataFiles('xlsx').length });
      assert.deepEqual(
        dataPackage.rows,
        Object.fromEntries(dataFiles('csv').map(({ path, rows }) => [path, rows])),
      );
    });

    await t.test('frictionless reports a file with another hash', () => {
      const { spoilt } = dataPackage;
      assert.deepEqual(
        [spoilt.valid, spoilt.errors.map(([, type]) => type)],
        [false, ['hash-count', 'hash-count']],
      );
    });

    await t.test('mlcroissant reads every record set with the rows of the manifest', async () => {
      assert.deepEqual([croissant.version, croissant.errors], ['http://mlcommons.org/croissant/1.1', []]);
      assert.deepEqual(croissant.warnings, []);
      assert.deepEqual(
        croissant.rows,
        Object.fromEntries(manifest.tables.map(({ name, rows }) => [name, rows])),
      );
      const schemas = tablesOf(manifest.api_version);
      for (const [table, fields] of Object.entries(croissant.fields))
        assert.deepEqual(
          fields,
          schemas[table as keyof typeof schemas].columns.map(({ name }) => `${table}/${name}`),
        );
      for (const table of LEVEL_TABLES) {
        const file = join(folder, `tables/${table}/${table}.parquet`);
        const [{ people } = {}] = await duckdb(
          `SELECT coalesce(sum(num_present_idp_ind), 0)::BIGINT AS people FROM '${file}'`,
        );
        assert.equal(String(croissant.people[table]), people, table);
      }
    });

    await t.test('Croissant names every data file with its SHA-256', () => {
      assert.deepEqual(
        croissant.files,
        Object.fromEntries(
          [...dataFiles('parquet'), ...dataFiles('csv'), ...dataFiles('xlsx')].map(({ path, sha256 }) => [
            path,
            sha256,
          ]),
        ),
      );
    });
  });
}
