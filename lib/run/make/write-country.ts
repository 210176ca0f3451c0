// Writes the files of one country: built from its rows, or taken from the current release.
import type { FileTaker } from '../../catalogue/published-files.ts';
import { blocksAfter, deflateBlock } from '../../format/gzip.ts';
import type { BuiltFile } from '../../make/built-file.ts';
import type { CountryTables } from '../../make/country-tables.ts';
import { countryCsvFile, countryParquetFile, type EncodedRows, encodeRows } from '../../make/encoded-rows.ts';
import type { WholeTable } from '../../make/whole-table.ts';
import type { WorkbookInfo } from '../../make/workbook-readme.ts';
import { countryWorkbook } from '../../make/workbooks.ts';
import { countryCsv, countryParquet, countryXlsx } from '../../release/layout.ts';
import { type LevelTable, tablesOf } from '../../table/schema.ts';
import type { ReleaseWriter } from './release-writer.ts';

/** Where the files of a country go, and from where they may be taken. */
export interface CountryFiles {
  readonly writer: ReleaseWriter;
  readonly whole: ReadonlyMap<LevelTable, WholeTable>;
  readonly keyValues: ReadonlyMap<string, string>;
  readonly info: WorkbookInfo;
  /** Takes a file from the current release; null if it must be built. */
  readonly take: FileTaker;
}

/** Writes Parquet, CSV and workbook of a country, and appends its rows to the whole tables. */
export async function writeCountry(tables: CountryTables, files: CountryFiles): Promise<void> {
  const { country, levels } = tables;
  const { writer, whole, keyValues, info, take } = files;
  const schemas = tablesOf(info.identity.api_version);
  for (const [table, columns] of levels) {
    const rows = encodeRows(schemas[table], columns, keyValues);
    try {
      await writeLevel(rows, { ...files, country, whole: whole.get(table) as WholeTable });
    } finally {
      rows.parquet.free();
    }
  }
  if (levels.size > 0) await writer.add((await take(countryXlsx(country))) ?? countryWorkbook(tables, info));
}

/** Writes Parquet and CSV of one level, and appends its rows to the whole table. */
async function writeLevel(
  rows: EncodedRows,
  {
    writer,
    take,
    country,
    whole,
  }: Pick<CountryFiles, 'writer' | 'take'> & { country: string; whole: WholeTable },
): Promise<void> {
  const table = rows.schema.name as LevelTable;
  const csv = await take(countryCsv(table, country));
  // The rows are compressed in another thread, while the Parquet file is built.
  const compressing = takeBlock(csv, whole) ?? deflateBlock(rows.csv.text);
  await writer.add((await take(countryParquet(table, country))) ?? countryParquetFile(rows, country));
  const block = await compressing;
  await writer.add(csv ?? countryCsvFile(rows, country, [whole.header, { text: rows.csv.text, block }]));
  await whole.append(rows, block);
}

/** The compressed rows of a CSV file that was taken. */
const takeBlock = (csv: BuiltFile | null, { header }: WholeTable): Uint8Array | null =>
  csv && blocksAfter(csv.body, header.block);
