// Compares a release with its manifest and the contract, with readers that share no code with the exporter: pyarrow, pandas,
// polars, sha256sum.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ApiVersion } from '../../lib/dtm/endpoints.ts';
import { SPARK_KEY } from '../../lib/format/spark-schema.ts';
import { startSimulator } from '../../lib/simulator/server.ts';
import { LEVEL_TABLES, TABLES, type TableName, tablesOf } from '../../lib/table/schema.ts';
import { arrowColumns, columnParts, POLARS_TYPES } from './contract-columns.ts';
import { checkedSums, type Exported, exportRelease, type Found } from './export-release.ts';
import { RECORDED_VERSIONS, recordedAnswers } from './recorded-answers.ts';

interface Release {
  readonly name: string;
  readonly version: ApiVersion;
  readonly make: () => Promise<Exported>;
  /** Rows and persons present, counted independently. */
  readonly known?: { readonly rows: readonly [number, number, number]; readonly people: number };
  /** Exported levels. */
  readonly levels?: readonly TableName[];
}

async function exportFrom(options: Parameters<typeof startSimulator>[0], args: readonly string[]) {
  await using simulator = await startSimulator({ ...options, key: 'interop' });
  const variables = { DTMAPI_URL: simulator.url, DTMAPI_SUBSCRIPTION_KEY: 'interop' };
  return await exportRelease(args, variables);
}

/** Counted in the recorded answers themselves. */
const KNOWN = {
  v3: { rows: [170, 291, 1529], people: 19_949_275 },
  v2: { rows: [82, 141, 878], people: 16_475_863 },
} as const;

const RELEASES: readonly Release[] = [
  { name: 'sample', version: 'v3', make: () => exportRelease(['--sample']) },
  { name: 'sample v2', version: 'v2', make: () => exportRelease(['--sample', '--api-version', 'v2']) },
  {
    name: 'one level of two countries, two tables empty',
    version: 'v3',
    make: () => exportFrom({ scale: 0.02 }, ['--countries', 'BOL,SYR', '--levels', '0']),
    levels: ['admin0'],
  },
  ...RECORDED_VERSIONS.map((version) => ({
    name: `recorded ${version}`,
    version,
    make: () =>
      exportFrom({ answers: recordedAnswers(version) }, [
        ...['--countries', 'HTI,TCD', '--api-version', version],
      ]),
    known: KNOWN[version],
  })),
];

for (const release of RELEASES) describe(release.name, () => compareRelease(release));

function compareRelease({ version, make, known, levels = LEVEL_TABLES }: Release): void {
  let exported: Exported;
  before(async () => {
    exported = await make();
  });
  after(() => exported?.remove());

  const columns = arrowColumns(version);
  const tableOf = (path: string): TableName =>
    TABLES.find((table) => path.includes(`/${table}/`) || path === `csv/${table}.csv.gz`) ??
    assert.fail(`${path} is of no table`);
  const files = (): [string, Found][] =>
    Object.entries({ ...exported.report.parquet, ...exported.report.csv });
  const whole = (table: TableName) =>
    exported.report.parquet[`tables/${table}/${table}.parquet`] ?? assert.fail(`no ${table}.parquet`);

  test('sha256sum accepts every file of SHA256SUMS, which lists all files', async () => {
    const checked = await checkedSums(exported.folder);
    const listed = exported.manifest.files.map(({ path }) => path).filter((path) => path !== 'SHA256SUMS');
    assert.deepEqual(checked.toSorted(), listed.toSorted());
  });

  test('every data file can be read and has the row count of the manifest', () => {
    const listed = exported.manifest.files.filter(({ format }) => format === 'parquet' || format === 'csv');
    assert.deepEqual(
      files()
        .map(([path]) => path)
        .toSorted(),
      listed.map(({ path }) => path).toSorted(),
    );
    const found = new Map(files());
    for (const { path, rows } of listed) assert.deepEqual(found.get(path)?.rows, [rows, rows, rows], path);
    for (const [path, { footerRows, rows }] of Object.entries(exported.report.parquet))
      assert.equal(footerRows, rows[0], path);
    for (const { name, rows } of exported.manifest.tables)
      assert.equal(whole(name as TableName).footerRows, rows, name);
    for (const table of LEVEL_TABLES)
      assert.equal(whole(table).footerRows > 0, levels.includes(table), table);
  });

  test('columns have the names and types of the contract in all readers', () => {
    for (const [path, { schema, polars }] of Object.entries(exported.report.parquet)) {
      const expected = columns[tableOf(path)];
      assert.deepEqual(schema, expected, path);
      const inPolars = expected.map(columnParts).map(([name, type]) => `${name}: ${POLARS_TYPES[type]}`);
      assert.deepEqual(polars, inPolars, path);
    }
    for (const [path, found] of files()) {
      const names = columns[tableOf(path)].map((column) => columnParts(column)[0]);
      assert.deepEqual(found.columns, [names, names], path);
    }
  });

  test('pyarrow shows the descriptions of columns, and dataset and terms of the schema', () => {
    const schemas = tablesOf(version);
    for (const [path, { arrowTexts, arrowMetadata }] of Object.entries(exported.report.parquet)) {
      const { dataset, schema_version, licence, credit } = exported.manifest;
      assert.deepEqual(arrowMetadata, { dataset, schema_version, licence, credit }, path);
      if (path.startsWith('changes/')) continue;
      const said = schemas[tableOf(path)].columns.map(({ name, description, hxl }) => [
        name,
        { description, ...(hxl && { hxl }) },
      ]);
      assert.deepEqual(arrowTexts, Object.fromEntries(said), path);
    }
  });

  test('Parquet footers contain dataset and terms, but not release or run', () => {
    const { dataset, schema_version, licence, credit, release, run } = exported.manifest;
    for (const [path, { createdBy, keyValues, compression }] of Object.entries(exported.report.parquet)) {
      assert.match(createdBy, /^dtm-exporter version \d+\.\d+\.\d+/, path);
      const { 'ARROW:schema': _, [SPARK_KEY]: forSpark, ...said } = keyValues;
      assert.match(forSpark ?? '', /"comment":"[A-Z]/, path);
      assert.deepEqual(said, { dataset, schema_version, licence, credit }, path);
      assert.ok(!JSON.stringify(said).includes(release) && !JSON.stringify(said).includes(run), path);
      assert.ok(
        compression.every((codec) => codec === 'ZSTD'),
        path,
      );
    }
  });

  test('pyarrow, pandas and polars agree on every value, null and sum', () => {
    for (const [path, { differences, nulls, people }] of files()) {
      assert.deepEqual(differences, [], path);
      assert.deepEqual(nulls.pandas, nulls.pyarrow, path);
      assert.deepEqual(nulls.polars, nulls.pyarrow, path);
      assert.equal(new Set(people).size, 1, path);
      assert.equal(typeof people[0], tableOf(path).startsWith('admin') ? 'number' : 'object', path);
    }
  });

  test('columns that are not nullable have no nulls', () => {
    for (const [path, { nulls }] of files()) {
      for (const column of columns[tableOf(path)].filter((each) => !each.endsWith('?')))
        assert.equal(nulls.pyarrow[columnParts(column)[0]], 0, `${path}: ${column}`);
    }
  });

  test('CSV files have the values of the Parquet files, in the canonical form', () => {
    const { csv, parquet } = exported.report;
    assert.equal(Object.keys(csv).length, Object.keys(parquet).length);
    for (const [path, { unlikeParquet, isCanonical, nulls, people }] of Object.entries(csv)) {
      assert.equal(unlikeParquet, null, path);
      assert.ok(isCanonical, path);
      const [, table = '', file = ''] = /^csv\/(?:(.*)\/)?([^/]+)\.csv\.gz$/.exec(path) ?? [];
      const other = table ? `parquet/${table}/${file}.parquet` : `tables/${file}/${file}.parquet`;
      assert.deepEqual(nulls.pyarrow, parquet[other]?.nulls.pyarrow, path);
      assert.deepEqual(people, parquet[other]?.people, path);
    }
  });

  test('country files together equal the whole table, also as partitions and as a glob', () => {
    for (const table of LEVEL_TABLES) {
      assert.ok(exported.report.csvParts[table], table);
      const found = exported.report.partitions[table];
      assert.equal(found !== null, levels.includes(table), table);
      if (found === null) continue;
      const names = columns[table].map((column) => columnParts(column)[0]);
      const withCountry = [...names, 'country'];
      assert.deepEqual(found.columns, {
        ...{ parts: names, 'plain glob': names },
        ...{ hive: withCountry, glob: withCountry, pandas: withCountry },
      });
      assert.deepEqual(found.countryIsCode, { hive: true, glob: true, pandas: true }, table);
      assert.deepEqual(found.differences, [], table);
      const [byArrow, byPolars, inFile] = found.rowsOfFirst;
      assert.ok(inFile > 0);
      assert.deepEqual([byArrow, byPolars], [inFile, inFile], table);
      const units = exported.manifest.coverage.units.filter(
        ({ level, rows }) => `admin${level}` === table && rows,
      );
      assert.equal(found.files, units.length, table);
    }
  });

  test('content_sha256 can be computed without our code', () => {
    assert.deepEqual(exported.report.contentSha256, exported.manifest.content_sha256);
  });

  if (known) {
    test('rows and sums equal those of the recorded answers', () => {
      for (const [level, table] of LEVEL_TABLES.entries()) {
        const people: readonly number[] = [known.people, known.people, known.people];
        assert.equal(whole(table).footerRows, known.rows[level], table);
        assert.deepEqual(whole(table).people, people, table);
        assert.deepEqual(exported.report.csv[`csv/${table}.csv.gz`]?.people, people, table);
      }
    });
  }
}
