// Checks one file against its manifest entry, with published information only. The audit uses it before publication,
// `verify` after.
import { createCsvCounter, readCsvHeader } from '../format/csv.ts';
import { inflate } from '../format/inflate.ts';
import { describeColumn, type Footer, readFooter } from '../format/parquet-footer.ts';
import { countXlsxRows } from '../format/xlsx/count-rows.ts';
import { isLevelSheet, isSheetOf } from '../make/workbooks.ts';
import { sha256 } from '../release/digest.ts';
import type { Manifest, ManifestFile } from '../release/manifest.ts';

/** A table as CSV has some tens of MB. More than 4 GiB is a decompression bomb. */
const MAX_CSV_BYTES = 2 ** 32;

type ManifestColumn = Manifest['tables'][number]['columns'][number];

/** The result of a check: the problems as messages, and the footer of a Parquet file. */
export interface FileCheck {
  readonly problems: readonly string[];
  readonly footer: Footer | null;
}

const problemsOnly = (...problems: string[]): FileCheck => ({ problems, footer: null });

/** Compares size, SHA-256 and rows of a file with its manifest entry, and its columns with its table. */
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
  // The manifest does not give the columns of the tables of changes.
  if (entry.table !== null && expected !== found)
    problems.push(`${entry.path}: expected columns ${expected}; its footer says ${found}`);
  return { problems, footer };
}

async function checkCsv(
  entry: ManifestFile,
  body: Uint8Array,
  columns: readonly ManifestColumn[],
): Promise<FileCheck> {
  const counter = createCsvCounter();
  let header: string | null = null;
  try {
    for await (const chunk of inflate(body, { maxBytes: MAX_CSV_BYTES })) {
      header ??= readCsvHeader(chunk);
      counter.add(chunk);
    }
  } catch (error) {
    return problemsOnly(`${entry.path}: not gzip (${(error as Error).message})`);
  }
  const problems = [];
  const expected = columns.map(({ name }) => name).join(',');
  if (header !== expected) problems.push(`${entry.path}: expected the header ${expected}`);
  const rows = counter.rows();
  if (rows !== entry.rows) problems.push(`${entry.path}: expected ${entry.rows} rows, found ${rows}`);
  return { problems, footer: null };
}

/**
 * Counts the rows of a workbook without headers: in the sheets of its table, or in all level sheets if it has no table.
 * The cells need no check, because the SHA-256 is right.
 */
async function checkXlsx(entry: ManifestFile, body: Uint8Array): Promise<FileCheck> {
  const { table } = entry;
  const isCounted = table === null ? isLevelSheet : (sheet: string) => isSheetOf(table, sheet);
  let rows = 0;
  try {
    for (const [sheet, found] of await countXlsxRows(body)) if (isCounted(sheet)) rows += found - 1;
  } catch (error) {
    return problemsOnly(`${entry.path}: not an Excel workbook (${(error as Error).message})`);
  }
  return rows === entry.rows
    ? problemsOnly()
    : problemsOnly(`${entry.path}: expected ${entry.rows} rows, found ${rows}`);
}
