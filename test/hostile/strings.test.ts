// Every string of the API is published unchanged. DuckDB, which wrote none of the files, reads exactly the sent strings from
// Parquet and CSV.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { duckdb, exportInto, readCsv, temporaryFolder } from '../setting.ts';
import {
  type Case,
  codeOf,
  comparable,
  envelope,
  expectedRow,
  GOOD,
  ROW,
  type Row,
  readExactly,
  serveAnswers,
  tryCases,
} from './api.ts';
import { NASTY, TEXTS } from './nasty.ts';

const COUNTRIES = 4;

/** Exports rows of some countries, and compares the published rows with them. */
async function roundTrip(t: TestContext, rows: readonly Row[]): Promise<void> {
  const sent = rows.map((row, at) => ({ ...row, admin0Pcode: codeOf(at % COUNTRIES) }));
  const answer: Case = (country) => envelope(sent.filter(({ admin0Pcode }) => admin0Pcode === country));
  const { units, parquet, csv } = await tryCases(t, Array(Math.min(COUNTRIES, rows.length)).fill(answer));
  for (const { status, reason, country } of units) assert.equal(status, 'ok', `${country}: ${reason}`);
  const expected = (form: 'parquet' | 'csv') => comparable(sent.map((row) => expectedRow(row, form)));
  assert.deepEqual(comparable(parquet), expected('parquet'));
  assert.deepEqual(comparable(csv), expected('csv'));
}

test('difficult strings are in Parquet and CSV as sent', async (t) => {
  const rows = NASTY.map((text): Row => {
    const changed = Object.fromEntries(TEXTS.map((field) => [field, text]));
    return { ...ROW, ...changed };
  });
  await roundTrip(t, rows);
});

/** A row with the text in one nullable and three required fields. */
const rowOf = (text: string): Row => ({
  ...{ ...ROW, operation: text, admin0Name: text, displacementReason: text, assessmentType: text },
});

test('a byte order mark at the start of a string is kept', async (t) => {
  await roundTrip(t, ['\uFEFF', '\uFEFFa', '\uFEFF\uFEFF', `\uFEFF${'x'.repeat(100)}`].map(rowOf));
});

test('an empty string is published as an empty string', async (t) => {
  await roundTrip(t, [rowOf('')]);
});

test('long strings of the last character of each UTF-8 length are published as sent', async (t) => {
  await roundTrip(
    t,
    ['\u{10FFFF}', '\uFFFF', '\u07FF', '\u007F'].map((last) => rowOf(last.repeat(80))),
  );
});

test('random strings in any column are in Parquet and CSV as sent', async (t) => {
  const text = fc.oneof(
    { weight: 3, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }) },
    {
      weight: 2,
      arbitrary: fc
        .array(fc.constantFrom(...NASTY), { minLength: 1, maxLength: 3 })
        .map((all) => all.join('')),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 60, maxLength: 70 }) },
  );
  const required = ['operation', 'admin0Name', 'assessmentType'];
  const fields = TEXTS.map((field) => [
    field,
    required.includes(field) ? text : fc.option(text, { nil: null }),
  ]);
  const row = fc.record(Object.fromEntries(fields)).map((texts) => ({ ...ROW, ...(texts as Partial<Row>) }));
  const rows = fc.array(row, { minLength: 20, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(rows, (each) => roundTrip(t, each)),
    { numRuns: 4, endOnFailure: true },
  );
});

test('half a surrogate pair fails its unit and names the field', async (t) => {
  const halves = ['\uD800', 'a\uDC00', '\uDC00\uD800', '\uD83D'];
  const cases = halves.flatMap((text) =>
    TEXTS.map(
      (field): Case =>
        (admin0Pcode) =>
          envelope([{ ...ROW, admin0Pcode, [field]: text }]),
    ),
  );
  const { units } = await tryCases(t, [GOOD, ...cases]);
  assert.equal(units[0]?.status, 'ok');
  for (const [at, { status, reason }] of units.slice(1).entries()) {
    assert.equal(status, 'failed');
    const field = TEXTS[at % TEXTS.length] as string;
    assert.match(
      reason ?? '',
      new RegExp(`result\\[0\\]\\.${field}: expected a string of well-formed Unicode`),
    );
  }
});

test('difficult strings of the lists are published as sent and joined exactly', async (t) => {
  const country = { admin0Name: 'Newland', admin0Pcode: 'AAA' };
  const operations = NASTY.map((operation) => ({ operation, operationStatus: `${operation}!`, ...country }));
  const countries = NASTY.map((admin0Name) => ({ admin0Name, admin0Pcode: 'AAA' }));
  const rows = NASTY.map((operation) => ({ ...ROW, operation }));
  const answers: Record<string, string> = {
    countries: envelope(countries),
    operations: envelope(operations),
  };
  const { url } = await serveAnswers(t, (endpoint) => answers[endpoint] ?? envelope(rows));
  const folder = await temporaryFolder(t);
  const { release, outcome } = await exportInto({ folder, url, countries: null, levels: [2] });
  assert.equal(outcome, 'published');
  const releaseFolder = join(folder, 'releases', release as string);
  for (const from of [
    (table: string) => `'${releaseFolder}/tables/${table}/${table}.parquet'`,
    (table: string) => readCsv(`${releaseFolder}/csv/${table}.csv.gz`),
  ]) {
    const column = async (table: string, name: string) =>
      (await readExactly(from(table))).map((row) => String(row[name])).sort();
    assert.deepEqual(await column('countries', 'admin0_name'), NASTY.toSorted());
    assert.deepEqual(await column('operations', 'operation'), NASTY.toSorted());
    const wrong = await duckdb(
      `SELECT count(*)::INT AS n FROM ${from('admin2')} WHERE operation_status IS DISTINCT FROM operation || '!'`,
    );
    assert.deepEqual(wrong, [{ n: 0 }]);
  }
});

test('difficult strings never become paths, and are data in quality.json', async (t) => {
  const texts = NASTY.filter((text) => text.length < 1000);
  const answer: Case = (admin0Pcode) =>
    envelope(texts.map((operation) => ({ ...ROW, admin0Pcode, operation, [operation]: 1 })));
  const { folder, outcome } = await tryCases(t, [answer]);
  const names = (await readdir(folder, { recursive: true })).filter((name) => !name.startsWith('.tmp'));
  for (const name of names) assert.match(name, /^[\w./=-]+$/);
  const quality = await readFile(join(folder, `releases/${outcome.release}/quality.json`), 'utf8');
  const { checks } = JSON.parse(quality) as { checks: { name: string; examples: string[] }[] };
  const examples = checks.flatMap((check) => check.examples);
  assert.ok(examples.some((example) => texts.some((text) => example.includes(text))));
});
