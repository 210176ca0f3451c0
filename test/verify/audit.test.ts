// The audit must find every fault of a written file before the release is published.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { columnStatistics, findFooterMismatch } from '../../lib/format/column-statistics.ts';
import { writeParquet } from '../../lib/format/parquet.ts';
import { readFooter } from '../../lib/format/parquet-footer.ts';
import { createManifestEntry } from '../../lib/make/built-file.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { type Columns, createColumn } from '../../lib/table/columns.ts';
import type { ColumnSchema } from '../../lib/table/definitions.ts';
import { auditRelease } from '../../lib/verify/audit.ts';
import { exportInto, simulator, temporaryFolder } from '../setting.ts';

const SCHEMA: ColumnSchema[] = [
  { name: 'name', type: 'string', nullable: true, description: '' },
  { name: 'people', type: 'int32', nullable: true, description: '' },
];
const columnsOf = (names: (string | null)[], people: (number | null)[]): Columns => ({
  length: names.length,
  byName: new Map([
    ['name', createColumn('string', names)],
    ['people', createColumn('int32', people)],
  ]),
});

const RIGHT = columnsOf(['Lac', 'Ouest', null], [5, null, 9]);
const TABLES = [{ name: 'admin0', rows: 3, columns: SCHEMA }] as const;

async function auditOf(
  t: Parameters<typeof temporaryFolder>[0],
  written: Columns,
  schema = SCHEMA,
): Promise<void> {
  const folder = await temporaryFolder(t);
  const store = folderStore(folder);
  const body = writeParquet(schema, written, new Map());
  const entry = createManifestEntry('tables/admin0/admin0.parquet', 'parquet', body, {
    table: 'admin0',
    country: null,
    rows: 3,
  });
  await store.put(`releases/2026-11-24.1/${entry.path}`, body, 'absent');
  const release = { release: '2026-11-24.1', tables: [...TABLES] as never };
  await auditRelease(store, release, [{ entry, statistics: columnStatistics(SCHEMA, RIGHT) }]);
}

test('a file with the expected content passes the audit', async (t) => {
  await auditOf(t, RIGHT);
});

const WRONG: [string, Columns, RegExp][] = [
  [
    'a count that is too high',
    columnsOf(['Lac', 'Ouest', null], [5, null, 10]),
    /people: expected maximum 9, footer says 10/,
  ],
  [
    'a count that is too low',
    columnsOf(['Lac', 'Ouest', null], [4, null, 9]),
    /people: expected minimum 5, footer says 4/,
  ],
  [
    'one null too many',
    columnsOf(['Lac', 'Ouest', null], [5, null, null]),
    /people: expected 1 nulls, footer says 2/,
  ],
  [
    'a different text',
    columnsOf(['Lac', 'Ouest!', null], [5, null, 9]),
    /name: expected maximum Ouest, footer says/,
  ],
  ['a missing row', columnsOf(['Lac', 'Ouest'], [5, 9]), /expected 3 rows, its footer says 2/],
];
for (const [name, columns, problem] of WRONG) {
  test(`the audit finds ${name} and stops the release`, async (t) => {
    await assert.rejects(auditOf(t, columns), (error: Error) => {
      assert.equal(error.name, 'AuditError');
      assert.match(error.message, /release 2026-11-24\.1 failed its audit and was not published/);
      assert.match(error.message, problem);
      return true;
    });
  });
}

test('the audit finds a column that is not nullable as expected', async (t) => {
  const schema = SCHEMA.map((column) => ({ ...column, nullable: column.name === 'name' }));
  await assert.rejects(
    auditOf(t, columnsOf(['Lac', 'Ouest', null], [5, 5, 9]), schema),
    /expected columns name string, people int32; its footer says name string, people int32 not null/,
  );
});

test('Parquet statistics that the writer truncated to 64 bytes match the expected ones', async () => {
  const long = ['é'.repeat(60), `${'é'.repeat(60)}z`, '\u{1F3D5}'.repeat(30)];
  const columns = columnsOf(long, [1, 2, 3]);
  const footer = await readFooter(writeParquet(SCHEMA, columns, new Map()));
  assert.equal(findFooterMismatch(columnStatistics(SCHEMA, columns), footer), null);
  const other = columnsOf(['zz'.repeat(60), `${'é'.repeat(60)}z`, '\u{1F3D5}'.repeat(30)], [1, 2, 3]);
  assert.match(String(findFooterMismatch(columnStatistics(SCHEMA, other), footer)), /name: expected minimum/);
});

test('a file that changes between write and audit stops the release', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  const context = {
    onProgress: (progress: { stage: string }) => {
      if (progress.stage === 'audit')
        damage = writeFile(join(folder, 'releases', release(), 'LICENSE.txt'), 'x');
    },
  };
  let damage: Promise<void> | null = null;
  const release = () => `${new Date().toISOString().slice(0, 10)}.1`;
  await assert.rejects(
    exportInto({ folder, url, countries: ['TCD'], context }),
    /LICENSE\.txt: expected \d+ bytes, found/,
  );
  await damage;
  assert.equal(await folderStore(folder).get('latest.json'), null);
});

test('a file that was taken from the release before must be there with its size', async (t) => {
  const store = folderStore(await temporaryFolder(t));
  const [body, path] = [Buffer.from('a,b\n'), 'csv/admin0/country=ATL/admin0-ATL.csv.gz'];
  const entry = createManifestEntry(path, 'csv', body);
  const taken = { entry, statistics: null, sameAs: `releases/2026-11-23.1/${path}` };
  const audit = () => auditRelease(store, { release: '2026-11-24.1', tables: [] }, [taken]);
  await assert.rejects(audit(), /admin0-ATL\.csv\.gz: missing/);
  await store.put(`releases/2026-11-24.1/${path}`, body.subarray(1), 'anything');
  await assert.rejects(audit(), /admin0-ATL\.csv\.gz: expected 4 bytes, found 3/);
  await store.put(`releases/2026-11-24.1/${path}`, body, 'anything');
  await audit();
});
