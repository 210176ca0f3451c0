import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { readParquet as readWasm } from 'parquet-wasm/node';
import { readArrow, writeDescribedStream, writeStagedStream } from '../../lib/format/arrow.ts';
import { sortKeyValues } from '../../lib/format/key-values.ts';
import { createParquetTable, ROW_GROUP_SIZE, readParquet, writeParquet } from '../../lib/format/parquet.ts';
import { readFooter } from '../../lib/format/parquet-footer.ts';
import { sparkSchema } from '../../lib/format/spark-schema.ts';
import { FORMAT_VERSION } from '../../lib/format/version.ts';
import { type Column, type Columns, columnOf, createColumn, valueAt } from '../../lib/table/columns.ts';
import { dayNumber, dayText } from '../../lib/table/ingest.ts';
import { tablesOf } from '../../lib/table/schema.ts';
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

const LAYOUTS = {
  staged: (given: Cell[][]) => writeStagedStream(SCHEMA, columnsOf(given)),
  described: (given: Cell[][]) => writeDescribedStream(SCHEMA, columnsOf(given), KEY_VALUES),
};

for (const [layout, streamOf] of Object.entries(LAYOUTS)) {
  test(`${layout} Arrow gives back every value`, () => {
    fc.assert(
      fc.property(rows, (given) => {
        assert.deepEqual(rowsOf(readArrow(SCHEMA, streamOf(given))), given);
      }),
    );
  });
}

test('Arrow that lacks a column, or has it as another type, is refused by name', () => {
  const bytes = writeStagedStream([column('people', 'int32')], columnsOf([]));
  assert.throws(() => readArrow([column('persons', 'int32')], bytes), /no column persons/);
  assert.throws(() => readArrow([column('people', 'date')], bytes), /people: expected date, found int32/);
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

const GOLDEN = '6b11c13753ecb457e89caa381d377073f9aefb563389aec94e131d6224dd5373';

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
  assert.match(footer.createdBy, /^dtm-exporter version 2\.0\.0/);
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
  const given = Array.from({ length: ROW_GROUP_SIZE + 1 }, (_, at): Cell[] => ['A', null, at, at, at, null]);
  const bytes = writeParquet(SCHEMA, columnsOf(given), KEY_VALUES);
  const footer = await readFooter(bytes);
  assert.equal(footer.rows, given.length);
  const people = footer.columns.find(({ name }) => name === 'people');
  assert.deepEqual([people?.min, people?.max], [0, ROW_GROUP_SIZE]);
  const name = footer.columns.find((one) => one.name === 'name');
  assert.deepEqual([name?.nulls, name?.min, name?.max], [given.length, null, null]);
});

test('a whole file and a part of it say what each column means, to Arrow and to Spark', () => {
  const schema = tablesOf('v3').countries.columns;
  const texts = ['HTI', 'TCD'].map((code) => createColumn('string', [code, code]));
  const columns = { length: 2, byName: new Map(schema.map(({ name }, at) => [name, texts[at] as Column])) };
  const table = createParquetTable(schema, columns, KEY_VALUES);
  try {
    for (const file of [table.writeAll(), table.writePart(1, 2)]) {
      const found = tableFromIPC(readWasm(file).intoIPCStream()).schema;
      assert.equal(found.metadata.get('dataset'), 'dtm-idp');
      assert.deepEqual(
        found.fields.map(({ metadata }) => Object.fromEntries(metadata)),
        schema.map(({ description, hxl }) => ({ description, hxl })),
      );
    }
  } finally {
    table.free();
  }
  const { fields } = JSON.parse(sparkSchema(schema));
  assert.deepEqual(fields[0], {
    ...{ name: 'admin0_name', type: 'string', nullable: true },
    metadata: { comment: schema[0]?.description },
  });
});

test('what is no Parquet file has no footer', async () => {
  await assert.rejects(readFooter(Buffer.from('PAR1 but nothing else')));
});
