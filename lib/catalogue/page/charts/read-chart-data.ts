// Collects the charts of all countries of a release, from tables in memory or from the published files.

import type { Manifest } from '../../../release/manifest.ts';
import type { Store } from '../../../store/store.ts';
import { type Columns, stringColumn, valueAt } from '../../../table/columns.ts';
import { createTableReader, readLevelRows, readSnapshotsByCountry } from '../../published-rows.ts';
import type { NewestCount } from '../input.ts';
import type { CountryChartData } from './country-chart-data.ts';
import { type CountryCharts, countryCharts, seriesKey, shownTables } from './country-charts.ts';

/** The newest count of every series, and the chart data of all countries that have counts. */
export interface ReleaseChartData {
  readonly newest: readonly NewestCount[];
  /** Country names by code, from the API's country list. */
  readonly names: Readonly<Record<string, string>>;
  readonly countries: readonly CountryChartData[];
  /** Days of the first and the last count; null without counts. */
  readonly days: { readonly from: string | null; readonly to: string | null };
}

/** Collects the charts of all countries, in order; `listed` is the table of countries. */
export function collectCharts(charts: readonly CountryCharts[], listed: Columns): ReleaseChartData {
  return {
    newest: charts.flatMap(({ newest }) => newest).sort(byName),
    names: listedNames(listed),
    countries: charts.map(({ data }) => data),
    days: {
      from: charts.map(({ from }) => from).sort()[0] ?? null,
      to:
        charts
          .map(({ to }) => to)
          .sort()
          .at(-1) ?? null,
    },
  };
}

/** Reads the chart data of a published release, country by country. @throws {DamagedFileError}; {StoreError} */
export async function readChartData(store: Store, manifest: Manifest): Promise<ReleaseChartData> {
  const charts: CountryCharts[] = [];
  for (const [country, snapshots] of await readSnapshotsByCountry(store, manifest)) {
    const levels = await readLevelRows(store, manifest, country, shownTables(snapshots));
    charts.push(...[countryCharts({ country, snapshots, levels })].filter((found) => found !== null));
  }
  return collectCharts(charts, await createTableReader(store, manifest)('countries'));
}

function listedNames(countries: Columns): Record<string, string> {
  const [codes, names] = [stringColumn(countries, 'admin0_pcode'), stringColumn(countries, 'admin0_name')];
  const pairs = Array.from({ length: countries.length }, (_, row) => [
    valueAt(codes, row),
    valueAt(names, row),
  ]);
  return Object.fromEntries(pairs);
}

const byName = (a: NewestCount, b: NewestCount): number =>
  a.name.localeCompare(b.name, 'en') || (seriesKey(a) < seriesKey(b) ? -1 : 1);
