// `sql/duckdb.sql`: the tables and views over a folder, an HTTPS address or S3, whichever `base` says.
import { TABLES, type TableSchema, tablesOf } from '../../table/schema.ts';
import { wholeParquet } from '../layout.ts';
import { type Described, releaseUrl } from './describe.ts';
import { commentLine, sqlHeader, sqlText } from './sqltext.ts';
import { type View, viewsOf } from './views.ts';

/** All statements. The variable is read whenever a view is: it has to be set in every session. */
export function duckdbSql(described: Described): string {
  const schemas = tablesOf(described.api_version);
  const header = sqlHeader(described, [
    'From the folder of the release: duckdb -init sql/duckdb.sql',
    'From elsewhere, first say where the release lies, then read this file:',
  ]);
  const example = releaseUrl(described) ?? 'https://example.org/releases/YYYY-MM-DD.N/';
  const statements = [
    `SET VARIABLE base = coalesce(getvariable('base'), '')`,
    `SET VARIABLE base = CASE WHEN getvariable('base') = '' OR getvariable('base') LIKE '%/' THEN getvariable('base') ELSE getvariable('base') || '/' END`,
    ...TABLES.flatMap((table) => createTable(schemas[table])),
    ...viewsOf(described.api_version, (table) => `"${table}"`).flatMap(createView),
  ];
  return `${header}\n--   SET VARIABLE base = '${commentLine(example).slice(3)}'\n\n${statements.map((statement) => `${statement};\n`).join('\n')}`;
}

const createTable = ({ name, description, columns }: TableSchema): string[] => [
  `CREATE OR REPLACE VIEW "${name}" AS\nSELECT * FROM read_parquet(getvariable('base') || '${wholeParquet(name)}')`,
  `COMMENT ON VIEW "${name}" IS ${sqlText(description)}`,
  ...columns.map(
    (column) => `COMMENT ON COLUMN "${name}"."${column.name}" IS ${sqlText(column.description)}`,
  ),
];

const createView = ({ name, description, query }: View): string[] => [
  `CREATE OR REPLACE VIEW "${name}" AS\n${query}`,
  `COMMENT ON VIEW "${name}" IS ${sqlText(description)}`,
];
