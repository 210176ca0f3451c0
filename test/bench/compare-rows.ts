// Outputs that should be equal are, as DuckDB reads them: neither side has a row that the other lacks. It takes memory,
// so it is done in a process of its own.
import { join } from 'node:path';
import type { ManifestFile } from '../../lib/release/manifest.ts';
import { LEVEL_TABLES, TABLES, tablesOf } from '../../lib/table/schema.ts';
import { duckdb, readCsv } from '../setting.ts';
import type { Release } from './exports.ts';
import { fresh } from './run-process.ts';

/** Two queries that must give the same rows. */
export interface Pair {
  readonly name: string;
  readonly one: string;
  readonly other: string;
}

/** Outputs that should be equal are not. */
export class UnequalOutputsError extends Error {
  override readonly name = 'UnequalOutputsError';
}

const SCHEMAS = tablesOf('v3');
const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');
const parquet = (path: string): string => `read_parquet('${path}', hive_partitioning = false)`;

/** Each whole table of a release, Parquet and CSV. */
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

/** Each level's country files together, and its whole table. */
export const countryPairs = ({ folder }: Release): Pair[] =>
  LEVEL_TABLES.flatMap((table) => {
    const names = quoted(SCHEMAS[table].columns.map((column) => column.name));
    const pair = (format: string, part: string, whole: string) => ({
      name: `${table}, ${format} of the countries and of all in ${folder}`,
      one: `SELECT ${names} FROM ${part}`,
      other: `SELECT ${names} FROM ${whole}`,
    });
    const below = (path: string) => join(folder, path);
    return [
      pair(
        'Parquet',
        parquet(below(`parquet/${table}/*/*.parquet`)),
        parquet(below(`tables/${table}/${table}.parquet`)),
      ),
      pair('CSV', readCsv(below(`csv/${table}/*/*.csv.gz`)), readCsv(below(`csv/${table}.csv.gz`))),
    ];
  });

/** Each level as the Python script wrote it, and ours, in the columns that both have. */
export const scriptPairs = (script: string, { folder }: Release): Pair[] =>
  LEVEL_TABLES.map((table) => {
    // v3 sends no row number at admin0, and the rest of our columns are made by the exporter.
    const sent = SCHEMAS[table].columns.filter(
      ({ field }) => field && !(table === 'admin0' && field === 'id'),
    );
    const theirs = sent.map(({ field, type, unavailable }) => {
      if (type === 'date') return `CAST("${field}"[:10] AS DATE)`;
      if (type === 'int32') return `CAST("${field}" AS INTEGER)`;
      return unavailable ? `nullif(nullif("${field}", 'Not available'), '')` : `"${field}"`;
    });
    return {
      name: `${table} by the Python script and by us`,
      one: `SELECT ${theirs.join(', ')} FROM ${parquet(join(script, `${table}.parquet`))}`,
      other: `SELECT ${quoted(sent.map(({ name }) => name))} FROM ${parquet(join(folder, `tables/${table}/${table}.parquet`))}`,
    };
  });

/** Refuses two releases whose files of a format are not the same bytes. @throws {UnequalOutputsError} */
export function refuseOtherFiles(format: ManifestFile['format'], one: Release, other: Release): void {
  const files = ({ manifest }: Release) =>
    new Map(
      manifest.files.filter((file) => file.format === format).map(({ path, sha256 }) => [path, sha256]),
    );
  const [ones, others] = [files(one), files(other)];
  for (const path of new Set([...ones.keys(), ...others.keys()]))
    if (ones.get(path) !== others.get(path))
      throw new UnequalOutputsError(`${path} is not the same in ${one.folder} and ${other.folder}`);
}

/** Compares all pairs in a process of its own. @throws {UnequalOutputsError} naming the first that differs */
export async function refuseUnequal(pairs: readonly Pair[]): Promise<void> {
  const words = [import.meta.filename, JSON.stringify(pairs)];
  const { said } = await fresh({ name: 'comparing outputs', words });
  if (said !== '') throw new UnequalOutputsError(said);
}

/** Says where a pair differs, or nothing. */
export async function difference({ name, one, other }: Pair): Promise<string> {
  const [found] = await duckdb(
    `SELECT (SELECT count(*) FROM (${one})) AS rows,
      (SELECT count(*) FROM ((${one}) EXCEPT ALL (${other}))) AS more,
      (SELECT count(*) FROM ((${other}) EXCEPT ALL (${one}))) AS less`,
  );
  const [rows, more, less] = [Number(found?.rows), Number(found?.more), Number(found?.less)];
  if (rows > 0 && more === 0 && less === 0) return '';
  return `${name} are not equal: of ${rows} rows ${more} are only in the first, ${less} only in the second`;
}

if (import.meta.main)
  for (const pair of JSON.parse(process.argv[2] ?? '[]') as Pair[]) {
    const said = await difference(pair);
    if (said === '') continue;
    process.stdout.write(said);
    break;
  }
