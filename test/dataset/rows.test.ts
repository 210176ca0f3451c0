// Every row of every table is the row that DuckDB reads; conditions give what a filter of all rows gives.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { Value } from '../../lib/dataset/parquet/open.ts';
import { compareTexts, dateText, exactNumber } from '../../lib/dataset/parquet/values.ts';
import { openDataset, type Release, type Row, type Where } from '../../lib/dataset/reader.ts';
import { serveDataset } from '../../lib/read/serve.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { TABLES } from '../../lib/table/schema.ts';
import { assertSame } from '../assert-same.ts';
import { codeOf, envelope, ROW, readExactly, serveAnswers } from '../hostile/api.ts';
import { NASTY, TEXTS } from '../hostile/nasty.ts';
import { exportInto, simulator, temporaryFolder } from '../setting.ts';
import { collect } from './outcomes.ts';
import { startFiles } from './start-files.ts';

type Plain = Record<string, Value>;

/** The rows of a Parquet file by DuckDB, in the order of the file. */
const duckdbRows = async (path: string): Promise<Plain[]> => (await readExactly(`'${path}'`)) as Plain[];

const tablePath = (folder: string, { id }: Release, table: string): string =>
  `${folder}/releases/${id}/tables/${table}/${table}.parquet`;

/** Compares all rows of all tables with those of DuckDB, and says how many there are. */
async function compareAll(folder: string, release: Release): Promise<number> {
  let compared = 0;
  for (const table of TABLES) {
    const rows = await collect(release.rows(table));
    assertSame(rows, await duckdbRows(tablePath(folder, release, table)), table);
    assert.equal(rows.length, release.manifest.tables.find(({ name }) => name === table)?.rows);
    compared += rows.length;
  }
  return compared;
}

test('every value of a sample served by dtm-exporter serve is the value that DuckDB reads', async (t) => {
  const { url } = await simulator(t, { scale: 0.02 });
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url, countries: null });
  const server = await serveDataset(folderStore(folder), { port: 0 });
  t.after(() => server.close());
  const release = await openDataset(server.url).current();
  t.diagnostic(`${await compareAll(folder, release)} rows`);
  const snapshots = await collect(release.rows('snapshots'));
  assert.ok(snapshots.some(({ idps }) => idps === null) && snapshots.some(({ idps }) => Number(idps) > 1e6));
});

test('a dataset of API v2 is read with its own columns', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url, version: 'v2' });
  const files = await startFiles(t, folder);
  const release = await openDataset(files.url, { apiVersion: 'v2' }).current();
  const [first] = await collect(release.rows('admin1', { limit: 1 }));
  assert.deepEqual(
    first,
    (await duckdbRows(`${folder}/releases/${release.id}/tables/admin1/admin1.parquet`))[0],
  );
  await assert.rejects(openDataset(files.url).current(), {
    name: 'DatasetError',
    kind: 'other-version',
    message: /open it with \{ apiVersion: 'v2' \}/,
  });
});

/** A world whose texts are all difficult ones, in every text field. */
async function hostileWorld(t: TestContext): Promise<string> {
  const texts = [...NASTY, '\uFEFF', '\uFEFFa', ''];
  const countries = [0, 1].map((at) => ({ admin0Name: `country ${at}`, admin0Pcode: codeOf(at) }));
  const api = await serveAnswers(t, (endpoint, country) => {
    if (endpoint === 'countries') return envelope(countries);
    if (endpoint === 'operations')
      return envelope(countries.map((each) => ({ ...each, operation: 'one', operationStatus: 'Active' })));
    return envelope(
      texts.map((text) => ({
        ...ROW,
        ...Object.fromEntries(TEXTS.map((field) => [field, text])),
        admin0Pcode: country,
      })),
    );
  });
  const folder = await temporaryFolder(t);
  const outcome = await exportInto({ folder, url: api.url, countries: null, levels: [2] });
  assert.equal(outcome.outcome, 'published');
  return folder;
}

test('difficult texts are read as they were sent, byte order marks too, and can be asked for', async (t) => {
  const folder = await hostileWorld(t);
  const files = await startFiles(t, folder);
  const release = await openDataset(files.url).current();
  await compareAll(folder, release);
  const all = await collect(release.rows('admin2'));
  assert.ok(all.some(({ operation }) => operation.startsWith('\uFEFF')));
  for (const operation of new Set(all.map((row) => row.operation))) {
    const expected = all.filter((row) => row.operation === operation);
    assert.deepEqual(await collect(release.rows('admin2', { where: { operation } })), expected);
  }
});

test('rows of a table of several row groups', async (t) => {
  const { url } = await simulator(t, { scale: 0.4 });
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url, countries: null, levels: [2] });
  const files = await startFiles(t, folder);
  const release = await openDataset(files.url).current();
  const all = (await duckdbRows(tablePath(folder, release, 'admin2'))) as unknown as Row<'admin2'>[];
  assert.ok(all.length > 45_000, `${all.length} rows`);

  const requestsOf = async (work: () => Promise<unknown>) => {
    files.requests.length = 0;
    await work();
    return files.requests.map(
      ({ path, range }) => `${path.split('/').at(-1)} ${range === undefined ? 'whole' : 'part'}`,
    );
  };

  await t.test('all rows come, in order, with a footer and one part for each row group', async () => {
    const parts = await requestsOf(async () => assertSame(await collect(release.rows('admin2')), all));
    assert.deepEqual(parts, Array(1 + Math.ceil(all.length / 20_000)).fill('admin2.parquet part'));
  });

  await t.test('one row group is fetched before the first row, and none after a break', async () => {
    const parts = await requestsOf(async () => {
      for await (const row of release.rows('admin2')) {
        assert.deepEqual(row, all[0]);
        break;
      }
    });
    assert.deepEqual(parts, ['admin2.parquet part', 'admin2.parquet part']);
  });

  await t.test('selected columns alone are fetched, and rows have no other', async () => {
    const columns = ['num_present_idp_ind', 'reporting_date'] as const;
    let rows: unknown[] = [];
    await requestsOf(async () => {
      rows = await collect(release.rows('admin2', { columns }));
    });
    assertSame(
      rows,
      all.map(({ num_present_idp_ind, reporting_date }) => ({ num_present_idp_ind, reporting_date })),
    );
    assert.deepEqual(Object.keys(rows[0] as object), [...columns]);
    const bytes = files.requests.slice(1).reduce((sum, { range }) => {
      const [, start, end] = /(\d+)-(\d+)/.exec(range ?? '') ?? [];
      return sum + Number(end) - Number(start) + 1;
    }, 0);
    const { bytes: size } = release.file('tables/admin2/admin2.parquet');
    assert.ok(bytes < size / 2, `${bytes} of ${size}`);
  });

  await t.test('row groups without the country are skipped by their statistics', async () => {
    const last = all.at(-1)?.admin0_pcode ?? '';
    const parts = await requestsOf(async () =>
      assert.deepEqual(
        await collect(
          release.rows('admin2', { where: { admin0_pcode: last }, columns: ['admin0_pcode', 'id'] }),
        ),
        all.filter((row) => row.admin0_pcode === last).map(({ admin0_pcode, id }) => ({ admin0_pcode, id })),
      ),
    );
    assert.ok(parts.length <= 3, parts.join(', '));
  });

  await t.test(
    'few countries are read from their own files, many from the whole table, in the same order',
    async () => {
      const codes = release.countries;
      const some = [codes[5], codes[2], codes[5]] as string[];
      const expected = all.filter((row) => some.includes(row.admin0_pcode));
      const few = await requestsOf(async () =>
        assert.deepEqual(await collect(release.rows('admin2', { countries: some })), expected),
      );
      assert.ok(
        few.every((part) => /^admin2-[A-Z]{3}\.parquet/.test(part)),
        few.join(', '),
      );
      const many = codes.slice(0, 12);
      const parts = await requestsOf(async () =>
        assertSame(
          await collect(release.rows('admin2', { countries: many })),
          all.filter((row) => many.includes(row.admin0_pcode)),
        ),
      );
      assert.ok(
        parts.every((part) => part === 'admin2.parquet part'),
        parts.join(', '),
      );
      const snapshots = await collect(release.rows('snapshots', { countries: codes[3] as string }));
      assert.deepEqual([...new Set(snapshots.map(({ admin0_pcode }) => admin0_pcode))], [codes[3]]);
    },
  );

  await t.test('a limit ends the rows, over row groups and files', async () => {
    for (const limit of [0, 1, 19_999, 20_000, 20_001, 10 ** 9])
      assert.equal(
        (await collect(release.rows('admin2', { limit, columns: ['id'] }))).length,
        Math.min(limit, all.length),
      );
    const countries = release.countries.slice(0, 2);
    const wanted = all.filter((row) => countries.includes(row.admin0_pcode));
    const limit = wanted.filter((row) => row.admin0_pcode === countries[0]).length + 1;
    assertSame(await collect(release.rows('admin2', { countries, limit })), wanted.slice(0, limit));
  });

  await t.test('any conditions give the rows that a filter of all rows gives', async () => {
    const valuesOf = <C extends keyof Row<'admin2'>>(column: C) => [
      ...new Set(all.map((row) => row[column])),
    ];
    const TYPES = {
      operation: 0,
      admin1_pcode: 0,
      reporting_date: 0,
      round_number: 0,
      is_latest: 0,
      number_males: 0,
    };
    const columns = Object.keys(TYPES) as (keyof typeof TYPES)[];
    const conditionOn = (column: keyof typeof TYPES): fc.Arbitrary<unknown> => {
      const values = valuesOf(column);
      const one = fc.constantFrom<unknown>(...values);
      const list = fc.array(one, { minLength: 1, maxLength: 4 });
      if (column === 'is_latest') return fc.oneof(one, list);
      const end = fc.constantFrom<unknown>(...values.filter((value) => value !== null));
      return fc.oneof(
        one,
        list,
        fc.record({ min: end, max: end }, { requiredKeys: ['min'] }),
        fc.record({ max: end }),
      );
    };
    const where = fc
      .uniqueArray(fc.constantFrom(...columns), { minLength: 1, maxLength: 3 })
      .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, conditionOn(name)]))));
    await fc.assert(
      fc.asyncProperty(where, async (conditions) => {
        const found = await collect(
          release.rows('admin2', {
            where: conditions as Where<Row<'admin2'>>,
            columns: ['admin0_pcode', 'id'],
          }),
        );
        const expected = all.filter((row) => isMatch(row as unknown as Plain, conditions));
        assertSame(
          found,
          expected.map(({ admin0_pcode, id }) => ({ admin0_pcode, id })),
        );
      }),
      { numRuns: 40 },
    );
  });
});

/** Another way to test a row: by sorting it among the ends of a range. */
function isMatch(row: Plain, conditions: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(conditions).every(([column, condition]) => {
    const value = row[column] as Value;
    if (Array.isArray(condition)) return condition.some((one) => Object.is(one, value));
    if (typeof condition !== 'object' || condition === null) return condition === value;
    if (value === null) return false;
    const { min, max } = condition as { min?: Value; max?: Value };
    return (
      !(min !== undefined && isBefore(value, min)) && !(max !== undefined && isBefore(max as Value, value))
    );
  });
}

const isBefore = (a: Value, b: Value): boolean =>
  typeof a === 'string'
    ? Buffer.compare(Buffer.from(a), Buffer.from(b as string)) < 0
    : Number(a) < Number(b);

test('texts are compared as their UTF-8 bytes are', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      assert.equal(Math.sign(compareTexts(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
  assert.ok(compareTexts('\uFFFF', '\u{10000}') < 0);
});

test('an integer or a date that a row cannot hold exactly is an error, never another value', () => {
  assert.equal(exactNumber(BigInt(Number.MAX_SAFE_INTEGER)), Number.MAX_SAFE_INTEGER);
  for (const value of [2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n])
    assert.throws(() => exactNumber(value), RangeError);
  assert.deepEqual([-1, 0, 19_782].map(dateText), ['1969-12-31', '1970-01-01', '2024-02-29']);
  for (const days of [2_932_897, -719_529, 2 ** 31 - 1]) assert.throws(() => dateText(days), RangeError);
});
