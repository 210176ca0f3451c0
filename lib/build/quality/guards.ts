// What is more likely a fault of the API than the truth: a table or a unit that lost much, a unit that doubled, rows that
// are all there twice. Each stops a release unless it is accepted.

import type { ManifestUnit } from '../../release/manifest.ts';
import { slice } from '../../table/columns.ts';
import { naturalKey } from '../../table/compare.ts';
import { LEVEL_TABLES, type LevelTable, TABLES } from '../../table/schema.ts';
import { groupStarts } from '../../table/sort.ts';
import type { Dataset } from '../dataset.ts';
import { check, percent, type QualityCheck } from './check.ts';

/** Percent of its rows that a table may lose without anyone's consent. */
const MAX_ROWS_LOST_PERCENT = 20;

/** Rows from which on twice as many are suspicious: a young operation's second round doubles what there is. */
const MIN_ROWS_GAINED = 100;

/** The most rows that there were, and the newest release that had them. */
export interface Maximum {
  readonly rows: number;
  readonly release: string;
}

/** By table, such as `admin1`, and by unit, such as `admin1/HTI`. */
export interface Baseline {
  readonly tables: ReadonlyMap<string, Maximum>;
  readonly units: ReadonlyMap<string, Maximum>;
  /** Checks of the current release that failed, and were accepted where they stop a release. */
  readonly failedChecks: readonly string[];
}

/** What guards look at. */
export interface GuardInput {
  readonly dataset: Dataset;
  readonly units: readonly ManifestUnit[];
  readonly baseline: Baseline;
}

/** A guard's cases, each in words, with the country or unit first. */
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

/** Whether a check of this name stops a release; before there were units' guards two of them had other names. */
export const isGuardName = (name: string): boolean =>
  Object.hasOwn(GUARDS, name) ||
  /^rows of \w+ lost (against the recent releases|since the release before)$/.test(name);

/**
 * All that stops a release, in words: tables first, then units, then whole countries. Rows that are there twice stop no
 * other release once one was published with them.
 */
export function guardCases(guarded: GuardInput): string[] {
  const wasAccepted = (name: string): boolean =>
    name === REPEATED && guarded.baseline.failedChecks.includes(name);
  const found = Object.entries(GUARDS).flatMap(([name, cases]) => (wasAccepted(name) ? [] : cases(guarded)));
  return [...shrunkTables(guarded), ...found];
}

/** The same as checks of quality. */
export const guardChecks = (guarded: GuardInput): QualityCheck[] => [
  ...LEVEL_TABLES.map((table) => lossCheck(guarded, table)),
  ...Object.entries(GUARDS).map(([name, cases]) => {
    const found = cases(guarded);
    const unit = name.startsWith('units') ? 'units' : 'values';
    return check(name, found.length, { unit, consequence: 'refused unless accepted', examples: found });
  }),
];

function lossCheck({ dataset, baseline }: GuardInput, table: LevelTable): QualityCheck {
  const most = baseline.tables.get(table)?.rows ?? 0;
  const lost = Math.max(0, most - dataset.tables[table].columns.length);
  return check(lossName(table), percent(lost, most), {
    unit: 'percent',
    threshold: MAX_ROWS_LOST_PERCENT,
    consequence: 'refused unless accepted',
  });
}

function shrunkTables({ dataset, baseline }: GuardInput): Cases {
  return TABLES.flatMap((table) => {
    const [most, rows] = [baseline.tables.get(table), dataset.tables[table].columns.length];
    const isLess = most !== undefined && rows < most.rows * (1 - MAX_ROWS_LOST_PERCENT / 100);
    return isLess ? [`${table} fell from ${most.rows} rows (${most.release}) to ${rows}`] : [];
  });
}

/** A unit that the API has answered in this run, with its rows and the most that there were. */
interface AnsweredUnit {
  readonly name: string;
  readonly country: string;
  readonly rows: number;
  readonly maximum: Maximum | undefined;
}

function answeredUnits({ units, baseline }: GuardInput): AnsweredUnit[] {
  const own = units.filter(({ status }) => status === 'ok' || status === 'empty');
  return own.map(({ level, country, rows }) => {
    const name = `admin${level}/${country}`;
    return { name, country, rows, maximum: baseline.units.get(name) };
  });
}

/** What is said of a whole country is not said of its units. */
function emptiedUnits(guarded: GuardInput): Cases {
  const gone = countriesWithoutRows(guarded);
  return answeredUnits(guarded).flatMap(({ name, country, rows, maximum }) =>
    rows === 0 && maximum && !gone.includes(country)
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

/** API: what makes a row one of its kind was never seen twice in a sample of 1,990 rows of both versions. */
function unitsWithRepeatedRows({ dataset, units }: GuardInput): Cases {
  const own = new Set(
    units.filter(({ status }) => status === 'ok').map(({ level, country }) => `admin${level}/${country}`),
  );
  return LEVEL_TABLES.flatMap((table) => {
    const { schema, columns, countries } = dataset.tables[table];
    const key = naturalKey(schema);
    return countries.flatMap(({ country, start, end }) => {
      if (!own.has(`${table}/${country}`) || end - start < 2) return [];
      const kinds = groupStarts(slice(columns, start, end), key).length;
      return kinds * 2 <= end - start
        ? [`${table}/${country} has every row twice or more often (${end - start} rows of ${kinds} kinds)`]
        : [];
    });
  });
}

/** Countries that had rows and have none at any level. */
function countriesWithoutRows({ dataset, baseline }: GuardInput): string[] {
  const had = [...baseline.units.keys()].map((name) => name.slice(name.indexOf('/') + 1));
  const have = new Set(
    LEVEL_TABLES.flatMap((table) => dataset.tables[table].countries.map(({ country }) => country)),
  );
  return [...new Set(had)].filter((country) => !have.has(country)).sort();
}

function vanishedCountries(guarded: GuardInput): Cases {
  return countriesWithoutRows(guarded).map((country) => `${country} lost all its rows`);
}
