// Rows of a published release, also of one whose schema had fewer columns.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readChangeLog, readCountryRows } from '../../lib/catalogue/published-rows.ts';
import { writeParquet } from '../../lib/format/parquet.ts';
import { sha256 } from '../../lib/release/digest.ts';
import { DamagedFileError, type Manifest } from '../../lib/release/manifest.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { changesSchema } from '../../lib/table/changes.ts';
import { columnOf, emptyColumns, valueAt } from '../../lib/table/columns.ts';
import { tablesOf } from '../../lib/table/schema.ts';
import { buildTables } from '../make/build-tables.ts';
import { admin0Row } from '../rows.ts';
import { temporaryFolder } from '../setting.ts';

const schema = tablesOf('v3').admin0;
const PATH = 'parquet/admin0/country=ATL/admin0-ATL.parquet';

test('a nullable column that an older release lacks is null, a column that must have values is an error', async (t) => {
  const store = folderStore(await temporaryFolder(t));
  const [country] = buildTables({ levels: { admin0: [admin0Row()] } }).byCountry;
  const rows = country?.levels.get('admin0') ?? assert.fail('no rows');
  const readWithout = async (missing: string) => {
    const columns = schema.columns.filter(({ name }) => name !== missing);
    const body = writeParquet(columns, rows, new Map());
    const release = `2026-11-24.${missing.length}`;
    await store.put(`releases/${release}/${PATH}`, body, 'absent');
    const file = { path: PATH, table: 'admin0', bytes: body.length, sha256: sha256(body) };
    const manifest = { release, files: [file], tables: [{ name: 'admin0', rows: 1, columns }] };
    return readCountryRows(store, manifest as unknown as Manifest, { schema, country: 'ATL' });
  };
  const read = await readWithout('displacement_reason');
  assert.equal(valueAt(columnOf(read, 'displacement_reason'), 0), null);
  assert.equal(valueAt(columnOf(read, 'operation'), 0), 'Flood response');
  await assert.rejects(readWithout('operation'), DamagedFileError);
});

test('a figure that the table of an older release lacks is null in its change log, before and after', async (t) => {
  const store = folderStore(await temporaryFolder(t));
  const path = 'changes/admin0.parquet';
  const release = '2026-11-24.1';
  const readLog = (columns: typeof schema.columns) =>
    readChangeLog(
      store,
      { release, files: [entry], tables: [{ name: 'admin0', rows: 0, columns: [...columns] }] },
      schema,
    );
  const all = changesSchema(schema);
  const older = all.filter(({ name }) => !name.endsWith('_number_males'));
  const body = writeParquet(older, emptyColumns(older), new Map());
  await store.put(`releases/${release}/${path}`, body, 'absent');
  const scope = { table: null, country: null, format: 'parquet', rows: 0 } as const;
  const entry = { ...scope, path, bytes: body.length, sha256: sha256(body) };
  const log = await readLog(schema.columns.filter(({ name }) => name !== 'number_males'));
  assert.deepEqual([...log.byName.keys()].sort(), all.map(({ name }) => name).sort());
  await assert.rejects(readLog(schema.columns), DamagedFileError);
});
