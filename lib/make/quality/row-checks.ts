// Checks the rows of a level: missing and negative counts, wrong dates, repeated keys, sums of males and females.
import {
  type Columns,
  isNull,
  type NumberColumn,
  numberColumn,
  stringColumn,
  valueAt,
} from '../../table/columns.ts';
import { naturalKey } from '../../table/compare.ts';
import { dayNumber, dayText } from '../../table/ingest.ts';
import type { TableSchema } from '../../table/schema.ts';
import { groupStarts } from '../../table/sort.ts';
import { check, EXAMPLES, percent, type QualityCheck } from './check.ts';

/** API: males and females differ from the total in 7 of 1,484 sampled rows. */
const MAX_SEXES_DIFFER_PERCENT = 1;

/** DTM began in 2004, so a date before 1990 is wrong. */
const FIRST_DAY = dayNumber('1990-01-01');

/** The checks of one level's table, to which rows are added country by country. */
export interface RowChecks {
  readonly add: (columns: Columns) => void;
  readonly checks: () => QualityCheck[];
}

/** A test of the rows of a country: true for a faulty row. */
type FaultTest = (row: number) => boolean;

/** Creates the checks of a table; `today` is the day of the release's claim. */
export function createRowChecks(schema: TableSchema, today: number): RowChecks {
  const faults = rowFaults(today).map(([name, createTest]) => ({
    ...{ name, createTest, observed: 0 },
    examples: [] as string[],
  }));
  const sexes = schema.columns.some(({ name }) => name === 'number_males') ? createSexesCheck() : null;
  const key = naturalKey(schema);
  let duplicates = 0;
  return {
    add(columns) {
      for (const fault of faults) {
        const found = findRows(columns, fault.createTest(columns));
        fault.observed += found.length;
        fault.examples.push(
          ...found.slice(0, EXAMPLES - fault.examples.length).map((row) => describeRow(columns, row)),
        );
      }
      // Tables are sorted by this key first, so equal keys are adjacent.
      duplicates += columns.length - groupStarts(columns, key).length;
      sexes?.add(columns);
    },
    checks: () => [
      ...faults.map(({ name, observed, examples }) =>
        check(`rows of ${schema.name} ${name}`, observed, { unit: 'rows', examples }),
      ),
      check(`rows of ${schema.name} that share all but their figures with another`, duplicates, {
        unit: 'rows',
      }),
      ...(sexes ? [sexes.check(schema.name)] : []),
    ],
  };
}

const rowFaults = (today: number): readonly (readonly [string, (columns: Columns) => FaultTest])[] => [
  [
    'without a figure of persons present',
    (columns) => createPersonsTest(columns, (persons) => persons === null),
  ],
  [
    'with fewer than no persons',
    (columns) => createPersonsTest(columns, (persons) => persons !== null && persons < 0),
  ],
  ['dated in the future', (columns) => createDateTest(columns, (day) => day > today)],
  ['dated before 1990', (columns) => createDateTest(columns, (day) => day < FIRST_DAY)],
  ['whose year or month is not that of their date', createDateMismatch],
];

function createPersonsTest(columns: Columns, isFaulty: (persons: number | null) => boolean): FaultTest {
  const { values, valid } = numberColumn(columns, 'num_present_idp_ind');
  return (row) => isFaulty(valid?.[row] === 0 ? null : (values[row] as number));
}

function createDateTest(columns: Columns, isFaulty: (day: number) => boolean): FaultTest {
  const { values } = numberColumn(columns, 'reporting_date');
  return (row) => isFaulty(values[row] as number);
}

function describeRow(columns: Columns, row: number): string {
  const text = (name: string) => valueAt(stringColumn(columns, name), row);
  const day = dayText(numberColumn(columns, 'reporting_date').values[row] as number);
  return `${text('admin0_pcode')}: ${text('operation')}, ${day}`;
}

function findRows(columns: Columns, isFaulty: FaultTest): number[] {
  const found: number[] = [];
  for (let row = 0; row < columns.length; row++) if (isFaulty(row)) found.push(row);
  return found;
}

function createDateMismatch(columns: Columns): (row: number) => boolean {
  const [days, years, months] = ['reporting_date', 'year_reporting_date', 'month_reporting_date'].map(
    (name) => numberColumn(columns, name).values,
  ) as [Int32Array, Int32Array, Int32Array];
  let cachedDay = Number.NaN;
  let [year, month] = [0, 0];
  return (row) => {
    // Adjacent rows mostly have the same date.
    if (days[row] !== cachedDay) {
      cachedDay = days[row] as number;
      [year, month] = dayText(cachedDay).split('-').map(Number) as [number, number];
    }
    return years[row] !== year || months[row] !== month;
  };
}

/** Compares the sum of males and females with all persons, in rows that have all three. */
function createSexesCheck() {
  let [compared, differ] = [0, 0];
  return {
    add(columns: Columns): void {
      const names = ['num_present_idp_ind', 'number_males', 'number_females'];
      const [present, males, females] = names.map((name) => numberColumn(columns, name)) as [
        NumberColumn,
        NumberColumn,
        NumberColumn,
      ];
      for (let row = 0; row < columns.length; row++) {
        if (isNull(present, row) || isNull(males, row) || isNull(females, row)) continue;
        compared++;
        const sum = (males.values[row] as number) + (females.values[row] as number);
        if (sum !== present.values[row]) differ++;
      }
    },
    check: (table: string): QualityCheck =>
      check(`rows of ${table} where males and females are not all persons`, percent(differ, compared), {
        unit: 'percent',
        threshold: MAX_SEXES_DIFFER_PERCENT,
      }),
  };
}
