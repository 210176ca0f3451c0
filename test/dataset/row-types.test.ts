// The types of rows are those of the schema, and hold programs to it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Manifest, ReleaseSummary } from '../../lib/dataset/reader.ts';
import { type ColumnName, openDataset, type Row, type Where } from '../../lib/dataset/reader.ts';
import { TABLE_COLUMNS } from '../../lib/dataset/row-types.ts';
import type { Manifest as WrittenManifest } from '../../lib/release/manifest.ts';
import type { ReleaseEntry } from '../../lib/release/release-list.ts';
import { TABLES, tablesOf } from '../../lib/table/schema.ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assertEqualTypes = <T extends true>(): T | undefined => undefined;

assertEqualTypes<Equal<Row<'countries'>, { readonly admin0_name: string; readonly admin0_pcode: string }>>();
assertEqualTypes<Equal<Row<'admin2'>['admin2_name'], string | null>>();
assertEqualTypes<Equal<Row<'admin0'>['reporting_date'], string>>();
assertEqualTypes<Equal<Row<'admin0'>['is_latest'], boolean>>();
assertEqualTypes<Equal<Row<'snapshots'>['idps'], number | null>>();
assertEqualTypes<Equal<Row<'snapshots'>['areas'], number>>();
assertEqualTypes<Equal<Row<'snapshots'>['levels_agree'], boolean | null>>();
assertEqualTypes<
  Equal<ColumnName<'operations', 'v2'>, 'admin0_name' | 'admin0_pcode' | 'operation' | 'operation_status'>
>();
// What the exporter writes is what the reader reads.
assertEqualTypes<WrittenManifest extends Manifest ? true : false>();
assertEqualTypes<ReleaseEntry extends Omit<ReleaseSummary, 'state'> ? true : false>();

/** Never called: only its types are checked. */
export async function compiled(): Promise<unknown[]> {
  const dataset = openDataset('https://example.org/');
  const release = await dataset.current();
  const values: unknown[] = [];
  for await (const row of release.rows('admin1', { columns: ['admin1_name', 'reporting_date'] })) {
    assertEqualTypes<Equal<typeof row, Pick<Row<'admin1'>, 'admin1_name' | 'reporting_date'>>>();
    // @ts-expect-error the column was not selected
    values.push(row.operation);
  }
  for await (const row of release.rows('admin1')) {
    assertEqualTypes<Equal<(typeof row)['id'], number | null>>();
    // @ts-expect-error admin1 has no admin2
    values.push(row.admin2_name);
  }
  // @ts-expect-error no such table
  release.rows('admin3');
  // @ts-expect-error no such column
  release.rows('admin0', { columns: ['admin1_name'] });
  // @ts-expect-error a text is no number
  release.rows('admin0', { where: { round_number: '1' } });
  // @ts-expect-error the column is never null
  release.rows('admin0', { where: { operation: null } });
  // @ts-expect-error booleans have no range
  release.rows('admin0', { where: { is_latest: { min: false } } });
  // @ts-expect-error a range needs an end
  release.rows('admin0', { where: { round_number: {} } });
  // @ts-expect-error no such option
  release.rows('admin0', { country: 'HTI' });
  const where: Where<Row<'admin1'>> = {
    admin1_pcode: null,
    round_number: [1, 2],
    reporting_date: { min: '2024-01-01' },
  };
  const old = await openDataset('https://example.org/', { apiVersion: 'v2' }).current();
  for await (const row of old.rows('admin0')) {
    // @ts-expect-error v2 has no reason
    values.push(row.displacement_reason);
  }
  return [...values, where];
}

test('the columns of every table are those of the schema, for both versions of the API', () => {
  for (const version of ['v3', 'v2'] as const) {
    const tables = tablesOf(version);
    assert.deepEqual(Object.keys(TABLE_COLUMNS[version]), [...TABLES]);
    for (const table of TABLES)
      assert.deepEqual(
        TABLE_COLUMNS[version][table],
        Object.fromEntries(
          tables[table].columns.map(({ name, type, nullable }) => [name, nullable ? `${type}?` : type]),
        ),
        `${version} ${table}`,
      );
  }
});
