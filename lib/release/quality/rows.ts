// Whether the rows of a level are sound in themselves.
import { type Columns, numbers, strings, valueAt } from '../../table/columns.ts';
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
  const present = numbers(columns, 'num_present_idp_ind');
  return [
    rows('without a figure of persons present', (row) => valueAt(present, row) === null),
    rows('with fewer than no persons', (row) => ((valueAt(present, row) as number | null) ?? 0) < 0),
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
  const parts = new Map<number, [number, number]>();
  return (row) => {
    const day = days[row] as number;
    const known = parts.get(day) ?? (dayText(day).split('-').slice(0, 2).map(Number) as [number, number]);
    parts.set(day, known);
    return years[row] !== known[0] || months[row] !== known[1];
  };
}

/** Rows whose natural key another row has too: tables sort by it before their figures, so such rows are neighbours. */
const duplicates = ({ schema, columns }: DatasetTable): number =>
  columns.length - startsOfGroups(columns, naturalKey(schema)).length;

function sexesCheck(table: LevelTable, columns: Columns): QualityCheck {
  const [present, males, females] = ['num_present_idp_ind', 'number_males', 'number_females'].map((name) =>
    numbers(columns, name),
  ) as [ReturnType<typeof numbers>, ReturnType<typeof numbers>, ReturnType<typeof numbers>];
  const given = rowsThat(columns, (row) =>
    [present, males, females].every((one) => valueAt(one, row) !== null),
  );
  const differ = given.filter(
    (row) =>
      (males.values[row] as number) + (females.values[row] as number) !== (present.values[row] as number),
  );
  return check(
    `rows of ${table} where males and females are not all persons`,
    percent(differ.length, given.length),
    {
      unit: 'percent',
      threshold: SEXES_DIFFER_AT_MOST,
    },
  );
}
