// Answers a request to a level endpoint: checks its query and filters the rows.
import type { ApiVersion, Level } from '../dtm/endpoints.ts';
import type { AnswerSource } from './answer-source.ts';
import { API_MESSAGES, type Envelope, refusal, success } from './envelope.ts';
import type { Row } from './world/rows.ts';

/** The parameters of a query, by name. Blank ones are left out. */
export type Query = Readonly<Record<string, string>>;

/** Parameters that must equal a field of the row, with the lowest level that has them. */
const EQUALITY_FILTERS: readonly (readonly [parameter: string, field: string, from: Level])[] = [
  ['Operation', 'operation', 0],
  ['CountryName', 'admin0Name', 0],
  ['Admin0Pcode', 'admin0Pcode', 0],
  ['Admin1Name', 'admin1Name', 1],
  ['Admin1Pcode', 'admin1Pcode', 1],
  ['Admin2Name', 'admin2Name', 2],
  ['Admin2Pcode', 'admin2Pcode', 2],
];

/** Reads the parameters of a query string. */
export function queryOf(parameters: URLSearchParams): Query {
  return Object.fromEntries([...parameters].filter(([, value]) => value !== ''));
}

const isDate = (text: string) =>
  /^\d{4}-\d\d-\d\d$/.test(text) &&
  !Number.isNaN(Date.parse(text)) &&
  new Date(Date.parse(text)).toISOString().startsWith(text);

/** Why the API refuses the query. Null if it accepts it. The texts are guesses: only the refusal was observed. */
function queryProblem(query: Query): string | null {
  for (const name of ['FromReportingDate', 'ToReportingDate']) {
    const text = query[name];
    if (text !== undefined && !isDate(text)) return `Invalid ${name}. Please use the format yyyy-mm-dd.`;
  }
  for (const name of ['FromRoundNumber', 'ToRoundNumber']) {
    const text = query[name];
    if (text !== undefined && !/^\d{1,9}$/.test(text)) return `Invalid ${name}. Please provide an integer.`;
  }
  return null;
}

/** The filter of a query. API: round 0 means "no filter". */
function filterOf(query: Query, level: Level): (row: Row) => boolean {
  const exact = EQUALITY_FILTERS.filter(([name, , from]) => query[name] !== undefined && from <= level);
  const { FromReportingDate: from = '', ToReportingDate: to = '9999-12-31' } = query;
  const first = Number(query.FromRoundNumber ?? 0);
  const last = Number(query.ToRoundNumber ?? 0) || Number.POSITIVE_INFINITY;
  return (row) => {
    const date = String(row.reportingDate).slice(0, 10);
    const round = Number(row.roundNumber);
    return (
      exact.every(([name, field]) => row[field] === query[name]) &&
      date >= from &&
      date <= to &&
      round >= first &&
      round <= last
    );
  };
}

/** True if the query has only a country's code (rounds of 0 are no filter). */
export function isWholeCountry(query: Query): boolean {
  const filters = Object.entries(query).filter(
    ([name, value]) => !(name.endsWith('RoundNumber') && value === '0'),
  );
  return filters.length === 1 && query.Admin0Pcode !== undefined;
}

/** ISO3 code of the query's country: its code, else the code of its name. Null if it has neither, or if the name is unknown. */
export function countryOf(query: Query, source: AnswerSource): string | null {
  if (query.Admin0Pcode) return query.Admin0Pcode;
  return source.countries.find((country) => country.name === query.CountryName)?.iso3 ?? null;
}

const byDate = (a: Row, b: Row) => {
  const [x, y] = [String(a.reportingDate), String(b.reportingDate)];
  return x < y ? -1 : x > y ? 1 : 0;
};

/** The answer of a level endpoint. */
export function answerLevel(source: AnswerSource, version: ApiVersion, level: Level, query: Query): Envelope {
  // Refusals
  const { Operation, CountryName, Admin0Pcode } = query;
  if (!Operation && !CountryName && !Admin0Pcode) return refusal(API_MESSAGES.noSelector, 400);
  const isListed = (test: (country: AnswerSource['countries'][number]) => boolean) =>
    source.countries.some(test);
  if (Admin0Pcode && !isListed((c) => c.iso3 === Admin0Pcode)) return refusal(API_MESSAGES.unknownCode);
  if (CountryName && !isListed((c) => c.name === CountryName)) return refusal(API_MESSAGES.unknownName);
  const problem = queryProblem(query);
  if (problem) return refusal(problem, 400);

  // Rows of all matching countries
  const matching = source.countries.filter(
    (country) =>
      (!Admin0Pcode || country.iso3 === Admin0Pcode) &&
      (!CountryName || country.name === CountryName) &&
      (!Operation || source.mayHaveRows(country.iso3, Operation)),
  );
  const filter = filterOf(query, level);
  const rows = matching.flatMap((country) => source.rows(version, level, country.iso3).filter(filter));
  return success(matching.length > 1 ? rows.sort(byDate) : rows);
}
