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

/** Faults of the rows of one level of one country. Plain data, so that a run can keep them for the next one. */
export interface RowFaults {
  /** Faulty rows by the name of the check, and the first ten of them in words. */
  readonly faults: Readonly<
    Record<string, { readonly observed: number; readonly examples: readonly string[] }>
  >;
  /** Rows that share their natural key with the row before. */
  readonly duplicates: number;
  /** Rows that give males, females and all persons, and those of them that do not add up. */
  readonly sexes: { readonly compared: number; readonly differ: number };
}

/** Checks the sorted rows of one level of one country; `today` is the day of the release's claim. */
export function findRowFaults(schema: TableSchema, columns: Columns, today: number): RowFaults {
  const faults = Object.entries(FAULTS).map(([name, createTest]) => {
    const rows = findRows(columns, createTest(columns, today));
    const examples = rows.slice(0, EXAMPLES).map((row) => describeRow(columns, row));
    return [name, { observed: rows.length, examples }] as const;
  });
  return {
    faults: Object.fromEntries(faults),
    // Tables are sorted by this key first, so equal keys are adjacent.
    duplicates: columns.length - groupStarts(columns, naturalKey(schema)).length,
    sexes: compareSexes(columns),
  };
}

/** The checks of a level's table from the faults of its countries, in their order. */
export function rowChecks({ name, columns }: TableSchema, countries: readonly RowFaults[]): QualityCheck[] {
  const sum = (count: (faults: RowFaults) => number) =>
    countries.reduce((total, one) => total + count(one), 0);
  const differ = percent(
    sum(({ sexes }) => sexes.differ),
    sum(({ sexes }) => sexes.compared),
  );
  return [
    ...Object.keys(FAULTS).map((fault) =>
      check(
        `rows of ${name} ${fault}`,
        sum(({ faults }) => faults[fault]?.observed ?? 0),
        {
          unit: 'rows',
          examples: countries.flatMap(({ faults }) => faults[fault]?.examples ?? []),
        },
      ),
    ),
    check(
      `rows of ${name} that share all but their figures with another`,
      sum(({ duplicates }) => duplicates),
      {
        unit: 'rows',
      },
    ),
    ...(columns.some((column) => column.name === 'number_males')
      ? [
          check(`rows of ${name} where males and females are not all persons`, differ, {
            unit: 'percent',
            threshold: MAX_SEXES_DIFFER_PERCENT,
          }),
        ]
      : []),
  ];
}

/** A test of the rows of a country: true for a faulty row. */
type FaultTest = (row: number) => boolean;

const FAULTS: Readonly<Record<string, (columns: Columns, today: number) => FaultTest>> = {
  'without a figure of persons present': (columns) =>
    createPersonsTest(columns, (persons) => persons === null),
  'with fewer than no persons': (columns) =>
    createPersonsTest(columns, (persons) => persons !== null && persons < 0),
  'dated in the future': (columns, today) => createDateTest(columns, (day) => day > today),
  'dated before 1990': (columns) => createDateTest(columns, (day) => day < FIRST_DAY),
  'whose year or month is not that of their date': createDateMismatch,
};

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

function compareSexes(columns: Columns): RowFaults['sexes'] {
  const names = ['num_present_idp_ind', 'number_males', 'number_females'];
  if (names.some((name) => !columns.byName.has(name))) return { compared: 0, differ: 0 };
  const [present, males, females] = names.map((name) => numberColumn(columns, name)) as [
    NumberColumn,
    NumberColumn,
    NumberColumn,
  ];
  let [compared, differ] = [0, 0];
  for (let row = 0; row < columns.length; row++) {
    if (isNull(present, row) || isNull(males, row) || isNull(females, row)) continue;
    compared++;
    const sum = (males.values[row] as number) + (females.values[row] as number);
    if (sum !== present.values[row]) differ++;
  }
  return { compared, differ };
}
