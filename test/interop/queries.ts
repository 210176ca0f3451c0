// The queries to compare both clients with. Their values come from a row of the country.
import type { Admin2Query } from '../../lib/dtm/query.ts';
import type { Row } from './official-client.ts';

/** A kind of query; `level` is the lowest level that accepts its parameters. */
export interface QueryKind {
  readonly label: string;
  readonly level: 0 | 1 | 2;
  readonly query: (row: Row) => Admin2Query;
  /** True if the result must contain the row that the values come from. */
  readonly finds: boolean;
}

const text = (row: Row, field: string): string => String(row[field]);
const year = (row: Row): string => text(row, 'reportingDate').slice(0, 4);
const day = (row: Row): string => text(row, 'reportingDate').slice(0, 10);
const round = (row: Row): number => Number(row.roundNumber);
const code = (row: Row): Admin2Query => ({ admin0Pcode: text(row, 'admin0Pcode') });

function kind(label: string, query: QueryKind['query'], overrides: Partial<QueryKind> = {}): QueryKind {
  return { label, query, level: 0, finds: true, ...overrides };
}

export const QUERIES: readonly QueryKind[] = [
  kind('code', code),
  kind('country name', (row) => ({ countryName: text(row, 'admin0Name') })),
  kind('operation', (row) => ({ operation: text(row, 'operation') })),
  kind('all three selectors', (row) => ({
    ...code(row),
    countryName: text(row, 'admin0Name'),
    operation: text(row, 'operation'),
  })),
  kind('operation of no country', () => ({ operation: 'No such operation' }), { finds: false }),
  kind('from a date', (row) => ({ ...code(row), fromReportingDate: day(row) })),
  kind('to a date', (row) => ({ ...code(row), toReportingDate: day(row) })),
  kind('a year', (row) => ({
    ...code(row),
    fromReportingDate: `${year(row)}-01-01`,
    toReportingDate: `${year(row)}-12-31`,
  })),
  kind('one day', (row) => ({ ...code(row), fromReportingDate: day(row), toReportingDate: day(row) })),
  kind(
    'an empty window',
    (row) => ({ ...code(row), fromReportingDate: '1999-01-01', toReportingDate: '1999-12-31' }),
    { finds: false },
  ),
  kind('from a round', (row) => ({ ...code(row), fromRoundNumber: round(row) })),
  kind('to a round', (row) => ({ ...code(row), toRoundNumber: round(row) })),
  kind('one round', (row) => ({ ...code(row), fromRoundNumber: round(row), toRoundNumber: round(row) })),
  kind('rounds that are not yet', (row) => ({ ...code(row), fromRoundNumber: 9_000 }), { finds: false }),
  kind('operation, dates and rounds', (row) => ({
    operation: text(row, 'operation'),
    fromReportingDate: `${year(row)}-01-01`,
    toReportingDate: day(row),
    fromRoundNumber: 1,
    toRoundNumber: round(row),
  })),
  kind('admin 1 name', (row) => ({ ...code(row), admin1Name: text(row, 'admin1Name') }), { level: 1 }),
  kind('admin 1 code', (row) => ({ ...code(row), admin1Pcode: text(row, 'admin1Pcode') }), { level: 1 }),
  kind('admin 1 code of no area', (row) => ({ ...code(row), admin1Pcode: 'XX99' }), {
    level: 1,
    finds: false,
  }),
  kind('admin 2 name', (row) => ({ ...code(row), admin2Name: text(row, 'admin2Name') }), { level: 2 }),
  kind('admin 2 code', (row) => ({ ...code(row), admin2Pcode: text(row, 'admin2Pcode') }), { level: 2 }),
  kind(
    'everything at once',
    (row) => ({
      ...code(row),
      countryName: text(row, 'admin0Name'),
      operation: text(row, 'operation'),
      admin1Name: text(row, 'admin1Name'),
      admin1Pcode: text(row, 'admin1Pcode'),
      admin2Name: text(row, 'admin2Name'),
      admin2Pcode: text(row, 'admin2Pcode'),
      fromReportingDate: day(row),
      toReportingDate: day(row),
      fromRoundNumber: round(row),
      toRoundNumber: round(row),
    }),
    { level: 2 },
  ),
];

/** Picks the row for a country's queries: with known areas, in a round after 0, and with a special character in its name. */
export function exampleOf(rows: readonly Row[]): Row | undefined {
  const usable = rows.filter((row) => round(row) > 0 && ['admin1Name', 'admin2Name'].every(isPlace(row)));
  const odd = usable.filter((row) => /[^\w -]/.test(text(row, 'admin2Name')));
  const candidates = odd.length > 0 ? odd : usable;
  return candidates[Math.floor(candidates.length / 2)];
}

const isPlace =
  (row: Row) =>
  (field: string): boolean =>
    typeof row[field] === 'string' && row[field] !== '' && row[field] !== 'Not available';
