// Sample rows as the API sends them. Tests change single fields.
import { checkRows, isFault } from '../lib/dtm/answers/check-rows.ts';
import { ROWS } from '../lib/dtm/answers/row-structs.ts';
import type { Columns } from '../lib/table/columns.ts';
import { ingest } from '../lib/table/ingest.ts';
import type { LevelTable, TableSchema } from '../lib/table/schema.ts';

/** Converts rows of v3 to columns, as an answer with these rows is converted. */
export function ingestRows(schema: TableSchema, rows: readonly Record<string, unknown>[]): Columns {
  const checked = checkRows(rows, ROWS.v3[schema.name as LevelTable].schema);
  if (isFault(checked)) throw new Error(`row ${checked.row}: ${checked.field}: expected ${checked.expected}`);
  return ingest(schema, { length: rows.length, fields: checked.columns });
}

/** An admin2 row of v3. `overrides` replace the defaults. */
export const admin2Row = (overrides: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: 7,
  operation: 'Flood response',
  admin0Name: 'Atlantis',
  admin0Pcode: 'ATL',
  admin1Name: 'North',
  admin1Pcode: 'AT01',
  admin2Name: 'Harbour',
  admin2Pcode: 'AT0101',
  numPresentIdpInd: 100,
  reportingDate: '2024-03-31T00:00:00',
  yearReportingDate: 2024,
  monthReportingDate: 3,
  roundNumber: 1,
  displacementReason: 'Natural disaster',
  numberMales: 48,
  numberFemales: 52,
  idpOriginAdmin1Name: 'Not available',
  idpOriginAdmin1Pcode: 'Not available',
  assessmentType: 'BA',
  ...overrides,
});

/** The same people for the whole country: an admin0 row of v3. */
export function admin0Row(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  const { id, admin1Name, admin1Pcode, admin2Name, admin2Pcode, ...row } = admin2Row();
  return { ...row, ...overrides };
}

/** The fields of a reporting date: the date, its year and its month. */
export const reportedOn = (day: string): Record<string, unknown> => ({
  reportingDate: `${day}T00:00:00`,
  yearReportingDate: Number(day.slice(0, 4)),
  monthReportingDate: Number(day.slice(5, 7)),
});
