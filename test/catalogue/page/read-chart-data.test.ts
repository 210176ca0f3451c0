// Every figure of the page against DuckDB's over the files that were published.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CountryChartData } from '../../../lib/catalogue/page/charts/country-chart-data.ts';
import { type ReleaseChartData, readChartData } from '../../../lib/catalogue/page/charts/read-chart-data.ts';
import { readCurrent } from '../../../lib/catalogue/pointer.ts';
import { createTableReader } from '../../../lib/catalogue/published-rows.ts';
import { DamagedFileError } from '../../../lib/release/manifest.ts';
import { folderStore } from '../../../lib/store/folder/folder-store.ts';
import {
  duckdb,
  type ExportSetting,
  exportInto,
  simulator,
  skipSchemaCheck,
  temporaryFolder,
} from '../../setting.ts';

interface Published {
  readonly pictures: ReleaseChartData;
  /** A table of the release, for a query. */
  readonly table: (name: string) => string;
}

async function published(t: TestContext, setting: Partial<ExportSetting> = {}): Promise<Published> {
  const { url } = await simulator(t, { scale: 0.03 });
  const folder = await temporaryFolder(t);
  const { release } = await exportInto({ folder, url, ...setting });
  const store = folderStore(folder);
  const { manifest } = await readCurrent(store);
  assert.ok(manifest);
  const table = (name: string) => `'${folder}/releases/${release}/tables/${name}/${name}.parquet'`;
  return { pictures: await readChartData(createTableReader(store, manifest)), table };
}

const SERIES = 'admin0_pcode, operation, assessment_type';

/** The least level that has a count stands for it. */
const counts = (table: Published['table'], columns: string): string => `
  SELECT ${SERIES}, CAST(reporting_date AS VARCHAR) AS date, round_number AS round, level, ${columns}
  FROM (SELECT *, row_number() OVER (PARTITION BY ${SERIES}, reporting_date, round_number ORDER BY level) AS place
        FROM ${table('snapshots')}) WHERE place = 1`;

const words = (rows: readonly unknown[][]): string[] => rows.map((row) => JSON.stringify(row)).sort();

const drawnCounts = ({ countries }: ReleaseChartData) =>
  countries.flatMap(({ country, series }) =>
    series.flatMap((one) =>
      one.counts.map((count) => ({ keys: [country, one.operation, one.assessment_type], one, count })),
    ),
  );

const countsAgree = async ({ pictures, table }: Published): Promise<void> => {
  const rows = await duckdb(counts(table, 'idps, males, females'));
  const number = (value: unknown) => (value === null ? null : Number(value));
  const expected = rows.map((row) => [
    ...[row.admin0_pcode, row.operation, row.assessment_type, row.date, row.round, row.level],
    ...[number(row.idps), number(row.males), number(row.females)],
  ]);
  const drawn = drawnCounts(pictures).map(({ keys, count }) => [...keys, ...count.slice(0, 6)]);
  assert.ok(drawn.length > 300);
  assert.deepEqual(words(drawn), words(expected));
  assert.ok(
    rows.some(({ idps }) => idps === null),
    'a count without a figure',
  );
};

const newestAgree = async ({ pictures, table }: Published): Promise<void> => {
  for (const { series } of pictures.countries)
    for (const { counts: all } of series) {
      const order = all.map(([date, round]) => `${date} ${String(round + 1000).padStart(6, '0')}`);
      assert.deepEqual(order, order.toSorted());
    }
  const rows =
    await duckdb(`SELECT DISTINCT ON (${SERIES}) * FROM (${counts(table, 'idps, admin0_name, operation_status')})
    ORDER BY ${SERIES}, date DESC, round DESC`);
  const expected = rows.map((row) => [
    ...[row.admin0_pcode, row.admin0_name, row.operation, row.assessment_type, row.operation_status],
    ...[row.date, row.round, row.level, row.idps === null ? null : Number(row.idps)],
  ]);
  const newest = pictures.newest.map((one) => [
    ...[one.country, one.name, one.operation, one.assessment_type, one.status],
    ...[one.date, one.round, one.level, one.idps],
  ]);
  assert.deepEqual(words(newest), words(expected));
};

const reasonsAgree = async ({ pictures, table }: Published): Promise<void> => {
  const level = (
    at: number,
  ) => `SELECT ${SERIES}, CAST(reporting_date AS VARCHAR) AS date, round_number AS round,
    ${at} AS level, displacement_reason AS reason,
    CASE WHEN count(*) = count(num_present_idp_ind) THEN CAST(sum(num_present_idp_ind) AS VARCHAR) END AS idps
    FROM ${table(`admin${at}`)} GROUP BY ALL`;
  const rows = await duckdb(`SELECT l.* FROM (${[0, 1, 2].map(level).join(' UNION ALL ')}) l
    JOIN (${counts(table, 'idps')}) c USING (${SERIES}, date, round, level)`);
  const expected = rows.map((row) => [
    ...[row.admin0_pcode, row.operation, row.assessment_type, row.date, row.round, row.reason],
    row.idps === null ? null : Number(row.idps),
  ]);
  const drawn = drawnCounts(pictures).flatMap(({ keys, one, count: [date, round, , , , , split] }) =>
    split.map(([reason, idps]) => [...keys, date, round, one.reasons[reason] ?? null, idps]),
  );
  assert.ok(drawn.length > 300);
  assert.deepEqual(words(drawn), words(expected));
};

const areasAgree = async ({ pictures, table }: Published): Promise<void> => {
  const rows = await duckdb(`SELECT ${SERIES}, CAST(reporting_date AS VARCHAR) AS date, round_number AS round,
    min(admin1_name) AS name, admin1_pcode AS pcode,
    CASE WHEN count(*) = count(num_present_idp_ind) THEN CAST(sum(num_present_idp_ind) AS VARCHAR) END AS idps
    FROM ${table('admin1')} WHERE is_latest
    GROUP BY ${SERIES}, date, round, admin1_pcode, CASE WHEN admin1_pcode IS NULL THEN admin1_name END`);
  const expected = rows.map((row) => [
    ...[row.admin0_pcode, row.operation, row.assessment_type, row.date, row.round, row.name, row.pcode],
    row.idps === null ? null : Number(row.idps),
  ]);
  const lists = pictures.countries.flatMap(({ country, series }: CountryChartData) =>
    series.map((one) => ({ keys: [country, one.operation, one.assessment_type], areas: one.areas })),
  );
  const drawn = lists.flatMap(({ keys, areas }) =>
    (areas?.list ?? []).map((area) => [...keys, areas?.date, areas?.round, ...area]),
  );
  assert.ok(drawn.length > 100);
  assert.deepEqual(words(drawn), words(expected));
  for (const { areas } of lists) {
    const figures = (areas?.list ?? []).map(([, , idps]) => idps ?? -1);
    assert.deepEqual(
      figures,
      figures.toSorted((a, b) => b - a),
    );
  }
};

test('every figure of a world is the one that DuckDB finds in the files', async (t) => {
  const world = await published(t, { countries: null });
  await t.test('counts are those of the table of snapshots, each at the least level that has it', () =>
    countsAgree(world),
  );
  await t.test(
    'counts go by date, then round, and the newest of each series stands in the table of freshness',
    () => newestAgree(world),
  );
  await t.test(
    'reasons of a count add up to what the level table says, and are null where a row has no figure',
    () => reasonsAgree(world),
  );
  await t.test(
    'areas are those of the newest count at level 1, by P-code or else by name, the most first',
    () => areasAgree(world),
  );
});

test('v2 has no reasons and no sexes, and a country without level 0 is drawn at the level that it has', async (t) => {
  const v2 = await published(t, { version: 'v2' });
  for (const { count } of drawnCounts(v2.pictures)) assert.deepEqual(count.slice(4), [null, null, []]);
  const { pictures } = await published(t, { levels: [2], countries: ['TCD'] });
  const drawn = drawnCounts(pictures);
  assert.ok(
    drawn.length > 0 && drawn.every(({ count: [, , level, , , , split] }) => level === 2 && split.length > 0),
  );
  assert.ok(pictures.countries.every(({ series }) => series.every(({ areas }) => areas === null)));
});

test('a table that is not the one that was published is refused', async (t) => {
  const { url } = await simulator(t);
  const folder = skipSchemaCheck(await temporaryFolder(t));
  const { release } = await exportInto({ folder, url, countries: ['TCD'], levels: [0] });
  const store = folderStore(folder);
  const { manifest } = await readCurrent(store);
  const key = `releases/${release}/tables/snapshots/snapshots.parquet`;
  await store.delete(key);
  assert.ok(manifest);
  await assert.rejects(readChartData(createTableReader(store, manifest)), DamagedFileError);
  await store.put(key, Buffer.from('PAR1'), 'absent');
  await assert.rejects(readChartData(createTableReader(store, manifest)), DamagedFileError);
});
