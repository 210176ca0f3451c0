// What `rows` may be asked for, and the check of it against a release.
import type { Manifest, ManifestFile, ManifestTable, ManifestUnit } from './documents.ts';
import { DatasetError, damaged, listNames } from './errors.ts';
import type { RowRequest } from './parquet/rows.ts';
import { createMatcher, type Matcher, type Where } from './parquet/where.ts';
import type { ApiVersion, ColumnName, Row, TableName } from './row-types.ts';

export interface RowsOptions<
  T extends TableName,
  V extends ApiVersion = 'v3',
  C extends ColumnName<T, V> = ColumnName<T, V>,
> {
  /** ISO 3166-1 alpha-3 codes. @default all countries */
  readonly countries?: string | readonly string[] | undefined;
  /** Names of columns; other columns are not fetched. @default all columns */
  readonly columns?: readonly C[] | undefined;
  /** Conditions by column; a row must match all of them. @default none */
  readonly where?: Where<Row<T, V>> | undefined;
  /** Rows at most. @default all rows */
  readonly limit?: number | undefined;
  /** True: fetches whole files and checks their SHA-256 before the first row. @default false */
  readonly checked?: boolean | undefined;
  /** Aborts; the rows then end with the signal's reason. @default none */
  readonly signal?: AbortSignal | undefined;
}

/** The options without types, as a program without TypeScript may give them. */
export interface RawOptions {
  readonly countries?: unknown;
  readonly columns?: unknown;
  readonly where?: unknown;
  readonly limit?: unknown;
}

const OPTIONS = ['countries', 'columns', 'where', 'limit', 'checked', 'signal'];
const LEVEL_TABLES = ['admin0', 'admin1', 'admin2'];

/** From so many countries on, the whole table needs fewer requests than a file of each country. */
const MAX_COUNTRY_FILES = 8;

/** The files to read, and what to read of them. */
export interface RowPlan extends RowRequest {
  readonly table: ManifestTable;
  readonly files: readonly ManifestFile[];
}

/** Checks the options. @throws {DatasetError} `usage`, `no-table`, `no-column`, `no-country` or `gap` */
export function planRows(manifest: Manifest, tableName: string, options: RawOptions): RowPlan {
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) throw usage(`${unknown}: expected one of the options ${OPTIONS.join(', ')}`);
  const table = findTable(manifest, tableName);
  const countries = checkCountries(manifest, table.name, options.countries);
  const files = findFiles(manifest, table.name, countries);
  const needsCountry = countries !== null && files.some(({ country }) => country === null);
  const where = checkWhere(table, options.where);
  return {
    table,
    files,
    columns: checkColumns(table, options.columns),
    limit: checkLimit(options.limit),
    matchers: needsCountry ? [createMatcher(findColumn(table, 'admin0_pcode'), countries), ...where] : where,
  };
}

const usage = (message: string): DatasetError => new DatasetError('usage', message);

function findTable({ release, tables }: Manifest, name: string): ManifestTable {
  const found = tables.find((table) => table.name === name);
  if (found) return found;
  const available = tables.map((table) => table.name);
  throw new DatasetError(
    'no-table',
    `${release} has no table ${JSON.stringify(name)}; it has ${listNames(available)}`,
    { release, available },
  );
}

function findColumn(table: ManifestTable, name: string): ManifestTable['columns'][number] {
  const found = table.columns.find((column) => column.name === name);
  if (found) return found;
  const available = table.columns.map((column) => column.name);
  throw new DatasetError(
    'no-column',
    `the table ${table.name} has no column ${JSON.stringify(name)}; it has ${available.join(', ')}`,
    { available },
  );
}

function checkColumns(table: ManifestTable, columns: unknown): string[] {
  if (columns === undefined) return table.columns.map(({ name }) => name);
  if (!Array.isArray(columns) || columns.length === 0)
    throw usage('columns: expected a list of at least one name');
  return [...new Set(columns.map((name) => findColumn(table, name).name))];
}

function checkWhere(table: ManifestTable, where: unknown): Matcher[] {
  if (where === undefined) return [];
  if (typeof where !== 'object' || where === null || Array.isArray(where))
    throw usage('where: expected an object with conditions by column');
  return Object.entries(where).map(([name, condition]) => createMatcher(findColumn(table, name), condition));
}

function checkLimit(limit: unknown): number {
  if (limit === undefined) return Number.POSITIVE_INFINITY;
  if (typeof limit === 'number' && Number.isSafeInteger(limit) && limit >= 0) return limit;
  throw usage(
    `limit: expected a whole number from 0, got ${typeof limit === 'number' ? limit : typeof limit}`,
  );
}

/** The countries asked for, sorted as in the tables; null for all. A country without an answer is an error, not zero rows. */
function checkCountries(manifest: Manifest, table: string, countries: unknown): string[] | null {
  if (countries === undefined) return null;
  const codes: string[] = typeof countries === 'string' ? [countries] : [...new Set(checkList(countries))];
  for (const code of codes) checkCountry(manifest, table, code);
  return codes.sort();
}

function checkList(countries: unknown): string[] {
  if (Array.isArray(countries) && countries.length > 0) return countries;
  throw usage('countries: expected a code such as HTI, or a list of at least one');
}

function checkCountry({ release, coverage }: Manifest, table: string, code: string): void {
  const units = coverage.units.filter(({ country }) => country === code);
  if (units.length === 0) {
    const available = countriesOf(coverage.units);
    throw new DatasetError(
      'no-country',
      `${release} has no country ${JSON.stringify(code)}; it has rows of ${available.join(', ')}`,
      { release, available },
    );
  }
  const level = LEVEL_TABLES.indexOf(table);
  const unit = units.find((each) => each.level === level);
  if (level < 0 || (unit && !isGap(unit))) return;
  const status = unit?.status ?? 'absent';
  throw new DatasetError(
    'gap',
    `${code} has no rows in ${table} of ${release}, and that does not mean that nobody is displaced: the unit is ${status}${unit?.reason ? ` (${unit.reason})` : ''}`,
    { release, ...(unit?.reason ? { reason: unit.reason } : {}) },
  );
}

/** The codes of the countries that have rows, sorted. */
export const countriesOf = (units: readonly ManifestUnit[]): string[] =>
  [...new Set(units.filter(({ rows }) => rows > 0).map(({ country }) => country))].sort();

/** True if a unit has no rows because there was no answer, or nobody asked. */
const isGap = ({ status, rows }: ManifestUnit): boolean =>
  rows === 0 && status !== 'empty' && status !== 'ok';

/** The files of the countries if they are few, else the file of the whole table. */
function findFiles(
  { files, coverage, release }: Manifest,
  table: string,
  countries: string[] | null,
): ManifestFile[] {
  const parquet = files.filter(
    (file) => file.format === 'parquet' && file.table === table && !file.path.startsWith('changes/'),
  );
  if (countries && countries.length <= MAX_COUNTRY_FILES && LEVEL_TABLES.includes(table)) {
    const level = LEVEL_TABLES.indexOf(table);
    const filled = countries.filter((code) =>
      coverage.units.some((unit) => unit.country === code && unit.level === level && unit.rows > 0),
    );
    const found = filled.map((code) => parquet.find(({ country }) => country === code));
    if (found.every((file) => file !== undefined)) return found;
  }
  const whole = parquet.find(({ country }) => country === null);
  if (!whole) throw damaged(`releases/${release}/manifest.json`, `it lists no Parquet file of ${table}`);
  return [whole];
}
