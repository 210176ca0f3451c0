// `sql/athena.sql`: creates a database for the release, tables over its Parquet files, and views. Athena wants HiveQL with
// backticks for tables, and Trino SQL with double quotes for views.
import { releaseFolder } from '../../release/layout.ts';
import type { ColumnSchema, ColumnType } from '../../table/definitions.ts';
import { TABLES, type TableSchema, tablesOf } from '../../table/schema.ts';
import { ensureTrailingSlash, type MetadataInput, titleOf } from './describe.ts';
import { commentLine, quoteHive, sqlHeader } from './sql-text.ts';
import { type View, viewsOf } from './views.ts';

const PREFIX_PLACEHOLDER = 's3://YOUR-BUCKET/PREFIX/';

/** Glue: a column's comment has at most 255 characters. */
const MAX_COMMENT_CHARACTERS = 255;

/** `dtm_idp_2026_11_24_1`: Athena allows lower-case letters, digits and `_`. */
export const athenaDatabase = ({ dataset, release }: Pick<MetadataInput, 'dataset' | 'release'>): string =>
  `${dataset}_${release}`.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_');

/** All statements, each followed by `;` and a blank line. */
export function athenaSql(input: MetadataInput): string {
  const database = athenaDatabase(input);
  const folder = `${ensureTrailingSlash(input.prefix ?? PREFIX_PLACEHOLDER)}${releaseFolder(input.release)}`;
  const schemas = tablesOf(input.api_version);
  const header = sqlHeader(input, [
    'Athena runs one statement at a time. Every semicolon in this file ends a statement.',
    ...(input.prefix === null
      ? [`Put your own bucket and prefix in the place of ${PREFIX_PLACEHOLDER}`]
      : []),
  ]);
  const statements = [
    `CREATE DATABASE IF NOT EXISTS \`${database}\`\nCOMMENT ${quoteHive(`${titleOf(input)}. ${input.credit}`)}`,
    ...TABLES.map((table) => createTable(database, schemas[table], `${folder}tables/${table}/`)),
    ...viewsOf(input.api_version, (table) => `"${database}"."${table}"`).map((view) =>
      createView(database, view),
    ),
  ];
  return `${header}\n\n${statements.map((statement) => `${statement};\n`).join('\n')}`;
}

/** Athena: tables have Hive's types. */
export const HIVE_TYPES: Record<ColumnType, string> = {
  string: 'string',
  int32: 'int',
  int64: 'bigint',
  date: 'date',
  boolean: 'boolean',
};

const columnLine = ({ name, type, description }: ColumnSchema): string =>
  `  \`${name}\` ${HIVE_TYPES[type]} COMMENT ${quoteHive(description, MAX_COMMENT_CHARACTERS)}`;

const createTable = (database: string, { name, description, columns }: TableSchema, location: string) =>
  `CREATE EXTERNAL TABLE IF NOT EXISTS \`${database}\`.\`${name}\` (
${columns.map(columnLine).join(',\n')}
)
COMMENT ${quoteHive(description)}
STORED AS PARQUET
LOCATION ${quoteHive(location)}`;

const createView = (database: string, { name, description, query }: View): string =>
  `${commentLine(description)}\nCREATE OR REPLACE VIEW "${database}"."${name}" AS\n${query}`;
