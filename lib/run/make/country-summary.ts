// What a release needs of a country beside its files: the faults of its rows, the statistics of its Parquet files, its
// charts. The run keeps it with its working files. If the country is unchanged, the next run does not read its rows.
import { type CountryCharts, countryCharts } from '../../catalogue/page/charts/country-charts.ts';
import type { ApiVersion } from '../../dtm/endpoints.ts';
import type { ColumnStatistics } from '../../format/column-statistics.ts';
import type { TablePart } from '../../make/country-files.ts';
import type { CountryTables } from '../../make/country-tables.ts';
import { findRowFaults, type RowFaults } from '../../make/quality/row-checks.ts';
import { jsonBytes, parseJson, sha256 } from '../../release/digest.ts';
import { countrySummaryKey } from '../../release/layout.ts';
import type { Store } from '../../store/store.ts';
import { type LevelTable, tablesOf } from '../../table/schema.ts';

/** Faults and statistics of one table of a country. */
export interface TableSummary {
  readonly statistics: readonly ColumnStatistics[];
  readonly faults: RowFaults;
}

/** A country in plain data. A table without rows has no entry. */
export interface CountrySummary {
  readonly tables: Readonly<Partial<Record<LevelTable, TableSummary>>>;
  /**
   * The last reporting date, in days since 1970-01-01. On later days the faults are the same. Null if it was in the
   * future on the day of the check: then the faults depend on the day.
   */
  readonly lastDay: number | null;
  readonly charts: CountryCharts | null;
}

/** Summarises the tables of a country; `parts` are their files, `today` is the day of the release's claim. */
export function summariseTables(
  tables: CountryTables,
  parts: ReadonlyMap<LevelTable, TablePart>,
  { apiVersion, today }: { apiVersion: ApiVersion; today: number },
): CountrySummary {
  const summaries = [...tables.levels].map(([table, rows]) => {
    const { statistics } = parts.get(table) as TablePart;
    return [table, { statistics, faults: findRowFaults(tablesOf(apiVersion)[table], rows, today) }] as const;
  });
  const days = summaries.flatMap(
    ([, { statistics }]) => statistics.find(({ name }) => name === 'reporting_date')?.max ?? [],
  );
  const lastDay = Math.max(...days.map(Number));
  return {
    tables: Object.fromEntries(summaries),
    lastDay: lastDay <= today ? lastDay : null,
    charts: countryCharts(tables),
  };
}

/** Keeps a summary with the working files of a run. */
export async function writeCountrySummary(
  store: Store,
  { run, country }: { run: string; country: string },
  summary: CountrySummary,
): Promise<void> {
  const checked = { sha256: sha256(JSON.stringify(summary)), summary };
  await store.put(countrySummaryKey(run, country), jsonBytes(checked), 'anything');
}

/** Reads a summary; null if the run has none, or if it is damaged. */
export async function readCountrySummary(
  store: Store,
  { run, country }: { run: string; country: string },
): Promise<CountrySummary | null> {
  const found = await store.get(countrySummaryKey(run, country));
  if (!found) return null;
  try {
    const { sha256: hash, summary } = parseJson(found.body) as { sha256: string; summary: CountrySummary };
    return sha256(JSON.stringify(summary)) === hash ? summary : null;
  } catch {
    return null;
  }
}
