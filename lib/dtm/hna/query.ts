// Checks the parameters of an HNA call before its request is sent.
import { ValidationError } from '../errors.ts';
import { showValue } from '../show-value.ts';

/** Parameters of an assessment: one country and one year. */
export interface HnaQuery {
  /** ISO 3166-1 alpha-3 code. */
  readonly admin0Pcode: string;
  /** Year of the assessment, four digits. */
  readonly year: number;
  /** Name of the country. */
  readonly admin0Name?: string | undefined;
  /** One population group, several with commas between them, or a list. API: `IDP`, `IDP returnee`. */
  readonly populationGroup?: string | readonly string[] | undefined;
}

/** Parameters of one page. */
export interface HnaPageQuery extends HnaQuery {
  /** Number of the page, from 1. @default 1 */
  readonly page?: number | undefined;
}

type QueryParameters = Readonly<Record<string, unknown>>;

const NAMES = ['admin0Pcode', 'year', 'admin0Name', 'populationGroup'];

/**
 * The parameters for the URL. A parameter that is undefined counts as missing.
 * @param takesPage whether `page` is a parameter, too
 * @throws {ValidationError} with the parameter and its value
 */
export function checkHnaQuery(query: unknown, takesPage: boolean): URLSearchParams {
  if (typeof query !== 'object' || query === null || Array.isArray(query))
    throw invalid('query', query, 'an object of parameters');
  const parameters = query as QueryParameters;
  const allowed = takesPage ? [...NAMES, 'page'] : NAMES;
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined && !allowed.includes(name))
      throw invalid(name, value, `one of the parameters ${allowed.join(', ')}`);

  const { admin0Pcode, year, admin0Name, populationGroup, page = 1 } = parameters;
  const params = new URLSearchParams();
  params.set('Admin0Pcode', checkText('admin0Pcode', admin0Pcode));
  params.set('Year', String(checkInteger('year', year, 1000, 9999)));
  if (admin0Name !== undefined) params.set('Admin0Name', checkText('admin0Name', admin0Name));
  if (populationGroup !== undefined) params.set('PopulationGroup', checkGroups(populationGroup));
  if (takesPage) params.set('Page', String(checkInteger('page', page, 1, MAX_PAGE)));
  return params;
}

/** API: a page number is an integer of 32 bits. */
const MAX_PAGE = 2_147_483_647;

/** The bound of pages. @throws {ValidationError} if it is no integer from 1 on */
export const checkMaxPages = (value: unknown = 100): number => checkInteger('maxPages', value, 1, MAX_PAGE);

function checkText(name: string, value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '' && value.isWellFormed()) return value;
  throw invalid(name, value, 'a string that is not blank');
}

function checkInteger(name: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalid(name, value, `an integer from ${min} to ${max}`);
}

/** The groups with commas between them, as the API takes them. Blank ones are left out, as in the official client. */
function checkGroups(value: unknown): string {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const groups = list
    .flatMap((each) => checkText('populationGroup', each).split(','))
    .map((group) => group.trim())
    .filter((group) => group !== '');
  if (groups.length > 0) return groups.join(',');
  throw invalid('populationGroup', value, 'at least one group');
}

function invalid(name: string, value: unknown, expected: string): ValidationError {
  return new ValidationError(name, value, `${name}: expected ${expected}, got ${showValue(value)}`);
}
