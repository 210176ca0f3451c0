// Every string of the API is text in the workbook. hucre, which did not write it, reads the sent strings, or the note that a
// cell cannot hold one.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { truncateCell } from '../../lib/format/xlsx/cell-text.ts';
import type { Cell } from '../format/sample-table.ts';
import { partsOf, readWorkbook } from '../format/xlsx/read-workbook.ts';
import { type Case, codeOf, comparable, envelope, expectedRow, ROW, type Row, tryCases } from './api.ts';
import { NASTY, TEXTS } from './nasty.ts';

const rowOf = (text: string): Row => ({
  ...ROW,
  ...Object.fromEntries(TEXTS.map((field) => [field, text])),
  admin0Pcode: codeOf(0),
});

/** The expected row, each text cut to the size of a cell. */
const expected = (text: string): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(expectedRow(rowOf(text), 'parquet')).map(([column, value]) => [
      ...[column, typeof value === 'string' ? truncateCell(value) : value],
    ]),
  );

test('difficult strings are in the workbook as sent, none as a formula', async (t) => {
  const sent = [...NASTY, '_x0041_', '_x005F_x0041_', '_x0041\u0001', '', '\uFEFFa'];
  const answer: Case = () => envelope(sent.map(rowOf));
  const { folder, outcome } = await tryCases(t, [answer]);
  const bytes = await readFile(join(folder, `releases/${outcome.release}/xlsx/${codeOf(0)}.xlsx`));
  const sheet = (await readWorkbook(bytes)).find(({ name }) => name === 'admin2');
  const [header = [], ...rows] = sheet?.rows ?? [];
  const found = rows.map((row: readonly Cell[]) =>
    Object.fromEntries(header.map((name, at) => [String(name), row[at]])),
  );
  assert.deepEqual(comparable(found), comparable(sent.map(expected)));
  for (const [path, xml] of partsOf(bytes)) assert.doesNotMatch(xml, /<f[ >]/, path);
});

test('every valid day is in the workbook, also one before the first day of Excel', async (t) => {
  const days = ['0001-01-01', '1899-12-31', '1900-02-28', '1900-03-01', '9999-12-31'];
  const answer: Case = () =>
    envelope(
      days.map((day) => ({
        ...rowOf('a'),
        reportingDate: `${day}T00:00:00`,
        yearReportingDate: 1,
        monthReportingDate: 1,
      })),
    );
  const { folder, outcome, units } = await tryCases(t, [answer]);
  assert.equal(units[0]?.status, 'ok', units[0]?.reason ?? '');
  const bytes = await readFile(join(folder, `releases/${outcome.release}/xlsx/${codeOf(0)}.xlsx`));
  const sheet = (await readWorkbook(bytes)).find(({ name }) => name === 'admin2');
  const column = sheet?.rows[0]?.indexOf('reporting_date') ?? -1;
  assert.deepEqual(
    sheet?.rows.slice(1).map((row) => row[column]),
    days,
  );
});
