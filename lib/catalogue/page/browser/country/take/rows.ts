// What the charts of a country show, as rows with the columns of the dataset.
import type { ChartArea, ChartAreas, ChartSeries } from '../../../charts/country-chart-data.ts';
import { type CsvValue, toCsv } from '../../elements/csv.ts';
import type { CountryContext } from '../context.ts';
import { nameAt } from '../words.ts';

const COLUMNS = [
  ...['admin0_pcode', 'admin0_name', 'admin1_pcode', 'admin1_name', 'operation', 'assessment_type'],
  ...['reporting_date', 'round_number', 'level', 'idps', 'release', 'credit'],
] as const;

interface Figure {
  readonly series: ChartSeries;
  readonly area?: readonly [pcode: string | null, name: string | null];
  readonly date: string;
  readonly round: number;
  readonly level: number;
  readonly idps: number | null;
}

/** The rows of some operations as CSV, each operation by date and round. */
export const operationsCsv = (context: CountryContext, series: readonly ChartSeries[]): string =>
  figuresCsv(context, series.flatMap(countryFigures));

/** The rows of an area as CSV, and those of the country if its line is beside it. A count without the area has no row. */
export function areaCsv(context: CountryContext, { series, area, withCountry }: ShownArea): string {
  const { counts } = series.areas as ChartAreas;
  const [, pcode, figures] = area;
  const rows = counts.flatMap(([date, round], at): Figure[] => {
    const idps = figures[at] ?? null;
    return idps === false ? [] : [{ series, area: [pcode, nameAt(area, at)], date, round, level: 1, idps }];
  });
  return figuresCsv(context, [...rows, ...(withCountry ? countryFigures(series) : [])]);
}

/** An area of a series, and whether the country's line is beside it. */
export interface ShownArea {
  readonly series: ChartSeries;
  readonly area: ChartArea;
  readonly withCountry: boolean;
}

const countryFigures = (series: ChartSeries): Figure[] =>
  series.counts.map(([date, round, level, idps]) => ({ series, date, round, level, idps }));

const figuresCsv = ({ picture, data }: CountryContext, figures: readonly Figure[]): string =>
  toCsv(
    COLUMNS,
    figures.map(({ series, area = [null, null], date, round, level, idps }): CsvValue[] => [
      ...[picture.country, picture.name, ...area, series.operation, series.assessment_type],
      ...[{ date }, round, level, idps, data.release, data.credit],
    ]),
  );
