// Builds an Excel workbook for each country, and one with the totals of all countries. The first sheet explains the data;
// the others have the same rows as the Parquet and CSV files. A workbook names no release, run or time: if a country's
// rows did not change, its workbook keeps its SHA-256.
import { MAX_SHEET_ROWS, type TableSheet } from '../format/xlsx/table-sheet.ts';
import { writeXlsx } from '../format/xlsx/xlsx.ts';
import { countryXlsx, WORLD_XLSX } from '../release/layout.ts';
import { creditOf } from '../release/terms.ts';
import { type Columns, slice, stringColumn, valueAt } from '../table/columns.ts';
import { LEVEL_TABLES, tablesOf } from '../table/schema.ts';
import { type BuiltFile, createManifestEntry } from './built-file.ts';
import type { CountryTables } from './country-tables.ts';
import {
  readMeSheet,
  type SheetTable,
  type WorkbookCountry,
  type WorkbookInfo,
  workbookTitle,
} from './workbook-readme.ts';

/** The workbook of a country, with its rows of every level and its snapshots. */
export async function countryWorkbook(
  { country, levels, snapshots }: CountryTables,
  info: WorkbookInfo,
): Promise<BuiltFile> {
  const schemas = tablesOf(info.identity.api_version);
  const levelSheets = [...levels].map(([table, columns]) => ({ schema: schemas[table], columns }));
  const tables = [{ schema: schemas.snapshots, columns: snapshots }, ...levelSheets];
  const body = await writeCountryWorkbook(tables, info, country);
  const rows = levelSheets.reduce((sum, { columns }) => sum + columns.length, 0);
  const entry = createManifestEntry(countryXlsx(country), 'xlsx', body, { table: null, country, rows });
  return { entry, body, statistics: null };
}

/** The workbook with the totals of all countries, and the operations that the API lists. */
export async function worldWorkbook(
  { snapshots, operations }: { snapshots: Columns; operations: Columns },
  info: WorkbookInfo,
): Promise<BuiltFile> {
  const schemas = tablesOf(info.identity.api_version);
  const tables = [
    { schema: schemas.snapshots, columns: snapshots },
    { schema: schemas.operations, columns: operations },
  ];
  const body = await writeWorkbook(tables, info, null);
  const scope = { table: 'snapshots', country: null, rows: snapshots.length };
  return { entry: createManifestEntry(WORLD_XLSX, 'xlsx', body, scope), body, statistics: null };
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
