// Builds an Excel workbook for each country, and one with the totals of all countries. The first sheet explains the data;
// the others have the same rows as the Parquet and CSV files. A workbook names no release, run or time: if a country's
// rows did not change, its workbook keeps its SHA-256.
import { MAX_SHEET_ROWS, type TableSheet } from '../format/xlsx/table-sheet.ts';
import { writeXlsx } from '../format/xlsx/xlsx.ts';
import { countryXlsx, WORLD_XLSX } from '../release/layout.ts';
import { creditOf } from '../release/terms.ts';
import { type Columns, slice, stringColumn, take, valueAt } from '../table/columns.ts';
import { LEVEL_TABLES, type LevelTable, type TableName } from '../table/schema.ts';
import { type BuiltFile, createManifestEntry } from './data-files.ts';
import type { Dataset } from './dataset.ts';
import {
  readMeSheet,
  type SheetTable,
  type WorkbookCountry,
  type WorkbookInfo,
  workbookTitle,
} from './workbook-readme.ts';

/** The workbooks of a release, built one at a time. */
export async function* workbookFiles(dataset: Dataset, info: WorkbookInfo): AsyncGenerator<BuiltFile> {
  const snapshots = snapshotsByCountry(dataset);
  for (const country of workbookCountries(dataset)) {
    const levels = levelTables(dataset, country);
    const snapshotRows = snapshots.get(country) ?? [];
    const totals = take(dataset.tables.snapshots.columns, Uint32Array.from(snapshotRows));
    const tables = [createSheetTable(dataset, 'snapshots', totals), ...levels];
    const body = await writeCountryWorkbook(tables, info, country);
    const rows = levels.reduce((sum, { columns }) => sum + columns.length, 0);
    const entry = createManifestEntry(countryXlsx(country), 'xlsx', body, { table: null, country, rows });
    yield { entry, body, statistics: null };
  }
  yield await allCountriesFile(dataset, info);
}

/** The workbook with the totals of all countries, and the operations that the API lists. */
async function allCountriesFile(dataset: Dataset, info: WorkbookInfo): Promise<BuiltFile> {
  const tables = (['snapshots', 'operations'] as const).map((table) =>
    createSheetTable(dataset, table, dataset.tables[table].columns),
  );
  const body = await writeWorkbook(tables, info, null);
  const rows = dataset.tables.snapshots.columns.length;
  const entry = createManifestEntry(WORLD_XLSX, 'xlsx', body, { table: 'snapshots', country: null, rows });
  return { entry, body, statistics: null };
}

/** The number of workbooks. */
export const countWorkbooks = (dataset: Dataset): number => workbookCountries(dataset).length + 1;

/** The countries that have a row at any level: each gets a workbook. */
export function workbookCountries({ tables }: Dataset): string[] {
  const all = LEVEL_TABLES.flatMap((table) => tables[table].countries.map(({ country }) => country));
  return [...new Set(all)].sort();
}

/** The bytes of a country's workbook; the first of `tables` is the snapshots table. */
export function writeCountryWorkbook(
  tables: readonly SheetTable[],
  info: WorkbookInfo,
  country: string,
): Promise<Uint8Array> {
  const [levelTable] = tables.slice(1);
  const name = levelTable ? String(valueAt(stringColumn(levelTable.columns, 'admin0_name'), 0)) : country;
  return writeWorkbook(tables, info, { country, name });
}

/** A workbook that begins with the sheet `Read me`; `country` is null for the workbook of all countries. */
function writeWorkbook(
  tables: readonly SheetTable[],
  info: WorkbookInfo,
  country: WorkbookCountry | null,
): Promise<Uint8Array> {
  const sheets = tables.flatMap((table) => sheetsOf(table));
  return writeXlsx({
    title: workbookTitle(info, country),
    credit: creditOf(info.identity.synthetic),
    sheets: [readMeSheet(tables, info, country), ...sheets],
  });
}

/** A table as a sheet, or as several if it has more rows than one sheet can hold: `admin2`, `admin2-2`. */
export function sheetsOf({ schema, columns }: SheetTable, maxRows = MAX_SHEET_ROWS): TableSheet[] {
  const count = Math.max(Math.ceil(columns.length / maxRows), 1);
  return Array.from({ length: count }, (_, index) => ({
    name: index === 0 ? schema.name : `${schema.name}-${index + 1}`,
    schema: schema.columns,
    columns: slice(columns, index * maxRows, Math.min((index + 1) * maxRows, columns.length)),
  }));
}

/** True if a sheet of that name holds rows of a level. The manifest counts only these rows. */
export const isLevelSheet = (name: string): boolean => LEVEL_TABLES.some((table) => isSheetOf(table, name));

/** True if a sheet of that name holds rows of `table`. */
export const isSheetOf = (table: string, name: string): boolean =>
  name === table || name.startsWith(`${table}-`);

const createSheetTable = ({ tables }: Dataset, table: TableName, columns: Columns): SheetTable => ({
  schema: tables[table].schema,
  columns,
});

/** The country's rows of every level at which it has rows. */
function levelTables(dataset: Dataset, country: string): SheetTable[] {
  const rowsOf = (table: LevelTable): SheetTable[] => {
    const { columns, countries } = dataset.tables[table];
    const range = countries.find((candidate) => candidate.country === country);
    return range ? [createSheetTable(dataset, table, slice(columns, range.start, range.end))] : [];
  };
  return LEVEL_TABLES.flatMap(rowsOf);
}

/** Row numbers of the snapshots table by country. It is sorted by level first, so a country's rows are not adjacent. */
function snapshotsByCountry({ tables }: Dataset): Map<string, number[]> {
  const { columns } = tables.snapshots;
  const pcodes = stringColumn(columns, 'admin0_pcode');
  const rows = new Map<string, number[]>();
  for (let row = 0; row < columns.length; row++) {
    const country = valueAt(pcodes, row) as string;
    const existing = rows.get(country);
    if (existing) existing.push(row);
    else rows.set(country, [row]);
  }
  return rows;
}
