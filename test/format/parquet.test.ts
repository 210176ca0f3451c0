import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { arrowStream, columnsFromArrow } from '../../lib/format/arrow.ts';
import { readFooter } from '../../lib/format/footer.ts';
import { sortKeyValues } from '../../lib/format/keyvalues.ts';
import { ROWS_A_GROUP, readParquet, writeParquet } from '../../lib/format/parquet.ts';
import { FORMAT_VERSION } from '../../lib/format/version.ts';
import { type Columns, columnOf, valueAt } from '../../lib/table/columns.ts';
import { dayNumber, dayText } from '../../lib/table/ingest.ts';
import { duckdb, temporaryFolder } from '../setting.ts';
import { type Cell, column, columnsOf, SCHEMA } from './invented.ts';

const rowsOf = (columns: Columns): Cell[][] =>
  Array.from({ length: columns.length }, (_, row) =>
    SCHEMA.map(({ name }) => valueAt(columnOf(columns, name), row)),
  );

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const text = fc.string({ unit: 'grapheme', maxLength: 100 }).filter((one) => one.isWellFormed());
const row = fc.tuple(
  text,
  fc.option(text),
  fc.option(int32),
  fc.option(fc.maxSafeInteger()),
  fc.integer({ min: dayNumber('0001-01-01'), max: dayNumber('9999-12-31') }),
  fc.option(fc.boolean()),
);
const rows = fc.array(row as fc.Arbitrary<Cell[]>, { maxLength: 40 });

const KEY_VALUES = new Map([['dataset', 'dtm-idp']]);

for (const layout of ['dictionary', 'plain'] as const) {
  test(`Arrow with ${layout} strings gives back every value`, () => {
    fc.assert(
      fc.property(rows, (given) => {
        const back = columnsFromArrow(SCHEMA, arrowStream(SCHEMA, columnsOf(given), layout));
        assert.deepEqual(rowsOf(back), given);
      }),
    );
  });
}

test('Arrow that lacks a column, or has it as another type, is refused by name', () => {
  const bytes = arrowStream([column('people', 'int32')], columnsOf([]), 'plain');
  assert.throws(() => columnsFromArrow([column('persons', 'int32')], bytes), /no column persons/);
  assert.throws(
    () => columnsFromArrow([column('people', 'date')], bytes),
    /people: expected date, found int32/,
  );
});

test('Parquet gives back every value', () => {
  fc.assert(
    fc.property(rows, (given) => {
      assert.deepEqual(
        rowsOf(readParquet(SCHEMA, writeParquet(SCHEMA, columnsOf(given), KEY_VALUES))),
        given,
      );
    }),
  );
});

test('DuckDB reads the values and the types that were written', async (t) => {
  const path = join(await temporaryFolder(t), 'rows.parquet');
  await fc.assert(
    fc.asyncProperty(rows, async (given) => {
      await writeFile(path, writeParquet(SCHEMA, columnsOf(given), KEY_VALUES));
      const found = await duckdb(
        `SELECT code, name, people, CAST(sum AS VARCHAR) AS sum, day, latest FROM '${path}'`,
      );
      const expected = given.map(([code, name, people, sum, day, latest]) => ({
        code,
        name,
        people,
        sum: sum === null ? null : String(sum),
        day: dayText(day as number),
        latest,
      }));
      assert.deepEqual(found, expected);
    }),
    { numRuns: 15 },
  );
  const types = await duckdb(`DESCRIBE FROM '${path}'`);
  assert.deepEqual(
    types.map((one) => one.column_type),
    ['VARCHAR', 'VARCHAR', 'INTEGER', 'BIGINT', 'DATE', 'BOOLEAN'],
  );
});

const GOLDEN = 'f60b6ad4f6411f246d7810a0807874631d028fb6314790fa02c2e6bf9a987cef';

const FIXED: Cell[][] = [
  ['HT01', 'Ouest', 12, 5_000_000_000, dayNumber('2024-02-29'), true],
  ['HT02', null, null, null, dayNumber('1969-12-31'), null],
  ['ق\u{1F3D5}', '', -1, 0, 0, false],
];

test('the bytes of a fixed table are those of FORMAT_VERSION: raise it when they change', () => {
  const hash = createHash('sha256')
    .update(writeParquet(SCHEMA, columnsOf(FIXED), KEY_VALUES))
    .digest('hex');
  assert.deepEqual({ version: FORMAT_VERSION, hash }, { version: 3, hash: GOLDEN });
});

test('the same rows give the same bytes every time, whatever was written before', () => {
  const keyValues = new Map(
    ['dataset', 'schema_version', 'licence', 'credit'].map((key) => [key, `${key}.`]),
  );
  const once = writeParquet(SCHEMA, columnsOf(FIXED), keyValues);
  for (let time = 0; time < 20; time++)
    assert.deepEqual(writeParquet(SCHEMA, columnsOf(FIXED), keyValues), once);
});

test('key-values that are not where they should be stop the writer', () => {
  const bytes = writeParquet(SCHEMA, columnsOf(FIXED), KEY_VALUES);
  assert.throws(() => sortKeyValues(bytes, new Map([['dataset', 'another']])), /not where they were/);
  assert.deepEqual(Buffer.from(sortKeyValues(bytes, KEY_VALUES)), Buffer.from(bytes));
});

test('a footer says rows, types, nulls, extremes and key-values, to a reader unrelated to the writer', async () => {
  const footer = await readFooter(writeParquet(SCHEMA, columnsOf(FIXED), KEY_VALUES));
  assert.equal(footer.rows, 3);
  assert.match(footer.createdBy, /^dtm-exporter version 1\.0\.0/);
  assert.equal(footer.keyValues.dataset, 'dtm-idp');
  const facts = footer.columns.map(({ name, type, nullable, nulls, min, max }) =>
    [name, type, nullable, nulls, min, max].join(' '),
  );
  assert.deepEqual(facts, [
    'code string false 0 HT01 ق\u{1F3D5}',
    'name string true 1  Ouest',
    'people int32 true 1 -1 12',
    'sum int64 true 1 0 5000000000',
    `day date false 0 -1 ${dayNumber('2024-02-29')}`,
    'latest boolean true 1 false true',
  ]);
});

test('row groups are cut in the tens of thousands, and extremes are taken over all of them', async () => {
  const given = Array.from({ length: ROWS_A_GROUP + 1 }, (_, at): Cell[] => ['A', null, at, at, at, null]);
  const bytes = writeParquet(SCHEMA, columnsOf(given), KEY_VALUES);
  const footer = await readFooter(bytes);
  assert.equal(footer.rows, given.length);
  const people = footer.columns.find(({ name }) => name === 'people');
  assert.deepEqual([people?.min, people?.max], [0, ROWS_A_GROUP]);
  const name = footer.columns.find((one) => one.name === 'name');
  assert.deepEqual([name?.nulls, name?.min, name?.max], [given.length, null, null]);
});

test('what is no Parquet file has no footer', async () => {
  await assert.rejects(readFooter(Buffer.from('PAR1 but nothing else')));
});
