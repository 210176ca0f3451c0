// Checks the parameters of a call before its request is sent. API: round 0 means "no filter" (FromRoundNumber=0&ToRoundNumber=0
// filters nothing). So a range with a 0 is never sent: all rows are fetched, and read-answer.ts drops those outside.
import { isCalendarDay } from './dates.ts';
import { type Endpoint, levelOf, PATHS } from './endpoints.ts';
import { ValidationError } from './errors.ts';
import { showValue } from './show-value.ts';

/** Parameters of admin0. At least one of `operation`, `countryName` and `admin0Pcode` is required. */
export interface Admin0Query {
  /** Name of the operation, as in the operation list. */
  readonly operation?: string | undefined;
  /** UN long name, as in the country list. */
  readonly countryName?: string | undefined;
  /** ISO 3166-1 alpha-3 code. */
  readonly admin0Pcode?: string | undefined;
  /** First day, YYYY-MM-DD. */
  readonly fromReportingDate?: string | undefined;
  /** Last day, YYYY-MM-DD. */
  readonly toReportingDate?: string | undefined;
  /** First round, 0 or more. */
  readonly fromRoundNumber?: number | undefined;
  /** Last round, 0 or more. */
  readonly toRoundNumber?: number | undefined;
}

/** Parameters of admin1. */
export interface Admin1Query extends Admin0Query {
  readonly admin1Name?: string | undefined;
  readonly admin1Pcode?: string | undefined;
}

/** Parameters of admin2. */
export interface Admin2Query extends Admin1Query {
  readonly admin2Name?: string | undefined;
  readonly admin2Pcode?: string | undefined;
}

/** The two lists take no parameters. */
export type ListQuery = Readonly<Record<string, never>>;

/** The parameters that an endpoint takes. */
export type QueryOf<E extends Endpoint> = {
  countries: ListQuery;
  operations: ListQuery;
  admin0: Admin0Query;
  admin1: Admin1Query;
  admin2: Admin2Query;
}[E];

/** An inclusive range of rounds. An open end is undefined. */
export interface RoundRange {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** A valid query: the parameters for the URL, and what the answer is checked against. */
export interface CheckedQuery {
  readonly params: URLSearchParams;
  /** Code or name of the requested country. */
  readonly country: string | undefined;
  readonly operation: string | undefined;
  /** The only country code that the answer may have. */
  readonly admin0Pcode: string | undefined;
  /** Rows of other rounds are dropped from the answer. */
  readonly rounds: RoundRange | undefined;
}

const SELECTORS = ['operation', 'countryName', 'admin0Pcode'] as const;
const DATES = ['fromReportingDate', 'toReportingDate'] as const;
const ROUNDS = ['fromRoundNumber', 'toRoundNumber'] as const;
const AREAS = [
  [],
  ['admin1Name', 'admin1Pcode'],
  ['admin1Name', 'admin1Pcode', 'admin2Name', 'admin2Pcode'],
] as const;

const NO_FILTERS = { country: undefined, operation: undefined, admin0Pcode: undefined, rounds: undefined };

type QueryParameters = Readonly<Record<string, unknown>>;

/**
 * Checks a query for an endpoint. A parameter that is undefined counts as missing.
 * @throws {ValidationError} with the parameter and its value
 */
export function checkQuery(endpoint: Endpoint, query: unknown = {}): CheckedQuery {
  // Endpoint and type of the query
  if (!Object.hasOwn(PATHS.v3, endpoint)) {
    const endpoints = Object.keys(PATHS.v3).join(', ');
    throw new ValidationError(
      'endpoint',
      endpoint,
      `endpoint: expected one of ${endpoints}, got ${showValue(endpoint)}`,
    );
  }
  if (typeof query !== 'object' || query === null || Array.isArray(query)) {
    throw new ValidationError(
      'query',
      query,
      `query: expected an object of parameters, got ${showValue(query)}`,
    );
  }

  // Names of the parameters
  const parameters: QueryParameters = Object.fromEntries(
    Object.entries(query).filter(([, value]) => value !== undefined),
  );
  const level = levelOf(endpoint);
  const texts: readonly string[] = level === undefined ? [] : [...SELECTORS, ...AREAS[level]];
  checkNames(endpoint, parameters, level === undefined ? [] : [...texts, ...DATES, ...ROUNDS]);
  if (level === undefined) {
    return { params: new URLSearchParams(), ...NO_FILTERS };
  }

  // Values of the parameters
  for (const name of texts) checkText(name, parameters[name]);
  checkSelector(parameters);
  checkDates(parameters);
  return buildQuery(parameters, checkRounds(parameters));
}

/** True if the row's round is within the range. */
export function inRounds(round: number, { from, to }: RoundRange): boolean {
  return (from === undefined || round >= from) && (to === undefined || round <= to);
}

function buildQuery(parameters: QueryParameters, rounds: RoundRange | undefined): CheckedQuery {
  const sendRounds = rounds !== undefined && rounds.from !== 0 && rounds.to !== 0;
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (sendRounds || !isOneOf(ROUNDS, name))
      params.set(name.charAt(0).toUpperCase() + name.slice(1), String(value));
  }
  const { operation, countryName, admin0Pcode } = parameters as Admin0Query;
  return {
    params,
    country: admin0Pcode ?? countryName,
    operation,
    admin0Pcode: admin0Pcode?.trim().toUpperCase(),
    rounds,
  };
}

function checkNames(endpoint: Endpoint, parameters: QueryParameters, allowed: readonly string[]): void {
  for (const [name, value] of Object.entries(parameters)) {
    if (allowed.includes(name)) continue;
    const takes = allowed.length === 0 ? 'takes no parameters' : `takes ${allowed.join(', ')}`;
    throw new ValidationError(
      name,
      value,
      `${name} (${showValue(value)}) is no parameter of ${endpoint}, which ${takes}`,
    );
  }
}

function checkText(name: string, value: unknown): void {
  if (value === undefined) return;
  if (typeof value !== 'string' || value.trim() === '' || !value.isWellFormed()) {
    throw new ValidationError(
      name,
      value,
      `${name}: expected a string that is not blank, got ${showValue(value)}`,
    );
  }
}

function checkSelector(parameters: QueryParameters): void {
  if (SELECTORS.some((name) => parameters[name] !== undefined)) return;
  const names = SELECTORS.join(', ');
  throw new ValidationError(names, undefined, `${names}: at least one of them is needed, got none`);
}

function checkDates(parameters: QueryParameters): void {
  for (const name of DATES) {
    const value = parameters[name];
    if (value === undefined || (typeof value === 'string' && isCalendarDay(value))) continue;
    const message = `${name}: expected a day that exists, as YYYY-MM-DD, got ${showValue(value)}`;
    throw new ValidationError(name, value, message);
  }
  checkOrder(parameters, DATES);
}

function checkRounds(parameters: QueryParameters): RoundRange | undefined {
  for (const name of ROUNDS) {
    const value = parameters[name];
    if (value === undefined || (typeof value === 'number' && value >= 0 && (value | 0) === value)) continue;
    throw new ValidationError(
      name,
      value,
      `${name}: expected an integer of 0 or more, got ${showValue(value)}`,
    );
  }
  checkOrder(parameters, ROUNDS);
  const { fromRoundNumber: from, toRoundNumber: to } = parameters as Admin0Query;
  return from === undefined && to === undefined ? undefined : { from, to };
}

function checkOrder(parameters: QueryParameters, [from, to]: readonly [string, string]): void {
  const [first, last] = [
    parameters[from] as string | number | undefined,
    parameters[to] as string | number | undefined,
  ];
  if (first === undefined || last === undefined || first <= last) return;
  throw new ValidationError(
    from,
    first,
    `${from} (${showValue(first)}) must not be after ${to} (${showValue(last)})`,
  );
}

function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name);
}
