// Checks the rows of a level: missing and negative counts, wrong dates, repeated keys, sums of males and females.
import { type Columns, isNull, numberColumn, stringColumn, valueAt } from '../../table/columns.ts';
import { naturalKey } from '../../table/compare.ts';
import { dayNumber, dayText } from '../../table/ingest.ts';
import type { LevelTable } from '../../table/schema.ts';
import { groupStarts } from '../../table/sort.ts';
import type { DatasetTable } from '../dataset.ts';
import { check, percent, type QualityCheck } from './check.ts';

/** API: males and females differ from the total in 7 of 1,484 sampled rows. */
const MAX_SEXES_DIFFER_PERCENT = 1;

/** DTM began in 2004, so a date before 1990 is wrong. */
const FIRST_DAY = dayNumber('1990-01-01');

/** The checks of one level's table; `today` is the day of the release's claim. */
export function rowChecks(table: LevelTable, data: DatasetTable, today: number): QualityCheck[] {
  const { columns } = data;
  const describeRow = (row: number) => {
    const text = (name: string) => valueAt(stringColumn(columns, name), row);
    const day = dayText(numberColumn(columns, 'reporting_date').values[row] as number);
    return `${text('admin0_pcode')}: ${text('operation')}, ${day}`;
  };
  const checkRows = (name: string, isFaulty: (row: number) => boolean): QualityCheck => {
    const found = findRows(columns, isFaulty);
    return check(`rows of ${table} ${name}`, found.length, {
      unit: 'rows',
      examples: found.map(describeRow),
    });
  };
  const days = numberColumn(columns, 'reporting_date').values;
  const { values: persons, valid } = numberColumn(columns, 'num_present_idp_ind');
  return [
    checkRows('without a figure of persons present', (row) => valid?.[row] === 0),
    checkRows('with fewer than no persons', (row) => valid?.[row] !== 0 && (persons[row] as number) < 0),
    checkRows('dated in the future', (row) => (days[row] as number) > today),
    checkRows('dated before 1990', (row) => (days[row] as number) < FIRST_DAY),
    checkRows('whose year or month is not that of their date', createDateMismatch(columns)),
    check(`rows of ${table} that share all but their figures with another`, duplicates(data), {
      unit: 'rows',
    }),
    ...(columns.byName.has('number_males') ? [sexesCheck(table, columns)] : []),
  ];
}

function findRows(columns: Columns, isFaulty: (row: number) => boolean): number[] {
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

/** The number of rows that repeat a natural key. Tables are sorted by this key first, so equal keys are adjacent. */
const duplicates = ({ schema, columns }: DatasetTable): number =>
  columns.length - groupStarts(columns, naturalKey(schema)).length;

function sexesCheck(table: LevelTable, columns: Columns): QualityCheck {
  const [present, males, females] = ['num_present_idp_ind', 'number_males', 'number_females'].map((name) =>
    numberColumn(columns, name),
  ) as [ReturnType<typeof numberColumn>, ReturnType<typeof numberColumn>, ReturnType<typeof numberColumn>];
  let [compared, differ] = [0, 0];
  for (let row = 0; row < columns.length; row++) {
    if (isNull(present, row) || isNull(males, row) || isNull(females, row)) continue;
    compared++;
    const sum = (males.values[row] as number) + (females.values[row] as number);
    if (sum !== present.values[row]) differ++;
  }
  return check(`rows of ${table} where males and females are not all persons`, percent(differ, compared), {
    unit: 'percent',
    threshold: MAX_SEXES_DIFFER_PERCENT,
  });
}
