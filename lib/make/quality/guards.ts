// Checks for likely API faults: a table or a unit that lost many rows, a unit that doubled, a unit in which every row is
// repeated. Each case stops the release unless it is accepted.
import type { ManifestUnit } from '../../release/manifest.ts';
import { LEVEL_TABLES, type LevelTable, TABLES, type TableName } from '../../table/schema.ts';
import { check, percent, type QualityCheck } from './check.ts';

/** Percent of its rows that a table may lose. A larger loss must be accepted. */
const MAX_ROWS_LOST_PERCENT = 20;

/** Rows that a unit must gain to count as doubled: the second round of a young operation doubles its rows, too. */
const MIN_ROWS_GAINED = 100;

/** The largest number of rows, and the newest release that had it. */
export interface Maximum {
  readonly rows: number;
  readonly release: string;
}

/** The maxima of the recent releases, by table (`admin1`) and by unit (`admin1/HTI`). */
export interface Baseline {
  readonly tables: ReadonlyMap<string, Maximum>;
  readonly units: ReadonlyMap<string, Maximum>;
  /** Names of the checks that failed in the current release. Failed guards among them were accepted. */
  readonly failedChecks: readonly string[];
}

/** Input of the guards: counts only, which are known before any table is built. */
export interface GuardInput {
  /** Rows of each table. */
  readonly rows: Readonly<Record<TableName, number>>;
  readonly units: readonly ManifestUnit[];
  /** Different natural keys of each unit that the API answered, by the unit's name (`admin1/HTI`). */
  readonly keys: ReadonlyMap<string, number>;
  readonly baseline: Baseline;
}

/** A guard's cases as messages. Each begins with the table, unit or country. */
type Cases = readonly string[];

const REPEATED = 'units whose rows are all there twice';

const GUARDS: Readonly<Record<string, (guarded: GuardInput) => Cases>> = {
  'units that have no rows any more': emptiedUnits,
  'units that lost half of their rows or more': halvedUnits,
  'units that doubled': doubledUnits,
  [REPEATED]: unitsWithRepeatedRows,
  'countries that lost all their rows': vanishedCountries,
};

const lossName = (table: string): string => `rows of ${table} lost against the recent releases`;

/** True if a failed check of this name stops a release. Earlier versions wrote `since the release before`. */
export const isGuardName = (name: string): boolean =>
  Object.hasOwn(GUARDS, name) ||
  /^rows of \w+ lost (against the recent releases|since the release before)$/.test(name);

/**
 * All cases that stop a release, as messages: tables first, then units, then countries. Repeated rows stop no release
 * if the current release has them already.
 */
export function guardCases(guarded: GuardInput): string[] {
  const wasAccepted = (name: string): boolean =>
    name === REPEATED && guarded.baseline.failedChecks.includes(name);
  const found = Object.entries(GUARDS).flatMap(([name, cases]) => (wasAccepted(name) ? [] : cases(guarded)));
  return [...shrunkTables(guarded), ...found];
}

/** The guards as quality checks. */
export const guardChecks = (guarded: GuardInput): QualityCheck[] => [
  ...LEVEL_TABLES.map((table) => lossCheck(guarded, table)),
  ...Object.entries(GUARDS).map(([name, cases]) => {
    const found = cases(guarded);
    const unit = name.startsWith('units') ? 'units' : 'values';
    return check(name, found.length, { unit, consequence: 'refused unless accepted', examples: found });
  }),
];

function lossCheck({ rows, baseline }: GuardInput, table: LevelTable): QualityCheck {
  const maximum = baseline.tables.get(table)?.rows ?? 0;
  const lost = Math.max(0, maximum - rows[table]);
  return check(lossName(table), percent(lost, maximum), {
    unit: 'percent',
    threshold: MAX_ROWS_LOST_PERCENT,
    consequence: 'refused unless accepted',
  });
}

function shrunkTables({ rows, baseline }: GuardInput): Cases {
  return TABLES.flatMap((table) => {
    const maximum = baseline.tables.get(table);
    const isShrunk = maximum !== undefined && rows[table] < maximum.rows * (1 - MAX_ROWS_LOST_PERCENT / 100);
    return isShrunk ? [`${table} fell from ${maximum.rows} rows (${maximum.release}) to ${rows[table]}`] : [];
  });
}

/** A unit that the API answered in this run, with its rows now and its largest number of rows before. */
interface AnsweredUnit {
  readonly name: string;
  readonly country: string;
  readonly rows: number;
  readonly maximum: Maximum | undefined;
}

function answeredUnits({ units, baseline }: GuardInput): AnsweredUnit[] {
  const answered = units.filter(({ status }) => status === 'ok' || status === 'empty');
  return answered.map(({ level, country, rows }) => {
    const name = `admin${level}/${country}`;
    return { name, country, rows, maximum: baseline.units.get(name) };
  });
}

/** Units of a country that lost all its rows are left out: `vanishedCountries` reports the country. */
function emptiedUnits(guarded: GuardInput): Cases {
  const vanished = countriesWithoutRows(guarded);
  return answeredUnits(guarded).flatMap(({ name, country, rows, maximum }) =>
    rows === 0 && maximum && !vanished.includes(country)
      ? [`${name} has none of ${maximum.rows} rows (${maximum.release})`]
      : [],
  );
}

function halvedUnits(guarded: GuardInput): Cases {
  return answeredUnits(guarded).flatMap(({ name, rows, maximum }) =>
    rows > 0 && maximum && rows * 2 <= maximum.rows
      ? [`${name} fell from ${maximum.rows} rows (${maximum.release}) to ${rows}`]
      : [],
  );
}

function doubledUnits(guarded: GuardInput): Cases {
  const isDoubled = ({ rows, maximum }: AnsweredUnit): boolean =>
    maximum !== undefined && rows >= maximum.rows * 2 && rows - maximum.rows >= MIN_ROWS_GAINED;
  return answeredUnits(guarded)
    .filter(isDoubled)
    .map(
      ({ name, rows, maximum }) => `${name} grew from ${maximum?.rows} rows (${maximum?.release}) to ${rows}`,
    );
}

/** API: no natural key occurred twice in a sample of 1,990 rows of both versions. */
function unitsWithRepeatedRows({ units, keys }: GuardInput): Cases {
  return units.flatMap(({ level, country, status, rows }) => {
    const name = `admin${level}/${country}`;
    const distinct = keys.get(name) ?? rows;
    return status === 'ok' && rows >= 2 && distinct * 2 <= rows
      ? [`${name} has every row twice or more often (${rows} rows of ${distinct} kinds)`]
      : [];
  });
}

/** Countries that had rows in the recent releases and have none now, at any level. */
function countriesWithoutRows({ units, baseline }: GuardInput): string[] {
  const before = [...baseline.units.keys()].map((name) => name.slice(name.indexOf('/') + 1));
  const now = new Set(units.filter(({ rows }) => rows > 0).map(({ country }) => country));
  return [...new Set(before)].filter((country) => !now.has(country)).sort();
}

function vanishedCountries(guarded: GuardInput): Cases {
  return countriesWithoutRows(guarded).map((country) => `${country} lost all its rows`);
}
