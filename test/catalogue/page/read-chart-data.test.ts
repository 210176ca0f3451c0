// Compares every figure of the page with DuckDB's results over the published files.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CountryChartData } from '../../../lib/catalogue/page/charts/country-chart-data.ts';
import { type ReleaseChartData, readChartData } from '../../../lib/catalogue/page/charts/read-chart-data.ts';
import { readCurrent } from '../../../lib/catalogue/pointer.ts';
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

interface PublishedCharts {
  readonly charts: ReleaseChartData;
  /** Path of a table of the release, quoted for SQL. */
  readonly table: (name: string) => string;
}

async function publishedCharts(
  t: TestContext,
  setting: Partial<ExportSetting> = {},
): Promise<PublishedCharts> {
  const { url } = await simulator(t, { scale: 0.03 });
  const folder = await temporaryFolder(t);
  const { release } = await exportInto({ folder, url, ...setting });
  const store = folderStore(folder);
  const { manifest } = await readCurrent(store);
  assert.ok(manifest);
  const table = (name: string) => `'${folder}/releases/${release}/tables/${name}/${name}.parquet'`;
  return { charts: await readChartData(store, manifest), table };
}

const SERIES = 'admin0_pcode, operation, assessment_type';

/** SQL: each count once, at the lowest level that has it. */
const counts = (table: PublishedCharts['table'], columns: string): string => `
  SELECT ${SERIES}, CAST(reporting_date AS VARCHAR) AS date, round_number AS round, level, ${columns}
  FROM (SELECT *, row_number() OVER (PARTITION BY ${SERIES}, reporting_date, round_number ORDER BY level) AS place
        FROM ${table('snapshots')}) WHERE place = 1`;

const sortedJson = (rows: readonly unknown[][]): string[] => rows.map((row) => JSON.stringify(row)).sort();

const chartCounts = ({ countries }: ReleaseChartData) =>
  countries.flatMap(({ country, series }) =>
    series.flatMap((line) =>
      line.counts.map((count) => ({ keys: [country, line.operation, line.assessment_type], line, count })),
    ),
  );

const countsAgree = async ({ charts, table }: PublishedCharts): Promise<void> => {
  const rows = await duckdb(counts(table, 'idps, males, females'));
  const number = (value: unknown) => (value === null ? null : Number(value));
  const expected = rows.map((row) => [
    ...[row.admin0_pcode, row.operation, row.assessment_type, row.date, row.round, row.level],
    ...[number(row.idps), number(row.males), number(row.females)],
  ]);
  const actual = chartCounts(charts).map(({ keys, count }) => [...keys, ...count.slice(0, 6)]);
  assert.ok(actual.length > 300);
  assert.deepEqual(sortedJson(actual), sortedJson(expected));
  assert.ok(
    rows.some(({ idps }) => idps === null),
    'the world has a count without a figure',
  );
};

const newestAgree = async ({ charts, table }: PublishedCharts): Promise<void> => {
  for (const { series } of charts.countries)
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
  const newest = charts.newest.map((count) => [
    ...[count.country, count.name, count.operation, count.assessment_type, count.status],
    ...[count.date, count.round, count.level, count.idps],
  ]);
  assert.deepEqual(sortedJson(newest), sortedJson(expected));
};

const reasonsAgree = async ({ charts, table }: PublishedCharts): Promise<void> => {
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
  const actual = chartCounts(charts).flatMap(({ keys, line, count: [date, round, , , , , byReason] }) =>
    byReason.map(([reason, idps]) => [...keys, date, round, line.reasons[reason] ?? null, idps]),
  );
  assert.ok(actual.length > 300);
  assert.deepEqual(sortedJson(actual), sortedJson(expected));
};

/** The areas of every series, one row for each count that has the area. */
const areaFigures = ({ countries }: ReleaseChartData) =>
  countries.flatMap(({ country, series }: CountryChartData) =>
    series.flatMap(({ operation, assessment_type, areas }) =>
      (areas?.list ?? []).flatMap(([name, pcode, figures, otherNames = []]) =>
        figures.flatMap((idps, at) => {
          const [other] = otherNames.find(([, counts]) => counts.includes(at)) ?? [name];
          const count = areas?.counts[at] ?? [];
          return idps === false ? [] : [[country, operation, assessment_type, ...count, other, pcode, idps]];
        }),
      ),
    ),
  );

const areasAgree = async ({ charts, table }: PublishedCharts): Promise<void> => {
  const rows = await duckdb(`SELECT ${SERIES}, CAST(reporting_date AS VARCHAR) AS date, round_number AS round,
    min(admin1_name) AS name, admin1_pcode AS pcode,
    CASE WHEN count(*) = count(num_present_idp_ind) THEN CAST(sum(num_present_idp_ind) AS VARCHAR) END AS idps
    FROM ${table('admin1')}
    GROUP BY ${SERIES}, date, round, admin1_pcode, CASE WHEN admin1_pcode IS NULL THEN admin1_name END`);
  const expected = rows.map((row) => [
    ...[row.admin0_pcode, row.operation, row.assessment_type, row.date, row.round, row.name, row.pcode],
    row.idps === null ? null : Number(row.idps),
  ]);
  const actual = areaFigures(charts);
  assert.ok(actual.length > 500, `${actual.length} figures of areas`);
  assert.deepEqual(sortedJson(actual), sortedJson(expected));
};

const areasAreSorted = ({ charts }: PublishedCharts): void => {
  const weight = (figure: number | null | false | undefined) => (figure === false ? -2 : (figure ?? -1));
  for (const { areas } of charts.countries.flatMap(({ series }) => series)) {
    const newest = (areas?.list ?? []).map(([, , figures]) => weight(figures.at(-1)));
    assert.deepEqual(
      newest,
      newest.toSorted((a, b) => b - a),
    );
    const dates = (areas?.counts ?? []).map(([date, round]) => `${date} ${String(round).padStart(6, '0')}`);
    assert.deepEqual(dates, dates.toSorted());
    for (const [, , figures] of areas?.list ?? []) assert.equal(figures.length, areas?.counts.length);
  }
};

test('every figure of the page equals the one that DuckDB reads from the files', async (t) => {
  const world = await publishedCharts(t, { countries: null });
  await t.test('chart counts equal the table snapshots, each at the lowest level that has it', () =>
    countsAgree(world),
  );
  await t.test('counts are sorted by date and round, and the newest of each series is in `newest`', () =>
    newestAgree(world),
  );
  await t.test('sums by reason equal those of the level table, and are null if a row has no figure', () =>
    reasonsAgree(world),
  );
  await t.test('areas over time are those of the table admin1, each by its P-code', () => areasAgree(world));
  await t.test('areas are sorted by persons of the newest count, and their counts by date', () =>
    areasAreSorted(world),
  );
});

test('v2 counts have no reasons and sexes; a country with level 2 only is drawn at level 2', async (t) => {
  const v2 = await publishedCharts(t, { version: 'v2' });
  for (const { count } of chartCounts(v2.charts)) assert.deepEqual(count.slice(4), [null, null, []]);
  const { charts } = await publishedCharts(t, { levels: [2], countries: ['TCD'] });
  const actual = chartCounts(charts);
  assert.ok(
    actual.length > 0 &&
      actual.every(({ count: [, , level, , , , byReason] }) => level === 2 && byReason.length > 0),
  );
  assert.ok(charts.countries.every(({ series }) => series.every(({ areas }) => areas === null)));
});

test('readChartData: a missing or damaged table is a DamagedFileError', async (t) => {
  const { url } = await simulator(t);
  const folder = skipSchemaCheck(await temporaryFolder(t));
  const { release } = await exportInto({ folder, url, countries: ['TCD'], levels: [0] });
  const store = folderStore(folder);
  const { manifest } = await readCurrent(store);
  const key = `releases/${release}/tables/snapshots/snapshots.parquet`;
  await store.delete(key);
  assert.ok(manifest);
  await assert.rejects(readChartData(store, manifest), DamagedFileError);
  await store.put(key, Buffer.from('PAR1'), 'absent');
  await assert.rejects(readChartData(store, manifest), DamagedFileError);
});
