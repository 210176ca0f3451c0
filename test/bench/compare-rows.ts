// Checks with DuckDB that two outputs have the same rows. It runs in a separate process, because it needs much memory.
import { join } from 'node:path';
import type { ManifestFile } from '../../lib/release/manifest.ts';
import { LEVEL_TABLES, TABLES, tablesOf } from '../../lib/table/schema.ts';
import { duckdb, readCsv } from '../setting.ts';
import type { Release } from './exports.ts';
import { runProcess } from './run-process.ts';

/** Two queries that must give the same rows. */
export interface Pair {
  readonly name: string;
  readonly one: string;
  readonly other: string;
}

/** Two outputs that must be equal differ. */
export class UnequalOutputsError extends Error {
  override readonly name = 'UnequalOutputsError';
}

const SCHEMAS = tablesOf('v3');
const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');
const parquet = (path: string): string => `read_parquet('${path}', hive_partitioning = false)`;

/** Pairs Parquet and CSV of each whole table of a release. */
export const tablePairs = ({ folder }: Release): Pair[] =>
  TABLES.map((table) => {
    const names = SCHEMAS[table].columns.map((column) => column.name);
    const texts = names.map((column) => `CAST("${column}" AS VARCHAR)`).join(', ');
    return {
      name: `${table}, Parquet and CSV in ${folder}`,
      one: `SELECT ${texts} FROM ${parquet(join(folder, `tables/${table}/${table}.parquet`))}`,
      other: `SELECT ${quoted(names)} FROM ${readCsv(join(folder, `csv/${table}.csv.gz`))}`,
    };
  });

/** Pairs all country files of a level with its whole table. */
export const countryPairs = ({ folder }: Release): Pair[] =>
  LEVEL_TABLES.flatMap((table) => {
    const names = quoted(SCHEMAS[table].columns.map((column) => column.name));
    const pair = (format: string, part: string, whole: string) => ({
      name: `${table}, ${format} of the countries and of all in ${folder}`,
      one: `SELECT ${names} FROM ${part}`,
      other: `SELECT ${names} FROM ${whole}`,
    });
    const inRelease = (path: string) => join(folder, path);
    return [
      pair(
        'Parquet',
        parquet(inRelease(`parquet/${table}/*/*.parquet`)),
        parquet(inRelease(`tables/${table}/${table}.parquet`)),
      ),
      pair('CSV', readCsv(inRelease(`csv/${table}/*/*.csv.gz`)), readCsv(inRelease(`csv/${table}.csv.gz`))),
    ];
  });

/** Pairs each level of the Python script with ours, in the columns that both have. */
export const scriptPairs = (script: string, { folder }: Release): Pair[] =>
  LEVEL_TABLES.map((table) => {
    // v3 sends no row number at admin0. The other omitted columns are computed by the exporter.
    const sent = SCHEMAS[table].columns.filter(
      ({ field }) => field && !(table === 'admin0' && field === 'id'),
    );
    const scriptColumns = sent.map(({ field, type, unavailable }) => {
      if (type === 'date') return `CAST("${field}"[:10] AS DATE)`;
      if (type === 'int32') return `CAST("${field}" AS INTEGER)`;
      return unavailable ? `nullif(nullif("${field}", 'Not available'), '')` : `"${field}"`;
    });
    return {
      name: `${table} by the Python script and by us`,
      one: `SELECT ${scriptColumns.join(', ')} FROM ${parquet(join(script, `${table}.parquet`))}`,
      other: `SELECT ${quoted(sent.map(({ name }) => name))} FROM ${parquet(join(folder, `tables/${table}/${table}.parquet`))}`,
    };
  });

/** Checks that two releases have the same files of a format. @throws {UnequalOutputsError} */
export function checkSameFiles(format: ManifestFile['format'], one: Release, other: Release): void {
  const files = ({ manifest }: Release) =>
    new Map(
      manifest.files.filter((file) => file.format === format).map(({ path, sha256 }) => [path, sha256]),
    );
  const [filesOfOne, filesOfOther] = [files(one), files(other)];
  for (const path of new Set([...filesOfOne.keys(), ...filesOfOther.keys()]))
    if (filesOfOne.get(path) !== filesOfOther.get(path))
      throw new UnequalOutputsError(`${path} is not the same in ${one.folder} and ${other.folder}`);
}

/** Compares all pairs in a separate process. @throws {UnequalOutputsError} for the first pair that differs */
export async function checkEqualRows(pairs: readonly Pair[]): Promise<void> {
  const args = [import.meta.filename, JSON.stringify(pairs)];
  const { stdout } = await runProcess({ name: 'comparing outputs', args });
  if (stdout !== '') throw new UnequalOutputsError(stdout);
}

/** Describes how a pair differs; '' if it does not. */
export async function difference({ name, one, other }: Pair): Promise<string> {
  const [counts] = await duckdb(
    `SELECT (SELECT count(*) FROM (${one})) AS rows,
      (SELECT count(*) FROM ((${one}) EXCEPT ALL (${other}))) AS more,
      (SELECT count(*) FROM ((${other}) EXCEPT ALL (${one}))) AS less`,
  );
  const [rows, more, less] = [Number(counts?.rows), Number(counts?.more), Number(counts?.less)];
  if (rows > 0 && more === 0 && less === 0) return '';
  return `${name} are not equal: of ${rows} rows ${more} are only in the first, ${less} only in the second`;
}

if (import.meta.main)
  for (const pair of JSON.parse(process.argv[2] ?? '[]') as Pair[]) {
    const text = await difference(pair);
    if (text === '') continue;
    process.stdout.write(text);
    break;
  }
