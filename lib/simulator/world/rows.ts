// Writes cells as rows of the API: which keys, in which order, by level and version.
import type { ApiVersion, Level } from '../../dtm/endpoints.ts';
import type { Cell } from './cells.ts';
import type { Country } from './countries.ts';
import { type Random, shuffled } from './random.ts';

/** A row of an answer. */
export type Row = Record<string, string | number | null>;

/** True if rows of this level and version have an id. API: all except admin0 in v3. */
const hasId = (level: Level, version: ApiVersion) => version === 'v2' || level > 0;

function areaKeys(cell: Cell, level: Level): Row {
  if (level === 0) return {};
  const admin1 = { admin1Name: cell.admin1.name, admin1Pcode: cell.admin1.code };
  if (level === 1 || !cell.admin2) return admin1;
  return { ...admin1, admin2Name: cell.admin2.name, admin2Pcode: cell.admin2.code };
}

function splitKeys(cell: Cell): Row {
  return {
    displacementReason: cell.reason,
    numberMales: cell.males,
    numberFemales: cell.females,
    idpOriginAdmin1Name: cell.origin.name,
    idpOriginAdmin1Pcode: cell.origin.code,
  };
}

function rowOf(cell: Cell, country: Country, level: Level, version: ApiVersion, id: number): Row {
  return {
    ...(hasId(level, version) ? { id } : {}),
    operation: cell.operation,
    admin0Name: country.name,
    admin0Pcode: country.iso3,
    ...areaKeys(cell, level),
    numPresentIdpInd: cell.present,
    reportingDate: `${cell.date}T00:00:00`,
    yearReportingDate: Number(cell.date.slice(0, 4)),
    monthReportingDate: Number(cell.date.slice(5, 7)),
    roundNumber: cell.round,
    ...(version === 'v3' ? splitKeys(cell) : {}),
    assessmentType: cell.assessment,
  };
}

/** The ids and the order of a country's rows. */
export interface Numbering {
  readonly random: Random;
  /** Distance between the ids of one country. They start at `offset`, so no two countries share an id. */
  readonly step: number;
  readonly offset: number;
}

/** The rows, sorted by reporting date. API: rows of one date have no order, and ids are random. */
export function rowsOf(
  cells: readonly Cell[],
  country: Country,
  { level, version }: { level: Level; version: ApiVersion },
  { random, step, offset }: Numbering,
): Row[] {
  const order = shuffled([...cells.keys()], random);
  order.sort((a, b) => {
    const [x, y] = [cells[a]?.date ?? '', cells[b]?.date ?? ''];
    return x < y ? -1 : x > y ? 1 : 0;
  });
  const ids = shuffled([...cells.keys()], random);
  return order.map((i) => {
    const id = (ids[i] ?? 0) * step + offset;
    return rowOf(cells[i] as Cell, country, level, version, id);
  });
}
