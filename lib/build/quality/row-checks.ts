// Whether the rows of a level are sound in themselves.
import { type Columns, isNull, numbers, strings, valueAt } from '../../table/columns.ts';
import { naturalKey } from '../../table/compare.ts';
import { dayNumber, dayText } from '../../table/ingest.ts';
import type { LevelTable } from '../../table/schema.ts';
import { startsOfGroups } from '../../table/sort.ts';
import type { DatasetTable } from '../dataset.ts';
import { check, percent, type QualityCheck } from './check.ts';

/** API: males and females differ from the total in 7 of 1,484 sampled rows. */
const SEXES_DIFFER_AT_MOST = 1;

/** DTM began in 2004; nothing that it counts is older than this. */
const FIRST_DAY = dayNumber('1990-01-01');

/** The checks of one level's table; `today` is the day of the release's claim. */
export function rowChecks(table: LevelTable, data: DatasetTable, today: number): QualityCheck[] {
  const { columns } = data;
  const where = (row: number) => {
    const text = (name: string) => valueAt(strings(columns, name), row);
    const day = dayText(numbers(columns, 'reporting_date').values[row] as number);
    return `${text('admin0_pcode')}: ${text('operation')}, ${day}`;
  };
  const rows = (name: string, wrong: (row: number) => boolean): QualityCheck => {
    const found = rowsThat(columns, wrong);
    return check(`rows of ${table} ${name}`, found.length, { unit: 'rows', examples: found.map(where) });
  };
  const days = numbers(columns, 'reporting_date').values;
  const { values: persons, valid } = numbers(columns, 'num_present_idp_ind');
  return [
    rows('without a figure of persons present', (row) => valid?.[row] === 0),
    rows('with fewer than no persons', (row) => valid?.[row] !== 0 && (persons[row] as number) < 0),
    rows('dated in the future', (row) => (days[row] as number) > today),
    rows('dated before 1990', (row) => (days[row] as number) < FIRST_DAY),
    rows('whose year or month is not that of their date', isOffDate(columns)),
    check(`rows of ${table} that share all but their figures with another`, duplicates(data), {
      unit: 'rows',
    }),
    ...(columns.byName.has('number_males') ? [sexesCheck(table, columns)] : []),
  ];
}

function rowsThat(columns: Columns, wrong: (row: number) => boolean): number[] {
  const found: number[] = [];
  for (let row = 0; row < columns.length; row++) if (wrong(row)) found.push(row);
  return found;
}

function isOffDate(columns: Columns): (row: number) => boolean {
  const [days, years, months] = ['reporting_date', 'year_reporting_date', 'month_reporting_date'].map(
    (name) => numbers(columns, name).values,
  ) as [Int32Array, Int32Array, Int32Array];
  let known = Number.NaN;
  let [year, month] = [0, 0];
  return (row) => {
    // Neighbours mostly have the same date.
    if (days[row] !== known) {
      known = days[row] as number;
      [year, month] = dayText(known).split('-').map(Number) as [number, number];
    }
    return years[row] !== year || months[row] !== month;
  };
}

/** Rows whose natural key another row has too: tables sort by it before their figures, so such rows are neighbours. */
const duplicates = ({ schema, columns }: DatasetTable): number =>
  columns.length - startsOfGroups(columns, naturalKey(schema)).length;

function sexesCheck(table: LevelTable, columns: Columns): QualityCheck {
  const [present, males, females] = ['num_present_idp_ind', 'number_males', 'number_females'].map((name) =>
    numbers(columns, name),
  ) as [ReturnType<typeof numbers>, ReturnType<typeof numbers>, ReturnType<typeof numbers>];
  let [given, differ] = [0, 0];
  for (let row = 0; row < columns.length; row++) {
    if (isNull(present, row) || isNull(males, row) || isNull(females, row)) continue;
    given++;
    const sum = (males.values[row] as number) + (females.values[row] as number);
    if (sum !== present.values[row]) differ++;
  }
  return check(`rows of ${table} where males and females are not all persons`, percent(differ, given), {
    unit: 'percent',
    threshold: SEXES_DIFFER_AT_MOST,
  });
}
