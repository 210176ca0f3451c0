// The order of data files in the manifest: whole Parquet tables, Parquet files of countries, CSV, then workbooks. Within
// each, by table and country; the file of all countries comes last.
import type { ManifestFile } from '../release/manifest.ts';
import { TABLES } from '../table/schema.ts';

/** A file with its manifest entry. */
interface WithEntry {
  readonly entry: ManifestFile;
}

/** Compares two data files or workbooks by their places in the manifest. */
export function compareDataFiles({ entry: a }: WithEntry, { entry: b }: WithEntry): number {
  return groupOf(a) - groupOf(b) || tableOf(a) - tableOf(b) || compareText(countryOf(a), countryOf(b));
}

function groupOf({ format, country }: ManifestFile): number {
  if (format === 'parquet') return country === null ? 0 : 1;
  return format === 'csv' ? 2 : 3;
}

/** A workbook of a country has no table. */
const tableOf = ({ table }: ManifestFile): number => (TABLES as readonly (string | null)[]).indexOf(table);

/** Sorts after every code. */
const ALL_COUNTRIES = '~';

const countryOf = ({ country }: ManifestFile): string => country ?? ALL_COUNTRIES;

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
