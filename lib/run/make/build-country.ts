// Builds the files of a country from its rows.
import type { BuiltFile } from '../../make/built-file.ts';
import { buildTablePart, type TablePart } from '../../make/country-files.ts';
import type { CountryTables } from '../../make/country-tables.ts';
import type { WorkbookInfo } from '../../make/workbook-readme.ts';
import { countryWorkbook } from '../../make/workbooks.ts';
import type { Columns } from '../../table/columns.ts';
import { type LevelTable, tablesOf } from '../../table/schema.ts';
import { type CountrySummary, summariseTables } from './country-summary.ts';

/** A country of the next release, built or taken: its files, its snapshots, and what else the release needs of it. */
export interface ReleaseCountry {
  readonly parts: ReadonlyMap<LevelTable, TablePart>;
  readonly workbook: BuiltFile;
  readonly snapshots: Columns;
  readonly summary: CountrySummary;
}

export interface BuildOptions {
  readonly info: WorkbookInfo;
  /** For the footers of Parquet files. */
  readonly keyValues: ReadonlyMap<string, string>;
  /** The day of the release's claim. */
  readonly today: number;
}

/** Builds a country that has rows. */
export async function buildCountry(
  tables: CountryTables,
  { info, keyValues, today }: BuildOptions,
): Promise<ReleaseCountry> {
  const { country, levels, snapshots } = tables;
  const schemas = tablesOf(info.identity.api_version);
  const parts = new Map<LevelTable, TablePart>();
  for (const [table, columns] of levels)
    parts.set(table, await buildTablePart(schemas[table], columns, { country, keyValues }));
  return {
    parts,
    workbook: await countryWorkbook(tables, info),
    snapshots,
    summary: summariseTables(tables, parts, { apiVersion: info.identity.api_version, today }),
  };
}
