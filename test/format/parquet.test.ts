import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { readParquet as readWasm } from 'parquet-wasm/node';
import { writeDescribedStream, writeStagedStream } from '../../lib/format/arrow.ts';
import { sortKeyValues } from '../../lib/format/key-values.ts';
import { createParquetStream, ROW_GROUP_SIZE, readParquet, writeParquet } from '../../lib/format/parquet.ts';
import { readFooter } from '../../lib/format/parquet-footer.ts';
import { readArrow } from '../../lib/format/read-arrow.ts';
import { sparkSchema } from '../../lib/format/spark-schema.ts';
import { FORMAT_VERSION } from '../../lib/format/version.ts';
import {
  type Column,
  type Columns,
  columnOf,
  createColumn,
  numberColumn,
  valueAt,
} from '../../lib/table/columns.ts';
import { dayNumber, dayText } from '../../lib/table/ingest.ts';
import { tablesOf } from '../../lib/table/schema.ts';
import { assertSame } from '../assert-same.ts';
import { duckdb, temporaryFolder } from '../setting.ts';
import { type Cell, column, columnsOf, SCHEMA } from './sample-table.ts';

const rowsOf = (columns: Columns): Cell[][] =>
  Array.from({ length: columns.length }, (_, row) =>
    SCHEMA.map(({ name }) => valueAt(columnOf(columns, name), row)),
  );

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const text = fc.string({ unit: 'grapheme', maxLength: 100 }).filter((value) => value.isWellFormed());
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
  staged: (values: Cell[][]) => writeStagedStream(SCHEMA, columnsOf(values)),
  described: (values: Cell[][]) => writeDescribedStream(SCHEMA, columnsOf(values), KEY_VALUES),
};

for (const [layout, streamOf] of Object.entries(LAYOUTS)) {
  test(`readArrow returns every value of a ${layout} stream`, () => {
    fc.assert(
      fc.property(rows, (values) => {
        assert.deepEqual(rowsOf(readArrow(SCHEMA, streamOf(values))), values);
      }),
    );
  });
}

test('readArrow names a column that is missing or of another type', () => {
  const bytes = writeStagedStream([column('people', 'int32')], columnsOf([]));
  assert.throws(() => readArrow([column('persons', 'int32')], bytes), /no column persons/);
  assert.throws(() => readArrow([column('people', 'date')], bytes), /people: expected date, found int32/);
});

test('readParquet returns every value that writeParquet wrote', () => {
  fc.assert(
    fc.property(rows, (values) => {
      assert.deepEqual(
        rowsOf(readParquet(SCHEMA, writeParquet(SCHEMA, columnsOf(values), KEY_VALUES))),
        values,
      );
    }),
  );
});

test('DuckDB reads the same values and types from Parquet', async (t) => {
  const path = join(await temporaryFolder(t), 'rows.parquet');
  await fc.assert(
    fc.asyncProperty(rows, async (values) => {
      await writeFile(path, writeParquet(SCHEMA, columnsOf(values), KEY_VALUES));
      const found = await duckdb(
        `SELECT code, name, people, CAST(sum AS VARCHAR) AS sum, day, latest FROM '${path}'`,
      );
      const expected = values.map(([code, name, people, sum, day, latest]) => ({
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
    types.map((row) => row.column_type),
    ['VARCHAR', 'VARCHAR', 'INTEGER', 'BIGINT', 'DATE', 'BOOLEAN'],
  );
});

const GOLDEN = '6b11c13753ecb457e89caa381d377073f9aefb563389aec94e131d6224dd5373';

const FIXED: Cell[][] = [
  ['HT01', 'Ouest', 12, 5_000_000_000, dayNumber('2024-02-29'), true],
  ['HT02', null, null, null, dayNumber('1969-12-31'), null],
  ['ق\u{1F3D5}', '', -1, 0, 0, false],
];

test('a fixed table has the bytes of this FORMAT_VERSION (raise it if they change)', () => {
  const hash = createHash('sha256')
    .update(writeParquet(SCHEMA, columnsOf(FIXED), KEY_VALUES))
    .digest('hex');
  assert.deepEqual({ version: FORMAT_VERSION, hash }, { version: 4, hash: GOLDEN });
});

test('writeParquet writes the same rows as the same bytes every time', () => {
  const keyValues = new Map(
    ['dataset', 'schema_version', 'licence', 'credit'].map((key) => [key, `${key}.`]),
  );
  const once = writeParquet(SCHEMA, columnsOf(FIXED), keyValues);
  for (let time = 0; time < 20; time++)
    assert.deepEqual(writeParquet(SCHEMA, columnsOf(FIXED), keyValues), once);
});

test('sortKeyValues throws if it does not find the key-values in the footer', () => {
  const bytes = writeParquet(SCHEMA, columnsOf(FIXED), KEY_VALUES);
  assert.throws(() => sortKeyValues(bytes, new Map([['dataset', 'another']])), /not where they were/);
  assertSame(Buffer.from(sortKeyValues(bytes, KEY_VALUES)), Buffer.from(bytes));
});

test('readFooter returns rows, types, nulls, minima, maxima and key-values', async () => {
  const footer = await readFooter(writeParquet(SCHEMA, columnsOf(FIXED), KEY_VALUES));
  assert.equal(footer.rows, 3);
  assert.match(footer.createdBy, /^dtm-exporter version 2\.0\.0/);
  assert.equal(footer.keyValues.dataset, 'dtm-idp');
  const columns = footer.columns.map(({ name, type, nullable, nulls, min, max }) =>
    [name, type, nullable, nulls, min, max].join(' '),
  );
  assert.deepEqual(columns, [
    'code string false 0 HT01 ق\u{1F3D5}',
    'name string true 1  Ouest',
    'people int32 true 1 -1 12',
    'sum int64 true 1 0 5000000000',
    `day date false 0 -1 ${dayNumber('2024-02-29')}`,
    'latest boolean true 1 false true',
  ]);
});

test('readFooter takes minimum and maximum over all row groups', async () => {
  const values = Array.from({ length: ROW_GROUP_SIZE + 1 }, (_, at): Cell[] => ['A', null, at, at, at, null]);
  const bytes = writeParquet(SCHEMA, columnsOf(values), KEY_VALUES);
  const footer = await readFooter(bytes);
  assert.equal(footer.rows, values.length);
  const people = footer.columns.find(({ name }) => name === 'people');
  assert.deepEqual([people?.min, people?.max], [0, ROW_GROUP_SIZE]);
  const name = footer.columns.find((one) => one.name === 'name');
  assert.deepEqual([name?.nulls, name?.min, name?.max], [values.length, null, null]);
});

test('a file of some rows and one of all rows have column descriptions for Arrow and Spark', async () => {
  const schema = tablesOf('v3').countries.columns;
  const texts = ['HTI', 'TCD'].map((code) => createColumn('string', [code, code]));
  const columns = { length: 2, byName: new Map(schema.map(({ name }, at) => [name, texts[at] as Column])) };
  const stream = await createParquetStream(schema, KEY_VALUES);
  const part = writeParquet(schema, columns, KEY_VALUES);
  await stream.append(part);
  for (const file of [part, await stream.finish()]) {
    const found = tableFromIPC(readWasm(file).intoIPCStream()).schema;
    assert.equal(found.metadata.get('dataset'), 'dtm-idp');
    assert.deepEqual(
      found.fields.map(({ metadata }) => Object.fromEntries(metadata)),
      schema.map(({ description, hxl }) => ({ description, hxl })),
    );
  }
  const { fields } = JSON.parse(sparkSchema(schema));
  assert.deepEqual(fields[0], {
    ...{ name: 'admin0_name', type: 'string', nullable: true },
    metadata: { comment: schema[0]?.description },
  });
});

test('a file that is made of others has their rows in order, in row groups of the usual size', async () => {
  const values = Array.from({ length: ROW_GROUP_SIZE * 2 + 5 }, (_, row): Cell[] => {
    return [`HT${row % 7}`, row % 3 === 0 ? null : 'Nord', row, row, row % 50, row % 2 === 0];
  });
  const sizes = [1, 12_000, 0, 27_999, 5];
  const write = async (): Promise<Uint8Array> => {
    const stream = await createParquetStream(SCHEMA, KEY_VALUES);
    let start = 0;
    for (const size of sizes) {
      await stream.append(writeParquet(SCHEMA, columnsOf(values.slice(start, start + size)), KEY_VALUES));
      start += size;
    }
    return stream.finish();
  };
  const file = await write();
  const read = readParquet(SCHEMA, file);
  const written = sizes.reduce((sum, size) => sum + size, 0);
  assert.equal(read.length, written);
  const people = SCHEMA[2]?.name ?? '';
  assertSame(
    numberColumn(read, people).values,
    Int32Array.from({ length: read.length }, (_, row) => row),
  );
  const footer = await readFooter(file);
  assert.equal(footer.rows, written);
  assert.deepEqual(await write(), file);
});

test('a file with other columns ends in an error, although the writer reports none', async () => {
  const stream = await createParquetStream(SCHEMA, KEY_VALUES, 300);
  const other = writeParquet(SCHEMA.slice(0, 2), columnsOf(FIXED), KEY_VALUES);
  await assert.rejects(async () => {
    await stream.append(other);
    await stream.finish();
  }, /the Parquet writer has stopped/);
});

test('a file that is made of no other has no rows, and the columns of the schema', async () => {
  const file = await (await createParquetStream(SCHEMA, KEY_VALUES)).finish();
  assert.equal(readParquet(SCHEMA, file).length, 0);
  const footer = await readFooter(file);
  assert.deepEqual(
    footer.columns.map(({ name }) => name),
    SCHEMA.map(({ name }) => name),
  );
});

test('readFooter rejects bytes that are no Parquet file', async () => {
  await assert.rejects(readFooter(Buffer.from('PAR1 but nothing else')));
});
