// A published count is exactly the number that was sent. Otherwise its unit fails and names the field.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { duckdb } from '../setting.ts';
import { type Case, type CaseResults, envelope, FIELDS, GOOD, ROW, type Row, tryCases } from './api.ts';

const [MIN, MAX] = [-(2 ** 31), 2 ** 31 - 1];

const COLUMNS = Object.entries(FIELDS).filter(([, field]) => typeof ROW[field] === 'number');

/** An answer with a field's value in this spelling. The row has no other 987654321, so the text replaces that number. */
const spelled =
  (field: keyof Row, text: string): Case =>
  (admin0Pcode) =>
    envelope([{ ...ROW, admin0Pcode, [field]: 987654321 }]).replace('987654321', text);

interface Figure {
  readonly column: string;
  readonly field: keyof Row;
  readonly text: string;
}

/** The value of a JSON number. Null if it is not JSON or not an integer of 32 bits. */
function parsedInt32(text: string): number | null {
  try {
    const value: unknown = JSON.parse(text);
    return Number.isInteger(value) && (value as number) >= MIN && (value as number) <= MAX
      ? Number(value) + 0
      : null;
  } catch {
    return null;
  }
}

function checkFigures(figures: readonly Figure[], { units, parquet, csv }: CaseResults): void {
  const byCountry = (rows: CaseResults['parquet']) => new Map(rows.map((row) => [row.admin0_pcode, row]));
  const [fromParquet, fromCsv] = [byCountry(parquet), byCountry(csv)];
  for (const [at, { column, field, text }] of figures.entries()) {
    const { country, status, reason } = units[at] as CaseResults['units'][number];
    const name = `${field}: ${text}`;
    const value = parsedInt32(text);
    if (value === null) {
      assert.equal(status, 'failed', name);
      const place = new RegExp(
        `result\\[0\\]\\.${field}: expected an integer of 32 bits|the body is not JSON`,
      );
      assert.match(reason ?? '', place, name);
      assert.deepEqual([fromParquet.get(country), fromCsv.get(country)], [undefined, undefined]);
    } else {
      assert.equal(status, 'ok', `${name}: ${reason}`);
      assert.deepEqual(
        [fromParquet.get(country)?.[column], fromCsv.get(country)?.[column]],
        [value, String(value)],
      );
    }
  }
}

const SPELLINGS: readonly string[] = [
  ...['0', '-0', '0.0', '-0.0', '0e5', '-0e-5', '1.0', '1e3', '1E3', '1e+3', '10e-1', '1e-1', '1.5', '-1.5'],
  ...['2147483647', '2147483648', '-2147483648', '-2147483649', '2147483647.0', '2147483647.5', '4294967296'],
  ...[
    '2.147483647e9',
    '2.147483648e9',
    '4294967297',
    '9007199254740993',
    '12345678901234567890',
    `1${'0'.repeat(400)}`,
  ],
  ...['1e400', '-1e400', '1e308', '0.1e1', '100e-2', '1e9', '1e10'],
  ...['01', '+1', '.5', '1.', '1e', '--1', '0x10', '1_000', 'NaN', 'Infinity', '-Infinity', '1,0'],
  ...['"5"', 'true', 'false', '[]', '[5]', '{}', '"1e3"', '""', 'undefined'],
];

test('a number in any spelling is published exactly or fails its unit', async (t) => {
  const figures = SPELLINGS.map((text, at): Figure => {
    const [column, field] = COLUMNS[at % COLUMNS.length] as [string, keyof Row];
    return { column, field, text };
  });
  checkFigures(figures, await tryCases(t, [...figures.map(({ field, text }) => spelled(field, text)), GOOD]));
});

test('random numbers are published exactly or fail their units', async (t) => {
  const near = fc
    .constantFrom(0, MIN, MAX, 2 ** 32, 2 ** 53)
    .chain((edge) => fc.integer({ min: -2, max: 2 }).map((by) => edge + by));
  const value = fc.oneof(
    near,
    fc.integer(),
    fc.integer({ min: MIN, max: MAX }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );
  const text = fc
    .tuple(value, fc.constantFrom(0, 1, 2))
    .map(([number, form]) => [String(number), number.toExponential(), number.toFixed(3)][form] as string);
  const figure = fc
    .record({ column: fc.constantFrom(...COLUMNS), text })
    .map(({ column: [column, field], text: spelling }) => ({
      ...{ column, field, text: spelling },
    }));
  const holds = async (figures: readonly Figure[]) =>
    checkFigures(
      figures,
      await tryCases(t, [...figures.map((each) => spelled(each.field, each.text)), GOOD]),
    );
  await fc.assert(fc.asyncProperty(fc.array(figure, { minLength: 30, maxLength: 30 }), holds), {
    numRuns: 2,
    endOnFailure: true,
  });
});

test('sums of the largest counts are exact, and null if a count is null', async (t) => {
  const rows = (admin0Pcode: string, figures: (number | null)[]): string =>
    envelope(
      figures.map((numPresentIdpInd, at) => ({
        ...ROW,
        admin0Pcode,
        numPresentIdpInd,
        admin2Pcode: `P${at}`,
      })),
    );
  const { folder, outcome } = await tryCases(t, [
    (country) => rows(country, Array(1000).fill(MAX)),
    (country) => rows(country, Array(1000).fill(MIN)),
    (country) => rows(country, [1, null, 2]),
  ]);
  const path = `${folder}/releases/${outcome.release}/tables/snapshots/snapshots.parquet`;
  const sums = await duckdb(`SELECT idps FROM '${path}' ORDER BY admin0_pcode`);
  assert.deepEqual(sums, [{ idps: String(MAX * 1000) }, { idps: String(MIN * 1000) }, { idps: null }]);
});

test('valid dates are published exactly, invalid dates fail their units', async (t) => {
  const days = [
    '0001-01-01',
    '1582-10-10',
    '1900-02-28',
    '1969-12-31',
    '1970-01-01',
    '2000-02-29',
    '9999-12-31',
  ];
  const wrong = [
    '2023-02-29',
    '1900-02-29',
    '2024-13-01',
    '2024-00-10',
    '2024-1-1',
    '10000-01-01',
    '-000001-01-01',
    '',
  ];
  const endings = [
    '',
    'Z',
    'T00:00:00Z',
    'T00:00:01',
    'T24:00:00',
    'T00:00:00.000',
    ' 00:00:00',
    'T00:00:00\n',
  ];
  const bad = [...wrong.map((day) => `${day}T00:00:00`), ...endings.map((ending) => `2024-02-29${ending}`)];
  const cases = [...days.map((day) => `${day}T00:00:00`), ...bad].map(
    (reportingDate): Case =>
      (admin0Pcode) =>
        envelope([{ ...ROW, admin0Pcode, reportingDate }]),
  );
  const { units, parquet, csv } = await tryCases(t, cases);
  for (const rows of [parquet, csv]) assert.deepEqual(rows.map((row) => row.reporting_date).sort(), days);
  assert.ok(units.slice(0, days.length).every(({ status }) => status === 'ok'));
  for (const [at, { status, reason }] of units.slice(days.length).entries()) {
    assert.equal(status, 'failed', bad[at]);
    assert.match(reason ?? '', /result\[0\]\.reportingDate: expected a day that exists/);
  }
});
