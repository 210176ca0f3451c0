// An Excel workbook a country, and one with the totals of all, for those who open nothing else: what to know first, then
// the rows as they stand in Parquet and CSV. Never release, run or time: a country whose rows did not change keeps its workbook's SHA-256.
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

/** The workbooks of a release, made one at a time. */
export async function* workbookFiles(dataset: Dataset, about: WorkbookInfo): AsyncGenerator<BuiltFile> {
  const snapshots = snapshotsByCountry(dataset);
  for (const country of workbookCountries(dataset)) {
    const levels = levelTables(dataset, country);
    const order = snapshots.get(country) ?? [];
    const totals = take(dataset.tables.snapshots.columns, Uint32Array.from(order));
    const tables = [createSheetTable(dataset, 'snapshots', totals), ...levels];
    const body = await writeCountryWorkbook(tables, about, country);
    const rows = levels.reduce((sum, { columns }) => sum + columns.length, 0);
    const entry = createManifestEntry(countryXlsx(country), 'xlsx', body, { table: null, country, rows });
    yield { entry, body, statistics: null };
  }
  yield await allCountriesFile(dataset, about);
}

/** The totals of all countries, and the operations that the API lists. */
async function allCountriesFile(dataset: Dataset, about: WorkbookInfo): Promise<BuiltFile> {
  const tables = (['snapshots', 'operations'] as const).map((table) =>
    createSheetTable(dataset, table, dataset.tables[table].columns),
  );
  const body = await writeWorkbook(tables, about, null);
  const rows = dataset.tables.snapshots.columns.length;
  const entry = createManifestEntry(WORLD_XLSX, 'xlsx', body, { table: 'snapshots', country: null, rows });
  return { entry, body, statistics: null };
}

/** How many workbooks there will be. */
export const countWorkbooks = (dataset: Dataset): number => workbookCountries(dataset).length + 1;

/** The countries that have a row at any level: each gets a workbook. */
export function workbookCountries({ tables }: Dataset): string[] {
  const all = LEVEL_TABLES.flatMap((table) => tables[table].countries.map(({ country }) => country));
  return [...new Set(all)].sort();
}

/** A country's workbook: its bytes. */
export function writeCountryWorkbook(
  tables: readonly SheetTable[],
  about: WorkbookInfo,
  country: string,
): Promise<Uint8Array> {
  const [level] = tables.slice(1);
  const name = level ? String(valueAt(stringColumn(level.columns, 'admin0_name'), 0)) : country;
  return writeWorkbook(tables, about, { country, name });
}

/** A workbook whose first sheet is what to know of the others; of all countries where no place is given. */
function writeWorkbook(
  tables: readonly SheetTable[],
  about: WorkbookInfo,
  country: WorkbookCountry | null,
): Promise<Uint8Array> {
  const sheets = tables.flatMap((table) => sheetsOf(table));
  return writeXlsx({
    title: workbookTitle(about, country),
    credit: creditOf(about.identity.synthetic),
    sheets: [readMeSheet(tables, about, country), ...sheets],
  });
}

/** A table as a sheet, or as several where it has more rows than one can hold: `admin2`, `admin2-2`. */
export function sheetsOf({ schema, columns }: SheetTable, maxRows = MAX_SHEET_ROWS): TableSheet[] {
  const count = Math.max(Math.ceil(columns.length / maxRows), 1);
  return Array.from({ length: count }, (_, at) => ({
    name: at === 0 ? schema.name : `${schema.name}-${at + 1}`,
    schema: schema.columns,
    columns: slice(columns, at * maxRows, Math.min((at + 1) * maxRows, columns.length)),
  }));
}

/** Whether a sheet of that name holds rows of a level, which are those that a manifest counts. */
export const isLevelSheet = (name: string): boolean => LEVEL_TABLES.some((table) => isSheetOf(table, name));

/** Whether a sheet of that name holds rows of a table. */
export const isSheetOf = (table: string, name: string): boolean =>
  name === table || name.startsWith(`${table}-`);

const createSheetTable = ({ tables }: Dataset, table: TableName, columns: Columns): SheetTable => ({
  schema: tables[table].schema,
  columns,
});

/** The country's rows of every level that has some. */
function levelTables(dataset: Dataset, country: string): SheetTable[] {
  const rowsOf = (table: LevelTable): SheetTable[] => {
    const { columns, countries } = dataset.tables[table];
    const range = countries.find((each) => each.country === country);
    return range ? [createSheetTable(dataset, table, slice(columns, range.start, range.end))] : [];
  };
  return LEVEL_TABLES.flatMap(rowsOf);
}

/** Rows of the snapshots table by country; it is sorted by level first. */
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
