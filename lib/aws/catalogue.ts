// Writes Athena's tables and views into the Glue catalogue, from the schema and the SQL views of a release. The tables
// point at the folders of one release. Their names never change, so a query always reads the newest release.
import {
  AlreadyExistsException,
  CreateTableCommand,
  EntityNotFoundException,
  type GlueClient,
  type TableInput,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import { HIVE_TYPES } from '../make/metadata/athena.ts';
import { viewsOf } from '../make/metadata/views.ts';
import { releaseFolder } from '../release/layout.ts';
import type { Manifest } from '../release/manifest.ts';
import type { ColumnType } from '../table/definitions.ts';
import { TABLES, type TableSchema, tablesOf } from '../table/schema.ts';
import { type TypedColumn, viewColumns } from './view-columns.ts';

/** A database of tables and views. */
export interface Catalogue {
  readonly database: string;
  /** Creates or replaces a table or view. */
  put(table: TableInput): Promise<void>;
}

export const createGlueCatalogue = (client: GlueClient, database: string): Catalogue => ({
  database,
  async put(table) {
    const input = { DatabaseName: database, TableInput: table };
    // Glue keeps a limited number of versions of a table; nobody needs them, and at the limit an update fails.
    const update = () => client.send(new UpdateTableCommand({ ...input, SkipArchive: true }));
    try {
      await update();
    } catch (error) {
      if (!(error instanceof EntityNotFoundException)) throw error;
      await client.send(new CreateTableCommand(input)).catch((other: unknown) => {
        // Another invocation created the table meanwhile. Both point at the newest release, so update it.
        if (!(other instanceof AlreadyExistsException)) throw other;
        return update();
      });
    }
  },
});

/**
 * Points the catalogue at a release below `location` (`s3://bucket/prefix`): first the tables, then the views. Glue changes
 * one table at a time: for some seconds a query that joins two tables may see two releases. Each view reads one table.
 */
export async function pointCatalogue(
  catalogue: Catalogue,
  { release, api_version }: Pick<Manifest, 'release' | 'api_version'>,
  location: string,
): Promise<void> {
  const folder = `${location.replace(/\/+$/, '')}/${releaseFolder(release)}tables/`;
  const schemas = tablesOf(api_version);
  const parameters = { release };
  for (const table of TABLES)
    await catalogue.put(tableInput(schemas[table], { location: `${folder}${table}/`, parameters }));
  for (const { name, description, query } of viewsOf(api_version, (table) => `"${table}"`)) {
    const columns = viewColumns(query, schemas);
    await catalogue.put(viewInput({ name, description, query, columns }, catalogue.database));
  }
}

/** Trino's type names; two differ from Hive's. */
const TRINO_TYPES: Record<ColumnType, string> = { ...HIVE_TYPES, string: 'varchar', int32: 'integer' };

/** Glue: a column's comment has at most 255 characters. */
const MAX_COMMENT_CHARACTERS = 255;

const PARQUET_STORAGE = {
  InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
};

const tableInput = (
  { name, description, columns }: TableSchema,
  { location, parameters }: { location: string; parameters: Record<string, string> },
): TableInput => ({
  Name: name,
  Description: description,
  TableType: 'EXTERNAL_TABLE',
  Parameters: { EXTERNAL: 'TRUE', classification: 'parquet', ...parameters },
  StorageDescriptor: {
    ...PARQUET_STORAGE,
    Location: location,
    Columns: columns.map((column) => ({
      Name: column.name,
      Type: HIVE_TYPES[column.type],
      Comment: column.description.slice(0, MAX_COMMENT_CHARACTERS),
    })),
  },
});

interface TypedView {
  readonly name: string;
  readonly description: string;
  readonly query: string;
  readonly columns: readonly TypedColumn[];
}

/** Athena: a view is a table whose text holds its definition in JSON, as base64 in a SQL comment. */
function viewInput({ name, description, query, columns }: TypedView, database: string): TableInput {
  const definition = {
    originalSql: query,
    catalog: 'awsdatacatalog',
    schema: database,
    columns: columns.map((column) => ({ name: column.name, type: TRINO_TYPES[column.type] })),
  };
  const encoded = Buffer.from(JSON.stringify(definition)).toString('base64');
  return {
    Name: name,
    Description: description,
    TableType: 'VIRTUAL_VIEW',
    Parameters: { presto_view: 'true', comment: 'Presto View' },
    ViewOriginalText: `/* Presto View: ${encoded} */`,
    ViewExpandedText: '/* Presto View */',
    StorageDescriptor: {
      SerdeInfo: {},
      Columns: columns.map((column) => ({ Name: column.name, Type: HIVE_TYPES[column.type] })),
    },
  };
}
