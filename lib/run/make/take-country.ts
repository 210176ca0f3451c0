// Takes the files of an unchanged country from the current release, without reading its rows.
import { createFileTaker, type FileTaker } from '../../catalogue/published-files.ts';
import { readSnapshotsByCountry } from '../../catalogue/published-rows.ts';
import { unpack } from '../../dtm/http/unpack.ts';
import { blocksAfter } from '../../format/gzip.ts';
import { csvHeaderPart, type TablePart } from '../../make/country-files.ts';
import { countryCsv, countryParquet, countryXlsx } from '../../release/layout.ts';
import { type Manifest, nullIfDamaged } from '../../release/manifest.ts';
import type { Store } from '../../store/store.ts';
import { LEVEL_TABLES, type LevelTable, type TableSchema, tablesOf } from '../../table/schema.ts';
import type { ReleaseCountry } from './build-country.ts';
import { readCountrySummary, type TableSummary } from './country-summary.ts';

/** Takes a country; null if a file of it is damaged, or if nothing is kept of it: then it must be built. */
export type CountryTaker = (country: string) => Promise<ReleaseCountry | null>;

/** Creates a function that takes countries from a release; `today` is the day of the next release's claim. */
export async function createCountryTaker(
  store: Store,
  current: Manifest,
  today: number,
): Promise<CountryTaker> {
  const takeFile = createFileTaker(store, current);
  const listed = new Set(current.files.map(({ path }) => path));
  const snapshots = await nullIfDamaged(readSnapshotsByCountry(store, current));
  const schemas = tablesOf(current.api_version);
  return async (country) => {
    const summary = await readCountrySummary(store, { run: current.run, country });
    if (!summary || summary.lastDay === null || summary.lastDay > today) return null;
    const parts = new Map<LevelTable, TablePart>();
    for (const table of LEVEL_TABLES.filter((name) => listed.has(countryParquet(name, country)))) {
      const part = await takePart(takeFile, schemas[table], { country, summary: summary.tables[table] });
      if (!part) return null;
      parts.set(table, part);
    }
    const workbook = await takeFile(countryXlsx(country));
    const rows = snapshots?.get(country);
    return workbook && rows ? { parts, workbook, snapshots: rows, summary } : null;
  };
}

/** Takes the Parquet and CSV file of one table. Null if one of them is damaged. */
async function takePart(
  takeFile: FileTaker,
  schema: TableSchema,
  { country, summary }: { country: string; summary: TableSummary | undefined },
): Promise<TablePart | null> {
  const table = schema.name as LevelTable;
  const parquet = await takeFile(countryParquet(table, country));
  const csv = await takeFile(countryCsv(table, country));
  const header = await csvHeaderPart(schema);
  const block = csv && blocksAfter(csv.body, header.block);
  if (!summary || !parquet || !csv || !block) return null;
  const text = unpack(csv.body, MAX_TEXT_BYTES).subarray(header.text.length);
  const { statistics } = summary;
  return { rows: parquet.entry.rows ?? 0, statistics, parquet, csv, lines: { text, block } };
}

/** A country has some MB of text. */
const MAX_TEXT_BYTES = 2 ** 31;
