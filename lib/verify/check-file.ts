// One file against its manifest entry, as a stranger can check it: used by the audit before a release is published
// and by `verify` ever after.

import { isLevelSheet, isSheetOf } from '../build/workbooks.ts';
import { unpack } from '../dtm/http/unpack.ts';
import { countCsvRows, readCsvHeader } from '../format/csv.ts';
import { describeColumn, type Footer, readFooter } from '../format/parquet-footer.ts';
import { countXlsxRows } from '../format/xlsx/count-rows.ts';
import { sha256 } from '../release/digest.ts';
import type { Manifest, ManifestFile } from '../release/manifest.ts';

/** A table's text is some tens of MB: more than 1 GiB is a bomb. */
const MAX_CSV_BYTES = 1 << 30;

type ManifestColumn = Manifest['tables'][number]['columns'][number];

/** What was found in a file: its problems in words, and a Parquet file's footer. */
export interface FileCheck {
  readonly problems: readonly string[];
  readonly footer: Footer | null;
}

const problemsOnly = (...problems: string[]): FileCheck => ({ problems, footer: null });

/** Compares a file's bytes with its manifest entry, and its rows and columns with its table's. */
export async function checkFile(
  entry: ManifestFile,
  body: Uint8Array | null,
  manifest: Pick<Manifest, 'tables'>,
): Promise<FileCheck> {
  if (body === null) return problemsOnly(`${entry.path}: missing`);
  if (body.length !== entry.bytes)
    return problemsOnly(`${entry.path}: expected ${entry.bytes} bytes, found ${body.length}`);
  const found = sha256(body);
  if (found !== entry.sha256)
    return problemsOnly(`${entry.path}: expected SHA-256 ${entry.sha256}, found ${found}`);
  const columns = manifest.tables.find(({ name }) => name === entry.table)?.columns ?? [];
  if (entry.format === 'parquet') return checkParquet(entry, body, columns);
  if (entry.format === 'xlsx') return checkXlsx(entry, body);
  return entry.format === 'csv' ? checkCsv(entry, body, columns) : problemsOnly();
}

async function checkParquet(
  entry: ManifestFile,
  body: Uint8Array,
  columns: readonly ManifestColumn[],
): Promise<FileCheck> {
  let footer: Footer;
  try {
    footer = await readFooter(body);
  } catch (error) {
    return problemsOnly(`${entry.path}: not a Parquet file (${(error as Error).message})`);
  }
  const problems = [];
  if (footer.rows !== entry.rows)
    problems.push(`${entry.path}: expected ${entry.rows} rows, its footer says ${footer.rows}`);
  const [expected, found] = [columns, footer.columns].map((list) => list.map(describeColumn).join(', '));
  // A table of changes is none of the dataset's: what its columns are is its own.
  if (entry.table !== null && expected !== found)
    problems.push(`${entry.path}: expected columns ${expected}; its footer says ${found}`);
  return { problems, footer };
}

function checkCsv(entry: ManifestFile, body: Uint8Array, columns: readonly ManifestColumn[]): FileCheck {
  let text: Uint8Array;
  try {
    text = unpack(body, MAX_CSV_BYTES);
  } catch (error) {
    return problemsOnly(`${entry.path}: not gzip (${(error as Error).message})`);
  }
  const problems = [];
  const header = columns.map(({ name }) => name).join(',');
  if (readCsvHeader(text) !== header) problems.push(`${entry.path}: expected the header ${header}`);
  const rows = countCsvRows(text);
  if (rows !== entry.rows) problems.push(`${entry.path}: expected ${entry.rows} rows, found ${rows}`);
  return { problems, footer: null };
}

/**
 * Its rows are those of its table's sheets, or of the level sheets where it is no table's, without their headers; its
 * bytes are what they were by their SHA-256.
 */
function checkXlsx(entry: ManifestFile, body: Uint8Array): FileCheck {
  const { table } = entry;
  const isCounted = table === null ? isLevelSheet : (sheet: string) => isSheetOf(table, sheet);
  let rows = 0;
  try {
    for (const [sheet, found] of countXlsxRows(body)) if (isCounted(sheet)) rows += found - 1;
  } catch (error) {
    return problemsOnly(`${entry.path}: not an Excel workbook (${(error as Error).message})`);
  }
  return rows === entry.rows
    ? problemsOnly()
    : problemsOnly(`${entry.path}: expected ${entry.rows} rows, found ${rows}`);
}
