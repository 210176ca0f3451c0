// Reads rows of a published release: the rows of one country, to carry or keep a unit, whole tables, and change logs.
import { readParquet } from '../format/parquet.ts';
import { changesParquet } from '../make/changes/change-files.ts';
import { sha256 } from '../release/digest.ts';
import { countryParquet, releaseKey, wholeParquet } from '../release/layout.ts';
import { DamagedFileError, type Manifest, type ManifestPart } from '../release/manifest.ts';
import type { Store } from '../store/store.ts';
import { changesSchema } from '../table/changes.ts';
import { type Columns, createColumn, stringColumn, take, valueAt } from '../table/columns.ts';
import type { ColumnSchema } from '../table/definitions.ts';
import {
  LEVEL_TABLES,
  type LevelTable,
  type TableName,
  type TableSchema,
  tablesOf,
} from '../table/schema.ts';
import { readListedFile } from './bounded-read.ts';

/** The rows of one level of one country. @throws {DamagedFileError} if the file is missing or has another hash */
export const readCountryRows = (
  store: Store,
  manifest: Manifest,
  { schema, country }: { schema: TableSchema; country: string },
): Promise<Columns> =>
  readRows(store, manifest, {
    path: countryParquet(schema.name as LevelTable, country),
    table: schema.name,
    columns: schema.columns,
  });

/** The rows of a country in these level tables. A level without rows has no entry. @throws {DamagedFileError} */
export async function readLevelRows(
  store: Store,
  manifest: Manifest,
  country: string,
  tables: readonly LevelTable[] = LEVEL_TABLES,
): Promise<ReadonlyMap<LevelTable, Columns>> {
  const schemas = tablesOf(manifest.api_version);
  const paths = new Set(manifest.files.map(({ path }) => path));
  const levels = new Map<LevelTable, Columns>();
  for (const table of tables)
    if (paths.has(countryParquet(table, country)))
      levels.set(table, await readCountryRows(store, manifest, { schema: schemas[table], country }));
  return levels;
}

/** Reads a table of one release. */
export type TableReader = (table: TableName) => Promise<Columns>;

/**
 * A reader for the whole tables of a published release. Each table is read when it is requested.
 * @throws {DamagedFileError} if a table's file is missing or has another hash; {StoreError}
 */
export const createTableReader =
  (store: Store, manifest: Manifest): TableReader =>
  (table) =>
    readRows(store, manifest, {
      path: wholeParquet(table),
      table,
      columns: tablesOf(manifest.api_version)[table].columns,
    });

/** The snapshots of each country, by the order of the codes. The table is sorted by level first. @throws {DamagedFileError} */
export async function readSnapshotsByCountry(
  store: Store,
  manifest: Manifest,
): Promise<ReadonlyMap<string, Columns>> {
  const snapshots = await createTableReader(store, manifest)('snapshots');
  const pcodes = stringColumn(snapshots, 'admin0_pcode');
  const rows = Map.groupBy(Array(snapshots.length).keys(), (row) => valueAt(pcodes, row) as string);
  const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(sorted.map(([country, indexes]) => [country, take(snapshots, Uint32Array.from(indexes))]));
}

/** The change log of one level table of a release. @throws {DamagedFileError} if the file is missing or has another hash; {StoreError} */
export const readChangeLog = (store: Store, part: ManifestPart, schema: TableSchema): Promise<Columns> =>
  readRows(store, part, {
    path: changesParquet(schema.name as LevelTable),
    table: schema.name,
    columns: changesSchema(schema),
  });

/** `columns` of a log have `old_` and `new_` before the names of the columns in its table. */
async function readRows(
  store: Store,
  { release, files, tables }: ManifestPart,
  { path, table, columns }: { path: string; table: string; columns: readonly ColumnSchema[] },
): Promise<Columns> {
  const key = releaseKey(release, path);
  const entry = files.find((file) => file.path === path);
  if (!entry) throw new DamagedFileError(key, 'the manifest does not list it');
  const body = await readListedFile(store, release, entry);
  if (!body) throw new DamagedFileError(key, 'missing');
  const hash = sha256(body);
  if (hash !== entry.sha256)
    throw new DamagedFileError(key, `expected SHA-256 ${entry.sha256}, found ${hash}`);
  const published = new Set(tables.find(({ name }) => name === table)?.columns.map(({ name }) => name));
  const isNew = ({ name, nullable }: ColumnSchema): boolean =>
    nullable && !published.has(name.replace(/^(old|new)_/, ''));
  try {
    const rows = readParquet(
      columns.filter((column) => !isNew(column)),
      body,
    );
    return withNulls(rows, columns.filter(isNew));
  } catch (cause) {
    throw new DamagedFileError(key, (cause as Error).message);
  }
}

/** A release of an older minor version of the schema lacks nullable columns: they are null in its rows. */
const withNulls = ({ length, byName }: Columns, missing: readonly ColumnSchema[]): Columns => ({
  length,
  byName: new Map([
    ...byName,
    ...missing.map(({ name, type }) => [name, createColumn(type, Array(length).fill(null))] as const),
  ]),
});
