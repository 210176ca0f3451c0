// `sql/duckdb.sql`: loads the tables of one release and creates views of them. DuckDB reads a variable at each query, so a
// view with a path in a variable would change when another release is loaded. The script therefore loads the rows into
// tables, which also stay in a database file.
import { wholeParquet } from '../../release/layout.ts';
import type { ColumnType } from '../../table/definitions.ts';
import { TABLES, type TableName, type TableSchema, tablesOf } from '../../table/schema.ts';
import { type MetadataInput, releaseUrl } from './describe.ts';
import { quoteSql, sqlHeader } from './sql-text.ts';
import { type View, viewsOf } from './views.ts';

/**
 * The oldest DuckDB that reads all published files. Before 1.2.0, a view looks for its tables in the current schema
 * instead of its own. 1.2.0 and 1.2.1 cannot read a CSV file whose first doubled quote comes late.
 */
export const OLDEST_DUCKDB = '1.2.2';

/** All statements, each followed by `;` and a blank line. */
export function duckdbSql(input: MetadataInput): string {
  const schemas = tablesOf(input.api_version);
  const tables = TABLES.map((table) => schemas[table]);
  const url = releaseUrl(input);
  const statements = [
    VERSION_CHECK,
    `SET VARIABLE base = rtrim(coalesce(getvariable('base'), ${quoteSql(url ?? '')}), '/')`,
    ...tables.map(emptyTable),
    ...tables.flatMap(tableView),
    ...viewsOf(input.api_version, quoteName).flatMap(createView),
    ...tables.flatMap((table) => loadTable(table, input)),
    ...['base', 'dtm_file', 'dtm_query'].map((name) => `RESET VARIABLE ${name}`),
    loadedTables(input),
  ];
  return `${header(input, url)}\n\n${statements.map((statement) => `${statement};\n`).join('\n')}`;
}

const header = (input: MetadataInput, url: string | null): string =>
  sqlHeader(input, [
    `Needs DuckDB ${OLDEST_DUCKDB} or newer. Loads this release into the schema in use. What is loaded stays this release: load another one into another schema, and compare.`,
    ...(url === null
      ? ['From the folder of the release: duckdb -init sql/duckdb.sql']
      : [
          `Reads ${url} over https. From a copy: SET VARIABLE base to its folder first, which may be . (a dot).`,
        ]),
    'From elsewhere: SET VARIABLE base to the release’s folder, https address or S3 address, then read this file.',
    'A copy for good, with tables, comments and views, which others may ATTACH read-only: duckdb dtm.duckdb -init sql/duckdb.sql -c .quit',
    'A table that was not downloaded is skipped: its views say so when they are asked.',
  ]);

const VERSION_CHECK = `SET VARIABLE dtm_query = CASE WHEN CAST(string_split(ltrim(version(), 'v'), '.')[1:3] AS INTEGER[]) < [${OLDEST_DUCKDB.split('.').join(', ')}]
  THEN error('this file needs DuckDB ${OLDEST_DUCKDB} or newer, this is ' || version()) END`;

const quoteName = (name: string): string => `"${name}"`;
const loadedTable = (table: TableName): string => `"loaded_${table}"`;

const TYPES: Record<ColumnType, string> = {
  string: 'VARCHAR',
  int32: 'INTEGER',
  int64: 'BIGINT',
  date: 'DATE',
  boolean: 'BOOLEAN',
};

/** A table without rows, so that views can be created before the script knows whether the file exists. */
const emptyTable = ({ name, columns }: TableSchema): string =>
  `CREATE OR REPLACE TABLE ${loadedTable(name)} (${columns.map((column) => `"${column.name}" ${TYPES[column.type]}`).join(', ')})`;

/** The view names its columns. If the table was not loaded, they do not exist, and a query fails and says why. */
const tableView = ({ name, description, columns }: TableSchema): string[] => [
  `CREATE OR REPLACE VIEW "${name}" AS\nSELECT ${columns.map((column) => quoteName(column.name)).join(', ')} FROM ${loadedTable(name)}`,
  `COMMENT ON VIEW "${name}" IS ${quoteSql(description)}`,
  ...columns.map(
    (column) => `COMMENT ON COLUMN "${name}"."${column.name}" IS ${quoteSql(column.description)}`,
  ),
];

const createView = ({ name, description, query }: View): string[] => [
  `CREATE OR REPLACE VIEW "${name}" AS\n${query}`,
  `COMMENT ON VIEW "${name}" IS ${quoteSql(description)}`,
];

/**
 * Loads a table's file if it has as many rows as in this release, because `base` may point to another release. If the
 * file is missing or fails to load, the table has one column whose name says so. An empty table would mean: no people.
 */
function loadTable({ name }: TableSchema, { release, tables }: MetadataInput): string[] {
  const path = wholeParquet(name);
  const rows = tables.find((table) => table.name === name)?.rows ?? 0;
  const wrongRelease = `"base" names another release: ${name} has other than the ${rows} rows of ${release} there`;
  return [
    `CREATE OR REPLACE TABLE ${loadedTable(name)} AS SELECT NULL AS "${name} was not loaded" LIMIT 0`,
    `SET VARIABLE dtm_file = (SELECT max(file) FROM glob(CASE getvariable('base') WHEN '' THEN '${path}' ELSE getvariable('base') || '/${path}' END))`,
    `SET VARIABLE dtm_query = CASE WHEN getvariable('dtm_file') IS NULL
  THEN 'SELECT NULL AS "${name} is not in this copy of the release" LIMIT 0'
  ELSE replace('SELECT * FROM read_parquet(FILE, hive_partitioning = false)
    WHERE (SELECT CASE WHEN count(*) = ${rows} THEN true ELSE error(''${wrongRelease}'') END FROM read_parquet(FILE))',
    'FILE', '''' || replace(getvariable('dtm_file'), '''', '''''') || '''') END`,
    `CREATE OR REPLACE TABLE ${loadedTable(name)} AS FROM query(getvariable('dtm_query'))`,
    `COMMENT ON TABLE ${loadedTable(name)} IS 'The rows of the view ${name}.'`,
  ];
}

/** The last query: it lists for each table whether it was loaded. */
function loadedTables({ release, tables }: MetadataInput): string {
  const counts = tables.map(
    ({ name, rows }) =>
      `SELECT '${name}' AS "table", (SELECT count(*) FROM ${loadedTable(name as TableName)}) AS "rows", ${rows} AS "expected"`,
  );
  if (counts.length === 0) return `SELECT '${release}' AS "release"`;
  return `SELECT '${release}' AS "release", "table", "rows", CASE WHEN "rows" = "expected" THEN 'loaded' ELSE 'not in this copy' END AS "state"
FROM (
  ${counts.join('\n  UNION ALL ')}
) AS "counted"`;
}
