// Parameters, checked before any request. The server takes round 0 for "no filter" (API: FromRoundNumber=0&ToRoundNumber=0
// filters nothing), so a range that names 0 is never sent: everything is fetched, and the answer is filtered here.

import { isCalendarDay } from './dates.ts';
import { type Endpoint, levelOf, PATHS } from './endpoints.ts';
import { ValidationError } from './errors.ts';
import { showValue } from './show-value.ts';

/** What to ask of admin0; one of the first three is needed. */
export interface Admin0Query {
  /** Name of the operation, as the operation list has it. */
  readonly operation?: string | undefined;
  /** UN long name, as the country list has it. */
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

/** What to ask of admin1. */
export interface Admin1Query extends Admin0Query {
  readonly admin1Name?: string | undefined;
  readonly admin1Pcode?: string | undefined;
}

/** What to ask of admin2. */
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

/** An inclusive range of rounds; an open end is undefined. */
export interface RoundRange {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** A query found in order: what goes into the URL, and what the answer is held to. */
export interface CheckedQuery {
  readonly params: URLSearchParams;
  /** The code or name of the country asked for. */
  readonly country: string | undefined;
  readonly operation: string | undefined;
  /** The only code that may stand in the answer. */
  readonly admin0Pcode: string | undefined;
  /** Rows outside are dropped from the answer. */
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
 * Checks a query for an endpoint; undefined values count as not given.
 * @throws {ValidationError} naming the parameter and its value
 */
export function checkQuery(endpoint: Endpoint, query: unknown = {}): CheckedQuery {
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
  const parameters: QueryParameters = Object.fromEntries(
    Object.entries(query).filter(([, value]) => value !== undefined),
  );
  const level = levelOf(endpoint);
  const texts: readonly string[] = level === undefined ? [] : [...SELECTORS, ...AREAS[level]];
  checkNames(endpoint, parameters, level === undefined ? [] : [...texts, ...DATES, ...ROUNDS]);
  if (level === undefined) {
    return { params: new URLSearchParams(), ...NO_FILTERS };
  }
  for (const name of texts) checkText(name, parameters[name]);
  checkSelector(parameters);
  checkDates(parameters);
  return buildQuery(parameters, checkRounds(parameters));
}

/** True if the row's round is within the range. */
export function inRounds(round: number, { from, to }: RoundRange): boolean {
  return (from === undefined || round >= from) && (to === undefined || round <= to);
}

function buildQuery(given: QueryParameters, rounds: RoundRange | undefined): CheckedQuery {
  const sendRounds = rounds !== undefined && rounds.from !== 0 && rounds.to !== 0;
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) {
    if (sendRounds || !isOneOf(ROUNDS, name))
      params.set(name.charAt(0).toUpperCase() + name.slice(1), String(value));
  }
  const { operation, countryName, admin0Pcode } = given as Admin0Query;
  return {
    params,
    country: admin0Pcode ?? countryName,
    operation,
    admin0Pcode: admin0Pcode?.trim().toUpperCase(),
    rounds,
  };
}

function checkNames(endpoint: Endpoint, given: QueryParameters, allowed: readonly string[]): void {
  for (const [name, value] of Object.entries(given)) {
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

function checkSelector(given: QueryParameters): void {
  if (SELECTORS.some((name) => given[name] !== undefined)) return;
  const names = SELECTORS.join(', ');
  throw new ValidationError(names, undefined, `${names}: at least one of them is needed, got none`);
}

function checkDates(given: QueryParameters): void {
  for (const name of DATES) {
    const value = given[name];
    if (value === undefined || (typeof value === 'string' && isCalendarDay(value))) continue;
    const message = `${name}: expected a day that exists, as YYYY-MM-DD, got ${showValue(value)}`;
    throw new ValidationError(name, value, message);
  }
  checkOrder(given, DATES);
}

function checkRounds(given: QueryParameters): RoundRange | undefined {
  for (const name of ROUNDS) {
    const value = given[name];
    if (value === undefined || (typeof value === 'number' && value >= 0 && (value | 0) === value)) continue;
    throw new ValidationError(
      name,
      value,
      `${name}: expected an integer of 0 or more, got ${showValue(value)}`,
    );
  }
  checkOrder(given, ROUNDS);
  const { fromRoundNumber: from, toRoundNumber: to } = given as Admin0Query;
  return from === undefined && to === undefined ? undefined : { from, to };
}

function checkOrder(given: QueryParameters, [from, to]: readonly [string, string]): void {
  const [first, last] = [
    given[from] as string | number | undefined,
    given[to] as string | number | undefined,
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
