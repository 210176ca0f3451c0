// Builds the tables of a release, sorted and complete, and the hashes of their content. The result depends only on the
// staged units and the two lists.
import { createHash } from 'node:crypto';
import type { ApiVersion, Level } from '../dtm/endpoints.ts';
import { createCsvRenderer, csvHeader } from '../format/csv.ts';
import { sha256 } from '../release/digest.ts';
import { type Columns, concat, createColumn, stringColumn, valueAt } from '../table/columns.ts';
import { type CompleteLevel, completeLevel, type ListedOperation } from '../table/complete.ts';
import type { ColumnSchema } from '../table/definitions.ts';
import { apiColumns } from '../table/ingest.ts';
import { LEVEL_TABLES, TABLES, type TableName, type TableSchema, tablesOf } from '../table/schema.ts';
import { snapshotsTable } from '../table/snapshots.ts';
import { groupStarts, sortColumns } from '../table/sort.ts';

/** An entry of the API's country list. */
export interface ListedCountry {
  readonly admin0Name: string;
  readonly admin0Pcode: string;
}

/** Input of a dataset: the staged rows of each level's units, and the API's lists. */
export interface DatasetInput {
  readonly apiVersion: ApiVersion;
  readonly staged: Readonly<Record<Level, readonly Columns[]>>;
  readonly countries: readonly ListedCountry[];
  readonly operations: readonly ListedOperation[];
}

/** A country's rows in a level's table, from `start` to `end` (exclusive). */
export interface CountryRange {
  readonly country: string;
  readonly start: number;
  readonly end: number;
}

export interface DatasetTable {
  readonly schema: TableSchema;
  readonly columns: Columns;
  /** Empty for tables that have no country files. */
  readonly countries: readonly CountryRange[];
}

export interface Dataset {
  readonly tables: Readonly<Record<TableName, DatasetTable>>;
  /** Hash of each table; `all` is the hash over these hashes. */
  readonly contentSha256: Readonly<Record<TableName | 'all', string>>;
}

/** Builds all tables of a release. */
export function buildDataset({ apiVersion, staged, countries, operations }: DatasetInput): Dataset {
  const schemas = tablesOf(apiVersion);
  const levels = LEVEL_TABLES.map((table, level) => {
    const apiRows = concat(apiColumns(schemas[table]), staged[level as Level]);
    return completeLevel(schemas[table], apiRows, operations);
  });
  const buildList = (table: 'countries' | 'operations', rows: readonly object[]): Columns =>
    sortColumns(columnsFromList(schemas[table], rows as readonly ListedRow[]), schemas[table].sortBy);
  const columns: Record<TableName, Columns> = {
    admin0: (levels[0] as CompleteLevel).columns,
    admin1: (levels[1] as CompleteLevel).columns,
    admin2: (levels[2] as CompleteLevel).columns,
    snapshots: snapshotsTable(schemas.snapshots, levels),
    countries: buildList('countries', countries),
    operations: buildList('operations', operations),
  };
  const tables = Object.fromEntries(
    TABLES.map((table) => [table, createDatasetTable(schemas[table], columns[table])]),
  ) as Record<TableName, DatasetTable>;
  return { tables, contentSha256: contentHashes(tables) };
}

/** A row of a list: its API fields by name. */
type ListedRow = Readonly<Record<string, string | null>>;

function columnsFromList({ columns }: TableSchema, rows: readonly ListedRow[]): Columns {
  const column = ({ name, type, field }: ColumnSchema) => {
    const values = rows.map((row) => row[field as string] ?? null);
    return [name, createColumn(type, values)] as const;
  };
  return { length: rows.length, byName: new Map(columns.map(column)) };
}

function createDatasetTable(schema: TableSchema, columns: Columns): DatasetTable {
  if (!schema.name.startsWith('admin')) return { schema, columns, countries: [] };
  const starts = groupStarts(columns, ['admin0_pcode']);
  const pcodes = stringColumn(columns, 'admin0_pcode');
  const countries = starts.map((start, index) => ({
    country: valueAt(pcodes, start) as string,
    start,
    end: starts[index + 1] ?? columns.length,
  }));
  return { schema, columns, countries };
}

/** Rows that are rendered at once. This limits the text in memory. */
const ROWS_PER_BLOCK = 20_000;

/** SHA-256 of the table's uncompressed CSV, which readers can compute too. `id` is left out: the API reassigns ids. */
export function contentSha256({ schema, columns }: DatasetTable): string {
  const stable = schema.columns.filter(({ name }) => name !== 'id');
  const rows = createCsvRenderer(stable, columns);
  const hash = createHash('sha256').update(csvHeader(stable));
  for (let start = 0; start < columns.length; start += ROWS_PER_BLOCK)
    hash.update(rows(start, Math.min(start + ROWS_PER_BLOCK, columns.length)));
  return hash.digest('hex');
}

function contentHashes(tables: Record<TableName, DatasetTable>): Record<TableName | 'all', string> {
  const hashes = TABLES.map((table) => [table, contentSha256(tables[table])] as const);
  const all = sha256(hashes.map(([table, hash]) => `${hash}  ${table}\n`).join(''));
  return Object.fromEntries([...hashes, ['all', all]]) as Record<TableName | 'all', string>;
}
