import type { ApiVersion, Level } from '../../lib/dtm/endpoints.ts';
import type { Row } from '../../lib/simulator/world/rows.ts';
import { createWorld } from '../../lib/simulator/world/world.ts';

/** All rows of a level of a world, country by country. */
export function allRows(seed: number, scale: number, level: Level, version: ApiVersion = 'v3'): Row[] {
  const world = createWorld(seed, scale);
  return world.countries.flatMap(({ iso3 }) => [...world.rows(version, level, iso3)]);
}

/** The values of these fields, joined to one text. */
export const keyOf = (row: Row, fields: readonly string[]) =>
  fields.map((field) => String(row[field])).join('|');

/** The fields that identify a snapshot. */
export const SNAPSHOT = ['admin0Pcode', 'operation', 'assessmentType', 'reportingDate', 'roundNumber'];

/** The fields that identify a row, at any level. */
export const NATURAL_KEY = [
  ...SNAPSHOT,
  'admin1Name',
  'admin1Pcode',
  'admin2Name',
  'admin2Pcode',
  'displacementReason',
  'idpOriginAdmin1Name',
  'idpOriginAdmin1Pcode',
];

/** Groups rows by the values of these fields. */
export const grouped = (rows: readonly Row[], fields: readonly string[]) =>
  Map.groupBy(rows, (row) => keyOf(row, fields));
